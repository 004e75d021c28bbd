from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bundle import made_up
from tests.bundle.pages import pages_of, rendered
from workbench.analysis.clusters.findings import RESAMPLES
from workbench.bundle.bag import Written
from workbench.bundle.content import Batch, MeasureLine
from workbench.bundle.phrases import percent, period
from workbench.bundle.report import printable_data, render
from workbench.bundle.report_data import report_data
from workbench.bundle.report_provenance import batch_data
from workbench.domain.exchange import Frame
from workbench.domain.label import Label

SHORT_DIGEST = made_up.content().case.digest[:4]


@pytest.fixture(scope="module")
def pages() -> list[str]:
    return pages_of(rendered(made_up.content()))


# --- the document ----------------------------------------------------------------------------
def test_it_is_pdf_a_and_tagged(pristine: Written) -> None:
    reader = pypdf.PdfReader(pristine.path / "data" / "report.pdf")
    assert reader.xmp_metadata is not None
    xmp = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    catalog: Any = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert str(catalog["/Lang"]).startswith("en")
    assert "/OutputIntents" in catalog
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]


def test_every_font_is_embedded_and_ours(pristine: Written) -> None:
    names = set()
    for font in fonts(pypdf.PdfReader(pristine.path / "data" / "report.pdf")):
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        assert "/FontFile2" in descriptor or "/FontFile3" in descriptor
        names.add(str(font["/BaseFont"]).split("+")[1].split("-")[0])
    assert names == {"Inter", "JetBrainsMono", "DroidSansFallback"}


def fonts(reader: pypdf.PdfReader) -> Iterator[Any]:
    for page in reader.pages:
        resources: Any = page["/Resources"]
        for font in resources["/Font"].values():
            yield font.get_object()


def test_it_dates_itself_by_the_case_and_not_by_a_clock(pristine: Written) -> None:
    reader = pypdf.PdfReader(pristine.path / "data" / "report.pdf")
    assert reader.metadata is not None
    created = reader.metadata.creation_date
    assert created is not None
    assert created.timestamp() * 1_000_000 == made_up.content().case.as_of_us


def test_the_outline_leads_to_each_subject(pristine: Written) -> None:
    reader = pypdf.PdfReader(pristine.path / "data" / "report.pdf")
    titles = [item.title for item in reader.outline if not isinstance(item, list)]
    assert titles == [
        "Evidence on coordinated accounts",
        "C-014",
        "C-021",
        "Method",
        "Frame and provenance",
    ]


# --- each page -------------------------------------------------------------------------------
def test_each_page_carries_mark_case_digest_and_number(pages: list[str]) -> None:
    for number, page in enumerate(pages, 1):
        assert "TLP:AMBER+STRICT" in page
        assert "Harbour-Lantern" in page
        assert "Case digest" in page
        assert SHORT_DIGEST in page
        assert f"Page {number} of {len(pages)}" in page


def test_one_unconfirmed_cluster_marks_every_page(pages: list[str]) -> None:
    assert any("C-014 Confirmed Finding" in page for page in pages)
    assert all("DRAFT: not all confirmed by a person" in page for page in pages)


def test_no_page_of_an_unconfirmed_report_goes_without_the_mark() -> None:
    content = made_up.content()
    pages = pages_of(rendered(replace(content, subjects=content.subjects[1:])))
    assert all("DRAFT: not confirmed by a person" in page for page in pages)


def test_a_report_of_confirmed_clusters_only_is_no_draft() -> None:
    content = made_up.content()
    pages = pages_of(rendered(replace(content, subjects=content.subjects[:1])))
    assert not any("DRAFT" in page for page in pages)


# --- what it says ----------------------------------------------------------------------------
def test_the_counter_evidence_is_on_the_first_page_and_on_each_cluster(pages: list[str]) -> None:
    against = [page for page in pages if "What speaks against it" in page]
    assert against[0] == pages[0]
    assert len(against) == 3
    assert "Benchmark runs and rating vendors" in pages[0]
    assert all("Nearest look-alike: evaluation harness, distance 0.31." in p for p in against[1:])


def test_many_signals_do_not_push_the_counter_evidence_off_the_page() -> None:
    content = made_up.content()
    many = tuple(
        replace(line, title=f"{line.title} {i}") for i in range(4) for line in made_up.signals()
    )
    story = tuple(
        f"They did the thing number {i}, and it took them a while to do." for i in range(9)
    )
    subjects = (replace(content.subjects[0], signals=many, story=story),)
    pages = pages_of(rendered(replace(content, subjects=subjects)))
    (first,) = [page for page in pages if "C-014 Confirmed Finding" in page]
    assert "What speaks against it" in first
    assert "Nearest look-alike" in first
    text = " ".join(pages)
    assert "What was measured" in text
    assert all(text.count(f" {line.title} ") for line in many)


