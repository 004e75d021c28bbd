"""Made-up content of a bundle: two clusters, one confirmed, and texts that mean harm."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tests.bundle.delivered import delivered
from tests.bundle.keys import TestKey
from workbench.bundle.content import (
    EVIDENCE_SCHEMA,
    REJECTS_SCHEMA,
    Batch,
    BundleContent,
    CaseFacts,
    Decision,
    JournalCopy,
    Method,
    OtherCluster,
    Run,
    Texts,
)
from workbench.bundle.subject import (
    CoverageCurve,
    Exhibit,
    MapPicture,
    SignalLine,
    Subject,
    Timeline,
)
from workbench.case.journal_lines import NOTHING, make_line
from workbench.domain.exchange import Accounting, Frame, SourceReport
from workbench.domain.finding import ACCOUNTS_SCHEMA, CLUSTERS_SCHEMA
from workbench.domain.label import EntryKind, Label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

DAY_US = 86_400_000_000
FIRST_US = int(dt.datetime(2026, 5, 12, tzinfo=dt.UTC).timestamp()) * 1_000_000

#: Texts that do harm where text is obeyed: markup, formulas, terminals, scripts, bidi, fonts.
MENAGERIE = (
    '=HYPERLINK("http://example.invalid","click")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "a;=1+1",
    "\uff1d1+1",
    "<script>alert(1)</script><img src=http://example.invalid/x.png>",
    '#image("/etc/passwd") #panic("x") $ x $ *b* _i_ `c` @ref <label> // c /* c',
    "![x](http://example.invalid/x.png) [y](javascript:alert(1)) www.example.invalid",
    "evil\u202egnp.exe \u2066x\u2069 \u200b\u200d\ufeff zero",
    "\x1b[31mred\x1b]8;;http://example.invalid\x07link\x1b[0m \x00 NUL \x08 back \x7f",
    "\ud800 lone \udfff",
    "中文 日本語 한국어 ไทย العربية עברית हिन्दी 😀👨‍👩‍👧 \U000e0041\ufe0f \ue000",
    "Z" + "\u0335\u0336\u0337\u0338" * 30,
    "x" * 5_000,
    "line\nline\r\nline\u2028line\x0bline",
    "\\u202e \\x1b %s {0} ${HOME} $(id) `id` ; rm -rf ~ && true",
    "",
)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def bounded(text: str) -> str:
    """As the case stores it: Arrow strings hold no lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode()


def grid(seed: int, spots: Sequence[tuple[float, float, float, int]]) -> NDArray[np.int64]:
    """Counts of points scattered around spots (x, y, spread, n) on a grid of 120 x 200."""
    random = np.random.default_rng(seed)
    counts = np.zeros((120, 200), np.int64)
    for x, y, spread, n in spots:
        rows = np.clip(random.normal(y / 4, spread / 4, n), 0, 119).astype(int)
        columns = np.clip(random.normal(x / 4, spread * 0.3, n), 0, 199).astype(int)
        np.add.at(counts, (rows, columns), 1)
    return counts


def timeline(seed: int) -> Timeline:
    random = np.random.default_rng(seed)
    edges = FIRST_US + np.arange(45, dtype=np.int64) * DAY_US
    other = random.poisson(320, 44).astype(np.int64)
    subject = np.zeros(44, np.int64)
    for begin, end, height in ((9, 18, 800), (20, 31, 1200), (33, 42, 1300)):
        subject[begin:end] = random.poisson(height, end - begin)
    events = ((FIRST_US + 8 * DAY_US, "412 sign-ups"), (FIRST_US + 32 * DAY_US, "640 sign-ups"))
    return Timeline(edges, subject, other, "a day", events)


def coverage() -> CoverageCurve:
    sent = np.linspace(0, 5_200, 60).astype(np.int64)
    subject = (907 * (1 - np.exp(-sent / 2_000)) / (1 - np.exp(-2.6))).astype(np.int64)
    median = 350 * (1 - np.exp(-sent / 2_400))
    return CoverageCurve(
        sent, subject, median * 0.6, median, median * 1.5, 198, "accounts in no cluster"
    )


