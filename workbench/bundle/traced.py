"""Where each number of a report is found exactly, and how it comes about.

Printed in the report, but for files that a bundle does not have. ``fields`` names what of the
report's data each row speaks for, so that a test finds a number that no row leads to.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from workbench.bundle.layout import STATEMENTS

_QUERIES: Final = "data/method/queries/"


class Trace(NamedTuple):
    """Numbers of one kind.

    Attributes:
        what: Which, as a reader would call them.
        files: Where they are exactly: paths below ``data/``, with ``*`` for names.
        how: How they come about.
        fields: Places in the report's data, dotted; whatever is below one belongs to it.
    """

    what: str
    files: tuple[str, ...]
    how: str
    fields: tuple[str, ...]


TRACES: Final = (
    Trace(
        "Counts of the case and of what is exported",
        (STATEMENTS,),
        f"Part \"case\"; {_QUERIES}services.case_facts.sql.",
        ("title", "subtitle", "key_figures", "overview.caption", "subjects.population"),
    ),
    Trace(
        "Sentences on accounts and clusters",
        (STATEMENTS,),
        "A line each, with the values that it was written from, the stage that computed them and "
        "the row that has the formula.",
        (
            "summary", "against", "cover_lookalikes", "subjects.id", "subjects.story",
            "subjects.sentences", "subjects.against", "subjects.lookalike", "subjects.lookalikes",
            "subjects.check_next", "subjects.looked", "subjects.sure", "subjects.reviewed",
        ),
    ),
    Trace(
        "Score, q and stability; axes, measures and signals; what was looked at",
        (STATEMENTS,),
        "A line each: exact value, formula, what it is compared with, source.",
        (
            "subjects.standing", "subjects.signals", "subjects.axes", "subjects.facts",
            "examinations", "method.measures",
        ),
    ),
    Trace(
        "Clusters of the case",
        ("clusters.csv",),
        "Stage clusters.",
        ("clusters", "clusters_note"),
    ),
    Trace(
        "Accounts",
        ("accounts.csv",),
        f"Stages accounts, clusters; {_QUERIES}analysis.account_summary.sql.",
        ("subjects.accounts", "subjects.accounts_note"),
    ),
    Trace(
        "Figures",
        ("figures/*.csv",),
        "The numbers drawn, a file each.",
        ("overview", "subjects.timeline", "subjects.coverage", "subjects.place"),
    ),
    Trace(
        "What was delivered, and what it costs",
        ("figures/*-delivered.csv", "figures/*-price.csv"),
        "By model, from the exported exchanges and the price list; totals: part \"what was "
        f"delivered\" of data/{STATEMENTS}.",
        ("subjects.delivered",),
    ),
    Trace(
        "Exhibits",
        ("evidence.parquet", "exchanges.csv"),
        "The exchange as it was read, with file and record.",
        ("subjects.exhibits", "subjects.exhibit_rule"),
    ),
    Trace(
        "Sources and the fates of their records",
        ("sources.csv", "ingest/accounting.json"),
        "Counted while reading.",
        ("given", "sources", "sources_note"),
    ),
    Trace(
        "Imports as they were declared",
        ("ingest/frame.json", "ingest/mapping.json"),
        "As people said it.",
        ("batches",),
    ),
    Trace(
        "Decisions",
        ("labels.jsonl",),
        "From the journals.",
        ("decisions", "decisions_note", "subjects.decisions"),
    ),
    Trace(
        "Journals, clocks and time stamps",
        ("audit/heads.json", "audit/*.jsonl"),
        "The journals themselves.",
        ("journals", "clock", "stamps"),
    ),
    Trace(
        "Runs, parameters, stages and versions",
        ("method/runs.jsonl", "method/settings.json", "method/stages.json", "method/versions.json"),
        "As recorded.",
        (
            "method.runs", "method.runs_note", "method.settings", "method.stages",
            "method.versions",
        ),
    ),
    Trace(
        "Signals, limits and error rates",
        ("method/signals.csv", "method/limits.json"),
        "As the program has them.",
        ("method.signals", "method.limits", "method.error_rates", "cover_limits"),
    ),
    Trace(
        "What would have been found",
        ("method/power.json",),
        "workbench power: campaigns planted in copies of the case.",
        ("method.planted",),
    ),
)  # fmt: skip