@pytest.mark.parametrize("lines", [28, 31, 34, 37])
def test_a_long_finding_leaves_no_page_with_a_line_of_the_first(lines: int) -> None:
    """What was given stays in one piece, on the first page or the next."""
    content = made_up.content()
    story = ("They did this and that, and it took them a while to do it. " * lines,)
    subjects = (replace(content.subjects[0], story=story),)
    pages = pages_of(rendered(replace(content, subjects=subjects, others=())))
    (given,) = [page for page in pages if "Records = loaded" in page]
    assert "What was given Source log" in given
    assert pages.index(given) < 2


def test_the_first_page_says_what_was_given_and_how_to_verify(pages: list[str]) -> None:
    first = pages[0]
    assert "11,312,761" in first
    assert "Records = loaded + duplicate + blank + rejected." in first
    assert f"sha256:{made_up.content().case.digest}" in first.replace("\u200b", "").replace(" ", "")
    assert "VERIFY.txt" in first
    assert "C-007 Suspected" in first


def test_decisions_carry_who_when_why_and_their_line(pages: list[str]) -> None:
    text = " ".join(pages)
    assert (
        "2026-06-28 00:00 M. Keller SHA256:q8ZtT3nG Confirmed 96 payment hashes over 1,204 accounts"
    ) in text
    assert "A. Osei" in text
    assert "Suspected (withdrawn)" in text
    assert "9c417be0 line 4" in text


def test_the_first_page_ranks_clusters_with_accounts_and_q(pages: list[str]) -> None:
    assert "C-014 Confirmed 3 6 0.0004" in pages[0]
    assert "C-007 Suspected 212 160,000 -" in pages[0]


def test_the_methods_say_what_each_measure_is() -> None:
    content = made_up.content()
    line = MeasureLine("coordination", "Shared payers", "Repeated payment hashes.", "Own proposal")
    method = replace(content.method, measures=(line,))
    text = " ".join(pages_of(rendered(replace(content, method=method))))
    assert "Coordination Shared payers Repeated payment hashes. Own proposal" in text
    assert "Measures of a cluster" not in " ".join(pages_of(rendered(content)))


@pytest.mark.parametrize(
    ("factor", "said"),
    [(0.1, "Below them: fewer"), (0.5, "Among them: as many"), (9.0, "Above them: more")],
)
def test_coverage_is_explained(factor: float, said: str) -> None:
    content = made_up.content()
    curve = made_up.coverage()
    own = (curve.high * factor).astype(np.int64)
    subject = replace(content.subjects[0], coverage=replace(curve, subject=own))
    text = " ".join(pages_of(rendered(replace(content, subjects=(subject,)))))
    assert f"{said} things were asked about" in text


def test_what_was_not_said_or_not_assessed_says_so(pages: list[str]) -> None:
    text = " ".join(pages)
    assert "Sampling not said" in text
    assert "Share of streaming not assessed" in text
    assert "Coordination not assessed" in text


def test_every_run_and_every_limit_is_printed(pages: list[str]) -> None:
    text = " ".join(pages)
    assert "cells=1024 seed=7" in text
    assert "One operator who buys aged accounts" in text
    assert "They show neither training nor who ordered it" in text


def test_stability_names_the_resamples_that_were_really_made(pages: list[str]) -> None:
    said = f"stability 0.98 ({RESAMPLES} resamples)"
    assert any(said in page for page in pages)
    assert not any("of 100 resamples" in page for page in pages)


def test_nothing_claims_more_than_logs_show(pages: list[str]) -> None:
    text = " ".join(pages).lower()
    for word in ("attacker", "stole", "theft", "guilty", "to copy a model", "illegal", "believed",
                 "was taken"):  # fmt: skip
        assert word not in text


def test_long_lists_are_cut_and_say_how_much_is_left() -> None:
    content = made_up.content()
    many = tuple(replace(content.sources[0], path=f"logs/{i}.jsonl") for i in range(90))
    batch = replace(content.batches[0], sources=many)
    labelled = tuple(made_up.decision(i, Label.BENIGN, "x") for i in range(1, 100))
    text = " ".join(pages_of(rendered(replace(content, batches=(batch,), decisions=labelled))))
    assert "… 85 more" in text
    assert "50 more sources in data/sources.csv." in text
    assert "39 more earlier decisions in data/labels.jsonl." in text