def signals() -> tuple[SignalLine, ...]:
    rows = (
        ("content", "Distance of topics to the population", "0.31", 99.9),
        ("content", "Coverage evenness", "0.93", 99.6),
        ("content", "Template share", "0.88", 98.1),
        ("automation", "Hours awake a day", "23.1 h", 97.0),
        ("automation", "Inter-arrival regularity", "0.71", 91.4),
        ("coordination", "Shared payment hash", "0.81", 99.2),
        ("coordination", "Shared networks", "0.42", 71.0),
    )
    lines = [
        SignalLine(axis, title, value, percentile, f"{title} is {value} among these accounts.")
        for axis, title, value, percentile in rows
    ]
    lines.append(
        SignalLine("automation", "Share of streaming", "", None, "Column stream is empty.")
    )
    return tuple(lines)


def exhibits(start: int, prompts: tuple[str, ...]) -> tuple[Exhibit, ...]:
    return tuple(
        Exhibit(
            f"E-{start + i}",
            10_000 + i,
            f"key-{i:04d}",
            FIRST_US + i * DAY_US,
            "gateway-2026-05.jsonl.gz",
            4_711 + i,
            prompt[:700],
            len(prompt),
            "largest template, 412 prompts",
        )
        for i, prompt in enumerate(prompts)
    )


ORDINARY = (
    "Solve step by step and show the internal reasoning behind the completed response: A train "
    "leaves at 08:40 and arrives at 11:25 after two stops of 6 minutes. How long did it move?",
    "Solve step by step and show the internal reasoning behind the completed response: A tank "
    "holds 480 litres and drains 12 litres a minute. After how many minutes is it half empty?",
    "Rate the following answer from 1 to 10 on correctness, depth and style, then rewrite it so "
    'that it would score 10: "Photosynthesis turns light into sugar."',
)


def subject(
    name: str, category: int, label: Label | None, prompts: tuple[str, ...], *, start: int = 1
) -> Subject:
    spot = grid(category, [(400, 240, 60, 5_200)])
    return Subject(
        id=name,
        is_cluster=True,
        category=category,
        label=label,
        confirmed=label is Label.CONFIRMED,
        labelled={label.value: 3} if label else {},
        n_unreviewed=0 if label else 3,
        n_accounts=3,
        n_members=3,
        n_entities=3,
        n_exchanges=6,
        first_us=FIRST_US,
        last_us=FIRST_US + 43 * DAY_US,
        verdict="multi-axis",
        score=0.97,
        q=0.0004,
        q_nominal=True,
        stability=0.98,
        axes={"content": 0.0002, "automation": 0.004, "coordination": None},
        story=(
            "3 accounts worked as one.",
            "They asked 5,200 questions from 31 templates, each account taking its own share of "
            "the same grid.",
            "They visited 907 of 1,024 cells of the prompt space.",
        ),
        signals=signals(),
        against=(
            "112 of 1,204 accounts (9 %) also hold ordinary chat that fits no template.",
            "Shared networks are common: two of three are public cloud ranges.",
        ),
        lookalike="evaluation harness",
        lookalike_distance=0.31,
        check_next=("Ask billing whether the three payment hashes are one customer.",),
        delivered=delivered([bounded(text) for text in MENAGERIE if text.strip()]),
        timeline=timeline(category),
        coverage=coverage(),
        place=MapPicture(
            grid(9, [(380, 250, 160, 20_000)]) + spot,
            {name: spot},
            (0.0, 0.0, 1.0, 1.0),
            "reasoning, step, show",
        ),
        exhibits=exhibits(start, prompts),
        exhibit_rule="Two accounts of each of the three largest templates, the earliest first.",
        entries=tuple(digest(f"entry {line}") for line in (1, 3, 4)) if label else (),
    )


