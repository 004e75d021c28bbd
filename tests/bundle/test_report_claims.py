"""What a report claims, in whose name, and what can be copied out of it."""

import io
import json
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest

from tests.bundle import made_up
from tests.bundle.pages import pages_of, rendered
from workbench.bundle.bag import write_bundle
from workbench.bundle.content import BundleContent, PlantedTable, StampCopy
from workbench.bundle.documents import alternatives_md
from workbench.bundle.report_cover import cover_data
from workbench.case.identity import Signer
from workbench.domain.label import Label
from workbench.domain.progress import Job


@pytest.fixture(scope="module")
def pages() -> list[str]:
    return pages_of(rendered(made_up.content()))


# --- what is confirmed and what is not ---------------------------------------------------------
def test_what_nobody_confirmed_is_counted_apart(pages: list[str]) -> None:
    assert "1 of 2 clusters confirmed by a person; logs of" in pages[0]
    for words in ("2 clusters, 1 confirmed", "6 accounts, 3 confirmed", "exchanges, 6 confirmed"):
        assert words in pages[0]
    assert "Found by the analysis" not in pages[0]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("multi-axis", "Found by the analysis, confirmed by a person"),
        ("triage", "Found by the analysis, confirmed by a person"),
        ("no-finding", "Confirmed by a person; the analysis has no finding of its own"),
        ("not-assessed", "Confirmed by a person; the analysis has no finding of its own"),
    ],
)
def test_what_person_and_analysis_say_stands_under_the_title(verdict: str, said: str) -> None:
    content = made_up.content()
    confirmed = replace(content.subjects[0], verdict=verdict)
    cover = cover_data(replace(content, subjects=(confirmed,)))
    assert cover["subtitle"].startswith(said)
    assert cover["key_figures"][0] == {"value": "1", "words": "campaign confirmed"}


def test_accounts_beside_a_campaign_are_not_counted_with_it() -> None:
    content = made_up.content()
    others = picked(2, None).subjects[0]
    cover = cover_data(replace(content, subjects=(content.subjects[0], others)))
    assert "Found by the analysis" not in cover["subtitle"]
    assert cover["key_figures"][1] == {"value": "5", "words": "accounts, 3 confirmed"}


# --- what would have been found ----------------------------------------------------------------
def test_what_would_have_been_found_is_a_table_with_what_it_cannot_show(
    tmp_path: Path, key: Signer
) -> None:
    content = made_up.content()
    head = ("Accounts", "Share", "Exchanges", "Harvested", "Multi", "Triage", "Precision", "Found")
    planted = PlantedTable(
        head,
        (("60", "0.6", "2,610", "1,626", "0.93", "0.95", "0.98", "2 of 3 [0.09, 0.99]"),),
        ("The case has changed since.", "Planted with prompts of #panic(1)\u202e\x00 on 1 May."),
        {"cells": [{"precision": float("nan")}]},
    )
    with_it = replace(content, method=replace(content.method, planted=planted))
    text = " ".join(pages_of(rendered(with_it)))
    for words in ("What would have been found", "2,610", "2 of 3 [0.09, 0.99]", "changed since"):
        assert words in text
    assert "#panic(1)<U+202E><U+0000>" in text
    written = write_bundle(with_it, tmp_path / "bundle", key, Job())
    numbers = json.loads((written.path / "data" / "method" / "power.json").read_text())
    assert numbers == {"cells": [{"precision": None}]}


def test_what_was_not_measured_is_a_sentence_and_no_table() -> None:
    content = made_up.content()
    planted = PlantedTable(("Accounts",), (), ("It was not measured.",))
    method = replace(content.method, planted=planted)
    text = " ".join(pages_of(rendered(replace(content, method=method))))
    assert "What would have been found" in text
    assert "It was not measured." in text


# --- text that is copied out -------------------------------------------------------------------
def test_digests_names_and_keys_are_copied_out_whole() -> None:
    content = made_up.content()
    long = "gateway-" + "0123456789" * 4 + ".jsonl.gz"
    source = replace(content.sources[0], path=f"/logs/{long}")
    batch = replace(content.batches[0], sources=(source, *content.batches[0].sources[1:]))
    pdf = rendered(replace(content, batches=(batch, *content.batches[1:])))
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    assert not any(unicodedata.category(character) == "Cf" for character in text)
    text = text.replace("\n", "")
    digests = [content.case.digest, *(one.sha256 for one in content.sources)]
    digests += [str(journal.head["digest"]) for journal in content.journals]
    assert all(len(one) == 64 for one in digests)
    for whole in (*digests, long, *(stage["key"][:32] for stage in content.method.stages)):
        assert whole in text