def test_a_case_without_map_times_or_runs_still_prints() -> None:
    content = made_up.content()
    bare = replace(
        content.subjects[0], timeline=None, coverage=None, coverage_missing="No prompt is known.",
        place=None, exhibits=(), delivered=None, story=(), signals=(), check_next=(), axes={},
    )  # fmt: skip
    method = replace(content.method, runs=(), limits=(), error_rates=(), stages=())
    empty = replace(
        content, subjects=(bare,), others=(), overview=None, method=method, decisions=(),
        journals=(), case=replace(content.case, first_us=None, last_us=None), batches=(),
    )  # fmt: skip
    text = " ".join(pages_of(rendered(empty)))
    assert "No prompt is known." in text
    assert "Nobody has labelled these accounts." in text
    assert "No run is recorded." in text


# --- hostile text ----------------------------------------------------------------------------
def test_the_menagerie_prints_as_text(pristine: Written) -> None:
    pdf = (pristine.path / "data" / "report.pdf").read_bytes()
    text = " ".join(pages_of(pdf)).replace("\u200b", "")
    assert "<script>alert(1)</script>" in text
    assert '#image("/etc/passwd") #panic("x")' in text
    assert "<U+202E>" in text
    assert "<U+001B>[31m" in text
    assert "<U+1F600>" in text
    assert "<U+D800> lone <U+DFFF>" in text


def test_nothing_in_the_document_acts(pristine: Written) -> None:
    reader = pypdf.PdfReader(pristine.path / "data" / "report.pdf")
    catalog: Any = reader.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/AcroForm", "/JavaScript"} & set(catalog)
    assert not {"/JavaScript", "/EmbeddedFiles"} & set(catalog.get("/Names", {}))
    for page in reader.pages:
        assert "/AA" not in page
        for annotation in page.get("/Annots") or ():
            action = annotation.get_object().get("/A", {})
            assert action.get("/S") not in {"/URI", "/Launch", "/JavaScript", "/GoToR"}


HOSTILE = st.text(st.characters(exclude_categories=()), max_size=200)


@given(HOSTILE, HOSTILE, HOSTILE)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_compiles(one: str, two: str, three: str) -> None:
    content = made_up.content((one, two, three))
    named = replace(
        content,
        case=replace(content.case, name=one, id=two, marking=three),
        decisions=(made_up.decision(1, Label.BENIGN, one, analyst=two),),
        subjects=(replace(content.subjects[0], against=(three,), lookalike=one),),
    )
    assert render(named, []).startswith(b"%PDF-1.7")


def test_every_string_of_the_data_is_made_printable() -> None:
    content = made_up.content(made_up.MENAGERIE)
    clean = printable_data(report_data(content, []))

    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for item in value.values():
                yield from strings(item)
        elif isinstance(value, list):
            for item in value:
                yield from strings(item)

    found = list(strings(clean))
    assert len(found) > 200
    assert not [text for text in found if any(c in text for c in "\u202e\x1b\x00\ud800\u200b")]


# --- numbers ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.0 %"), (0.0001, "< 0.1 %"), (0.055, "5.5 %"), (1.0, "100.0 %")]
)
def test_shares_never_read_as_nothing(value: float, text: str) -> None:
    assert percent(value) == text


def test_periods_in_prose() -> None:
    day = made_up.DAY_US
    assert period(made_up.FIRST_US, made_up.FIRST_US + 43 * day) == "12 May to 24 June 2026"
    assert period(made_up.FIRST_US, made_up.FIRST_US + 300 * day) == "12 May 2026 to 8 March 2027"
    assert period(made_up.FIRST_US, made_up.FIRST_US + 5) == "12 May 2026"
    assert period(None, 1) == ""


def test_what_was_left_out_at_the_door_stands_with_its_import() -> None:
    whole = "x" * 1_200
    batch = Batch(1, 0, Frame(), {}, (), left_out=("Texts are not in the case.", whole))
    said = {row["name"]: row["value"] for row in batch_data(batch)["frame"]}
    assert said["Left out at the door"] == f"Texts are not in the case. {whole}"
    assert "Left out at the door" not in {
        row["name"] for row in batch_data(replace(batch, left_out=()))["frame"]
    }


def test_limits_and_look_alikes_stand_on_the_first_page(pages: list[str]) -> None:
    content = made_up.content()
    assert "Nearest look-alike: C-014: evaluation harness, distance 0.31" in pages[0]
    for limit in content.method.limits[:3]:
        assert limit in pages[0]