def accounts(subjects: tuple[Subject, ...]) -> pa.Table:
    rows = [
        {
            "account_id": bounded(MENAGERIE[i]) if i else f"key-{item.id}",
            "org_id": None,
            "n_exchanges": 2,
            "first_ts": dt.datetime(2026, 5, 12, 9, i),
            "last_ts": dt.datetime(2026, 6, 24, 18, i),
            "cluster_id": item.id,
            "membership": 0.9,
            "score": 0.97,
            "cluster_q": 0.0004,
            "verdict": item.verdict,
            "nearest_lookalike": item.lookalike,
            "label": item.label.value if item.label else None,
        }
        for item in subjects
        for i in range(item.n_accounts)
    ]
    return pa.Table.from_pylist(rows, schema=ACCOUNTS_SCHEMA)


def evidence(n: int = 12) -> list[pa.RecordBatch]:
    rows = [
        {
            "exchange_id": 10_000 + i,
            "source_sha256": digest("log"),
            "record_no": i + 1,
            "byte_offset": i * 1_000,
            "fate": "loaded",
            "account_key": f"key::key-{i % 3:04d}",
            "cluster_id": "C-014",
            "account_id": f"key-{i % 3:04d}",
            "ts": dt.datetime(2026, 5, 12, 9, 0, i % 60),
            "model": "large-4",
            "in_tok": 120,
            "out_tok": 900 + i,
            "temperature": 0.7,
            "prompt": bounded(MENAGERIE[i % len(MENAGERIE)]),
            "completion": "Answer.",
        }
        for i in range(n)
    ]
    table = pa.Table.from_pylist(rows, schema=EVIDENCE_SCHEMA)
    batches: list[pa.RecordBatch] = table.to_batches(max_chunksize=5)
    return batches


def rejects() -> Iterator[pa.RecordBatch]:
    yield pa.RecordBatch.from_pylist(
        [
            {
                "source_sha256": digest("log"),
                "record_no": 7,
                "byte_offset": 912,
                "reason": "not JSON",
                "raw": b'{"prompt": \xff\x00',
            }
        ],
        schema=REJECTS_SCHEMA,
    )


def decision(
    line: int, label: Label, why: str, *, analyst: str = "M. Keller", **more: Any
) -> Decision:
    return Decision(
        at_us=FIRST_US + (44 + line) * DAY_US,
        analyst=analyst,
        fingerprint="SHA256:q8ZtT3nG2yYv1WqS0m4o6Xb9cE5rK7uJhLdPzAfIi0M",
        label=label,
        why=why,
        accounts=("key::key-0000", "key::key-0001", "key::key-0002"),
        cluster_id=more.pop("cluster_id", "C-014"),
        journal="9c417be052ad18f3",
        line=line,
        entry=digest(f"entry {line}"),
        **more,
    )


def journal(word: str = "keller", n: int = 3) -> JournalCopy:
    """A journal of notes, chained and signed."""
    key = TestKey(word)
    lines: list[bytes] = []
    head = NOTHING
    for number in range(1, n + 1):
        line = make_line(
            EntryKind.NOTE,
            {"text": bounded(MENAGERIE[number])},
            signer=key,
            case="case-2026-0147",
            number=number,
            previous=head,
            seen={},
            at_us=FIRST_US + number,
        )
        lines.append(line + b"\n")
        head = hashlib.sha256(line).hexdigest()
    return JournalCopy(key.journal, tuple(lines), {"number": n, "digest": head})