# --- accounts that a person picked -------------------------------------------------------------
def picked(n_accounts: int, label: Label | None) -> BundleContent:
    """A report on accounts in no cluster, as the services gather it."""
    content = made_up.content()
    subject = replace(
        content.subjects[0], id="Accounts", is_cluster=False, category=-1, label=label,
        confirmed=label is Label.CONFIRMED, n_accounts=n_accounts, n_members=n_accounts,
        signals=() if n_accounts > 1 else content.subjects[0].signals, axes={}, q=None, score=0.0,
        verdict="no-finding", story=("They sent 6 exchanges.",), check_next=(), entries=(),
        against=("The analysis does not link them.",), lookalike_distance=None,
    )  # fmt: skip
    return replace(content, subjects=(subject,), against=(), decisions=())


@pytest.mark.parametrize("label", [None, Label.CONFIRMED])
@pytest.mark.parametrize("n_accounts", [1, 3])
def test_a_report_on_picked_accounts_claims_nothing(n_accounts: int, label: Label | None) -> None:
    pages = pages_of(rendered(picked(n_accounts, label)))
    noun = "account" if n_accounts == 1 else "accounts"
    assert f"Exchanges of {n_accounts} selected {noun}" in pages[0]
    assert (
        f"They sent 6 exchanges. No person has labelled {'it' if n_accounts == 1 else 'them'}."
        in pages[0]
    )
    text = " ".join(pages)
    for claim in (
        "coordinated accounts", "Found by the analysis", "campaigns confirmed",
        "campaign confirmed", "The finding", "DRAFT", "Finding:", "Nearest look-alike:", "By axis",
        "Labels were given",
    ):  # fmt: skip
        assert claim not in text
    assert ("What was measured" in text) is (n_accounts == 1)


def test_a_look_alike_is_told_once() -> None:
    content = made_up.content()
    told = "It resembles a benign evaluation harness (distance 0.31)."
    subject = replace(content.subjects[0], against=(told, *content.subjects[0].against))
    text = " ".join(pages_of(rendered(replace(content, subjects=(subject,), against=()))))
    assert told in text
    assert "Nearest look-alike" not in text
    said = alternatives_md(replace(content, subjects=(subject,), against=()))
    assert said.count("evaluation harness") == 1
    assert "look-alike: evaluation harness" in alternatives_md(content)


def test_one_account_of_a_confirmed_cluster_is_no_campaign() -> None:
    content = made_up.content()
    alone = replace(content.subjects[0], n_accounts=1, n_members=118)
    first = pages_of(rendered(replace(content, subjects=(alone,))))[0]
    assert "Exchanges of 1 selected account" in first
    assert "1 of its 118 accounts exported." in first
    assert "campaign confirmed" not in first


def test_labels_of_other_accounts_are_not_said_of_these() -> None:
    content = made_up.content()
    first = pages_of(rendered(replace(content, subjects=content.subjects[1:])))[0]
    assert content.decisions
    assert "No person has labelled them." in first
    assert "Labels were given" not in first


def test_people_of_one_name_are_told_apart_by_their_keys() -> None:
    content = made_up.content()
    standing = [one for one in content.decisions if not one.withdrawn]
    assert len(standing) == 2
    mine, other = (replace(one, analyst="analyst") for one in standing)
    other = replace(other, fingerprint="SHA256:Zz" + mine.fingerprint[9:])
    cover = cover_data(replace(content, decisions=(mine, other)))
    said = cover["summary"][-1]["text"]
    assert "given by analyst (SHA256:ZzZtT3nG) and analyst (SHA256:q8ZtT3nG)." in said


HOSTILE = "CN=<b>clock</b> \u202e"


def test_stamps_and_clocks_that_were_set_back_are_told() -> None:
    content = made_up.content()
    (journal,) = content.journals
    assert "nothing shows that a clock was set back" in " ".join(pages_of(rendered(content)))
    stamp = StampCopy("5" * 64, b"{}", b"", datetime(2026, 6, 28, 9, 30, tzinfo=UTC), HOSTILE)
    told = replace(
        content,
        journals=(replace(journal, clock=((4, 90_000_000), (7, 5))),),
        stamps=(stamp,),
    )
    text = " ".join(" ".join(pages_of(rendered(told))).split())
    assert "The clock was set back before 2 entries were written" in text
    assert f"line 4 of {journal.key[:8]} (set back by 2 minutes); line 7" in text
    assert "2026-06-28 09:30:00" in text
    assert "CN=<b>clock</b>" in text
