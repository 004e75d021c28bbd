"""The files of a share edition, and the folder that holds them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.bundle.bag import write_sealed
from workbench.bundle.certificate import BLANK, Filled, form_902
from workbench.bundle.content import EVIDENCE_SCHEMA
from workbench.bundle.documents import About, how_to_verify, info_text
from workbench.bundle.figures import (
    CATEGORIES,
    Drawn,
    coverage_numbers,
    draw_coverage,
    draw_timeline,
    timeline_numbers,
)
from workbench.bundle.layout import BAG_INFO
from workbench.bundle.payload import ROW_GROUP, even, when, write_json, write_lines
from workbench.bundle.printable import markdown_text
from workbench.bundle.share.content import EVIDENCE
from workbench.bundle.share.report import left_out, render
from workbench.bundle.viewing import ViewingCopy, write_viewing_copy
from workbench.domain.progress import ScaledJob
from workbench.domain.text import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from workbench.bundle.bag import Sizes, Written
    from workbench.bundle.share.content import ShareContent
    from workbench.bundle.sign import Signer
    from workbench.domain.progress import JobContext

_WHERE: Final = """\
  which accounts                 data/accounts.csv, by words that stand for them
  what they ask                  data/templates.csv, data/exhibits.jsonl
  from which logs                data/sources.csv
  the exchanges themselves       data/evidence.parquet (exact), data/exchanges.csv (for reading)
  by which method                data/method.json
  who decided what and when      data/decisions.jsonl, data/audit/heads.json
  what speaks against it         data/alternatives.md, data/report.pdf
  what was left out or replaced  data/redactions.json
  for other tools                data/share/stix21.json (STIX 2.1), where it could be made
  the figures' numbers           data/figures/
  a form to certify it by        data/certificate-902.txt (unsigned)"""
_METHOD: Final = """\
Its versions and
       parameters are in data/method.json; data/redactions.json says what was replaced or left out
       of this edition. The same logs, parameters and"""
#: Columns of a full edition that have one here, by the same name or as a word.
_STANDS_FOR: Final = {*EVIDENCE.names, "exchange_id", "account_key", "prompt_digest"} - {"prompt"}
_NOTE: Final = (
    "This is a share edition: accounts and prompts stand as keyed words of this recipient, texts "
    "are left out but for skeletons and for exhibits that a person chose, both scrubbed."
)


def write_share(content: ShareContent, out: Path, signer: Signer, job: JobContext) -> Written:
    """Write and sign a share edition; errors as of ``bag.write_bundle``."""
    if not content.subjects:
        raise ValueError("a share edition needs something to share")
    about = About(
        id=content.case_id,
        title=f"Share edition for {content.recipient}",
        case="",
        digest=content.digest,
        marking=content.marking,
        where=_WHERE,
        note=_NOTE,
        journals=False,
        more={"Recipient": content.recipient, "Share-Key": content.key_id},
    )

    def tags(sizes: Sizes) -> dict[str, str]:
        return {
            BAG_INFO: info_text(about, n_bytes=sizes.n_bytes, n_files=sizes.n_payload),
            "VERIFY.txt": how_to_verify(about, n_payload=sizes.n_payload, n_all=sizes.n_all),
        }

    return write_sealed(out, partial(_fill, content), tags, signer, job)


def _fill(content: ShareContent, data: Path, job: JobContext) -> None:
    _evidence(content, data, ScaledJob(job, 0.0, 0.7))
    tables = (
        ("accounts", content.accounts),
        ("templates", content.templates),
        ("sources", content.sources),
        ("clusters", _clusters(content)),
    )
    for name, table in tables:
        write_viewing_copy(table, data / f"{name}.csv")
    write_lines(data / "decisions.jsonl", _decisions(content))
    write_lines(data / "exhibits.jsonl", _exhibits(content))
    (data / "audit").mkdir()
    write_json(data / "audit" / "heads.json", content.heads)
    write_json(data / "method.json", _method(content))
    write_json(data / "redactions.json", _redactions(content))
    (data / "alternatives.md").write_text(_alternatives(content), "utf-8", newline="\n")
    form = form_902(_certified(content))
    (data / "certificate-902.txt").write_text(form, "utf-8", newline="\n")
    if content.stix:
        (data / "share").mkdir()
        (data / "share" / "stix21.json").write_bytes(content.stix)
    job.report("Drawing figures", done=0.7)
    (data / "figures").mkdir()
    figures = []
    for drawn in _drawn(content):
        job.check()
        (data / "figures" / f"{drawn.name}.svg").write_text(drawn.svg, "utf-8", newline="\n")
        write_viewing_copy(drawn.numbers, data / "figures" / f"{drawn.name}.csv")
        figures.append(drawn)
    job.report("Setting the report", done=0.8)
    (data / "report.pdf").write_bytes(render(content, figures))


def _evidence(content: ShareContent, data: Path, job: JobContext) -> None:
    done = 0
    with (
        pq.ParquetWriter(data / "evidence.parquet", EVIDENCE, compression="zstd") as parquet,
        ViewingCopy(data / "exchanges.csv", EVIDENCE) as copy,
    ):
        for batch in even(content.evidence(), ROW_GROUP):
            job.check()
            parquet.write_batch(batch, row_group_size=ROW_GROUP)
            copy.write(batch)
            done += batch.num_rows
            job.report("Writing exchanges", count=done, total=content.n_evidence, unit="exchanges")
    if done != content.n_evidence:
        raise ValueError(f"{done} exchanges arrived, {content.n_evidence} were announced")


def _clusters(content: ShareContent) -> pa.Table:
    rows = [
        {
            "cluster_id": one.id,
            "n_accounts": one.n_accounts,
            "n_exchanges": one.n_exchanges,
            "score": one.score,
            "q": one.q,
            "verdict": one.verdict,
            "label": None if one.label is None else one.label.value,
            "nearest_lookalike": one.lookalike,
            **{f"p_{axis}": p for axis, p in one.axes.items()},
        }
        for one in content.subjects
        if one.is_cluster
    ]
    axes = list(content.subjects[0].axes)
    return pa.Table.from_pylist(
        rows,
        schema=pa.schema(
            [
                ("cluster_id", pa.string()),
                ("n_accounts", pa.int64()),
                ("n_exchanges", pa.int64()),
                ("score", pa.float64()),
                ("q", pa.float64()),
                ("verdict", pa.string()),
                ("label", pa.string()),
                ("nearest_lookalike", pa.string()),
                *((f"p_{axis}", pa.float64()) for axis in axes),
            ]
        ),
    )


def _decisions(content: ShareContent) -> Iterator[dict[str, Any]]:
    for one in content.decisions:
        analyst = {"fingerprint": one.fingerprint}
        yield {
            "at": when(one.at_us),
            "analyst": analyst | ({"name": one.analyst} if one.analyst else {}),
            "label": one.label.value,
            "cluster_id": one.cluster_id or None,
            "n_accounts": one.n_accounts,
            "entry": one.entry,
            "withdrawn": one.withdrawn,
        }


def _exhibits(content: ShareContent) -> Iterator[dict[str, Any]]:
    for one in content.exhibits:
        yield {
            "exhibit": one.number,
            "account": one.account,
            "cluster_id": one.cluster_id or None,
            "at": when(one.at_us),
            "prompt": one.prompt,
        }


def _method(content: ShareContent) -> dict[str, Any]:
    return {
        "versions": content.versions,
        "settings": content.settings,
        "stages": [
            dict(zip(("stage", "key", "digest"), one, strict=True)) for one in content.stages
        ],
        "error_rates": list(content.error_rates),
        "limits": list(content.limits),
    }


def _certified(content: ShareContent) -> Filled:
    logs = [
        f"   sha256 {row['sha256'] or 'not read'}\n"
        f"     holds {plural(row['n_exchanges'], 'exchange', 'exchanges')} of this edition\n"
        f"     system     [{BLANK}]\n"
        f"     custodian  [{BLANK}]\n"
        for row in content.sources.to_pylist()
    ]
    return Filled(
        case=f"{content.case_id}, share edition for {content.recipient}",
        digest=content.digest,
        as_of_us=content.as_of_us,
        program=content.versions.get("workbench", ""),
        n_exchanges=content.n_evidence,
        n_accounts=content.accounts.num_rows,
        method=_METHOD,
        limits="data/method.json",
        decisions="in data/decisions.jsonl",
        logs="\n".join(logs),
    )


def _redactions(content: ShareContent) -> dict[str, Any]:
    return {
        "edition": "share",
        "recipient": content.recipient,
        "key_id": content.key_id,
        "columns_of_exchanges": EVIDENCE.names,
        "columns_left_out": [name for name in EVIDENCE_SCHEMA.names if name not in _STANDS_FOR],
        "rules": [
            {"what": one.what, "rule": one.rule, "count": one.count}
            | ({"key_id": content.key_id} if one.keyed else {})
            for one in content.redactions
        ],
    }


def _alternatives(content: ShareContent) -> str:
    parts = [
        "# What speaks against the findings\n",
        f"Share edition for {markdown_text(content.recipient)}, case digest "
        f"`sha256:{content.digest}`. A finding is computed; it is never an accusation.\n",
    ]
    for one in content.subjects:
        parts += [f"## {one.id}\n", _items((*one.against, *left_out(one)))]
        if one.lookalikes:
            parts += [f"### {one.id}: benign explanations, nearest first\n", _items(one.lookalikes)]
    parts += ["## Known errors\n", _items(content.error_rates)]
    parts += ["## Limits\n", _items(content.limits)]
    return "\n".join(parts)


def _items(lines: Iterable[str]) -> str:
    return "".join(f"- {markdown_text(line)}\n" for line in lines)


def _drawn(content: ShareContent) -> Iterator[Drawn]:
    number = 0
    for one in content.subjects:
        colour = CATEGORIES[one.category]
        if one.timeline is not None:
            number += 1
            line = one.timeline
            alt = f"Exchanges {line.per}, UTC, of {one.id}: {int(line.subject.sum()):,} in all."
            name = f"{number:02d}-{one.id}-timeline"
            numbers = timeline_numbers(line).drop_columns(["other"])
            yield Drawn(name, "timeline", one.id, draw_timeline(line, colour), numbers, alt)
        if one.coverage is not None:
            number += 1
            curve = one.coverage
            alt = (
                f"{one.id} asked {int(curve.subject[-1]):,} different prompts among "
                f"{int(curve.sent[-1]):,}; comparison groups {curve.low[-1]:,.0f} to "
                f"{curve.high[-1]:,.0f}."
            )
            name = f"{number:02d}-{one.id}-coverage"
            svg = draw_coverage(curve, one.id, colour)
            yield Drawn(name, "coverage", one.id, svg, coverage_numbers(curve), alt)