def content(prompts: tuple[str, ...] = ORDINARY, **changes: Any) -> BundleContent:
    """A whole bundle's content; ``changes`` replace fields of it."""
    subjects = (
        subject("C-014", 0, Label.CONFIRMED, prompts),
        subject("C-021", 2, None, prompts[:2], start=len(prompts) + 1),
    )
    spots = [(x, y, 38, 3_000) for x in range(60, 800, 120) for y in range(50, 480, 95)]
    one, two = grid(3, [(400, 240, 30, 5_200)]), grid(4, [(660, 330, 14, 900)])
    table = accounts(subjects)
    clusters = pa.Table.from_pylist(
        [
            {"cluster_id": item.id, "n_accounts": 3, "n_exchanges": 6, "verdict": item.verdict,
             "axes": "content 0.0002", "score": 0.97}
            for item in subjects
        ],
        schema=CLUSTERS_SCHEMA,
    )  # fmt: skip
    specs = pa.table(
        {
            "name": ["topic_distance", "coverage_evenness"],
            "axis": ["content", "content"],
            "title": ["Distance of topics to the population", "Coverage evenness"],
            "unit": ["", "share"],
            "needs": ["prompt", "prompt"],
            "source": ["Gretton et al. 2012", "Hill 1973"],
            "evades": ["Mixing in ordinary prompts.", "Asking about one topic only."],
            "not_assessed": pa.array([None, None], pa.string()),
        }
    )
    frame = Frame(custodian="Platform logging", system="gateway", query="SELECT * FROM log",
                  population="all API accounts", zone="UTC")  # fmt: skip
    sources = (
        SourceReport("logs/gateway-2026-05.jsonl.gz", 812_331_002, digest("log"), "canonical-jsonl",
                     "gzip", "keys of the canonical columns", accounting=Accounting(
                         loaded=6_322_110, duplicate=70_218, blank=7_402, rejected=1_823)),
        SourceReport("logs/gateway-2026-06.jsonl.gz", 633_018_220, digest("log 2"),
                     "canonical-jsonl", "gzip", "keys of the canonical columns",
                     accounting=Accounting(loaded=4_846_162, duplicate=58_340, blank=5_117,
                                           rejected=1_589, coerced=12), coerced_columns={"ts": 12}),
    )  # fmt: skip
    run = Run(FIRST_US + 43 * DAY_US, "M. Keller", "finished", {"seed": 7, "cells": 1_024},
              "9c417be052ad18f3", 2, {"outcome": "finished"}, ("0.9.0", digest("code")),
              digest("clusters"))  # fmt: skip
    made = BundleContent(
        case=CaseFacts("case-2026-0147", "Harbour-Lantern", b'{"sources":[]}', "TLP:AMBER+STRICT",
                       FIRST_US + 47 * DAY_US, FIRST_US, FIRST_US + 43 * DAY_US, 11_168_272, 25_318,
                       4_003_112, "API key"),
        batches=(Batch(1, FIRST_US + 43 * DAY_US, frame, {"zone": "UTC"}, sources),),
        subjects=subjects,
        others=(OtherCluster("C-007", "triage", Label.SUSPECTED, 212, 160_000),
                OtherCluster("C-009", "no-finding", Label.BENIGN, 31, 45_000)),
        accounts=table,
        clusters=clusters,
        evidence=evidence,
        n_evidence=12,
        rejects=rejects,
        decisions=(
            decision(1, Label.SUSPECTED, "Gap-filling found, payments to be checked",
                     withdrawn=digest("entry 2")),
            decision(3, Label.CONFIRMED, "96 payment hashes over 1,204 accounts"),
            decision(4, Label.CONFIRMED, "Second review, twenty exchanges read", analyst="A. Osei"),
        ),
        journals=(journal(),),
        method=Method(
            versions={"workbench": "0.1.0", "numpy": "2.4"},
            settings={"seed": 7, "embedder": "static", "cells": 1_024, "q": 0.05},
            stages=(
                {"stage": "space.place", "key": digest("k"), "digest": digest("d"), "info": {}},
            ),
            signals=specs,
            queries={"account_summary.sql": "SELECT 1\n"},
            runs=(run,),
            error_rates=("No benign frame was declared, so q is nominal.",),
            limits=("Logs show collection; they show neither training nor who ordered it.",
                    "One operator who buys aged accounts and keeps human hours is not detectable."),
        ),
        overview=MapPicture(grid(1, spots) + one + two, {"C-014": one, "C-021": two},
                            (0.0, 0.0, 1.0, 1.0)),
        texts=Texts(whole=True),
        against=("Benchmark runs and rating vendors also send even, templated traffic.",
                 "For 6 days responses are missing, so reasoning share is not assessed there."),
    )  # fmt: skip
    return replace(made, **changes)
