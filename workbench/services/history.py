"""The journals as a list that a person reads: when, who, what, and whether it still stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.case.journal_order import clock_back
from workbench.domain.label import DECISIONS, EntryKind
from workbench.domain.text import clock_words, plural
from workbench.services import import_records, wording
from workbench.services.export_scope import OUTSIDE
from workbench.services.joined import REMOVED
from workbench.services.policies import TITLES, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.case.labels import LabelBook
    from workbench.domain.label import JournalEntry


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One entry of a journal.

    Attributes:
        entry: Its digest.
        at_us: When, UTC microseconds.
        analyst: Who: the caption of the key.
        fingerprint: Who: the key.
        journal: Name of the journal that holds it: of that key.
        line: Its line there, from 1; a report cites both.
        kind: What it is.
        what: What was decided or done, one line.
        why: The reason given, or the text of a note; empty for the rest.
        decision: Whether it is a decision (only these are undone).
        stands: Whether no entry that stands takes it back.
        clock: By how much it is older than what came before it, in words: the clock was set back.
            Empty for almost all.
    """

    entry: str
    at_us: int
    analyst: str
    fingerprint: str
    journal: str
    line: int
    kind: EntryKind
    what: str
    why: str
    decision: bool
    stands: bool
    clock: str = ""


def history(book: LabelBook, names: Mapping[str, str]) -> list[HistoryLine]:
    """Every entry of every journal, the newest first.

    Args:
        book: The journals folded.
        names: Name of the journal of each key, by its fingerprint.
    """
    back = clock_back(book.entries)
    return [_line(book, entry, back, names) for entry in reversed(book.entries)]


#: ``browsing.journal()``.
JOURNAL_COLUMNS: Final = pa.schema(
    [
        ("at", pa.timestamp("us")),
        ("analyst", pa.string()),
        ("kind", pa.string()),
        ("what", pa.string()),
        ("why", pa.string()),
        ("stands", pa.bool_()),
        ("decision", pa.bool_()),
        ("journal", pa.string()),
        ("line", pa.int64()),
        ("fingerprint", pa.string()),
        ("entry", pa.string()),
        ("clock", pa.string()),
    ]
)


def history_table(book: LabelBook, names: Mapping[str, str]) -> pa.Table:
    """The history as a table, the newest first: ``JOURNAL_COLUMNS``."""
    rows = [
        {"at": line.at_us} | {name: getattr(line, name) for name in JOURNAL_COLUMNS.names[1:]}
        for line in history(book, names)
    ]
    return pa.Table.from_pylist(rows, schema=JOURNAL_COLUMNS)


def _line(
    book: LabelBook,
    entry: JournalEntry,
    back: Mapping[str, int],
    names: Mapping[str, str],
) -> HistoryLine:
    why = entry.body.get("why") or entry.body.get("text") or ""
    return HistoryLine(
        entry=entry.digest,
        at_us=entry.at_us,
        analyst=entry.analyst.name,
        fingerprint=entry.analyst.fingerprint,
        journal=names.get(entry.analyst.fingerprint, ""),
        line=entry.number,
        kind=entry.kind,
        what=described(entry, book.by_digest),
        why=str(why),
        decision=entry.kind in DECISIONS,
        stands=book.stands(entry),
        clock=clock_words(back[entry.digest]) if entry.digest in back else "",
    )


def described(entry: JournalEntry, by_digest: Mapping[str, JournalEntry]) -> str:
    """What an entry says, one line in plain words.

    Args:
        entry: The entry.
        by_digest: All entries, for those that speak of another.
    """
    body = entry.body
    match entry.kind:
        case EntryKind.LABEL:
            size = wording.accounts(len(body.get("accounts", ())))
            of = f"{body['cluster_id']}, {size}" if body.get("cluster_id") else size
            return f"Labelled {of}: {body.get('label', '')}"
        case EntryKind.REVERT:
            target = by_digest.get(str(body.get("entry")))
            if target is None:
                return "Took back an entry"
            if target.kind is EntryKind.REVERT:
                again = by_digest.get(str(target.body.get("entry")))
                return f"Redid: {_lower(described(again, by_digest))}" if again else "Redid"
            whose = f", of {target.analyst.name}" if "over" in body else ""
            return f"Undid{whose}: {_lower(described(target, by_digest))}"
        case EntryKind.NOTE:
            return "Noted"
        case EntryKind.SELECTION:
            size = wording.accounts(len(body.get("accounts", ())))
            name = f" {body['name']}" if body.get("name") else ""
            return f"Saved the selection{name}, {size}"
        case EntryKind.SETTINGS | EntryKind.POLICY if "prices" in body:
            kept = body["prices"]
            return f"Kept the price list {kept['name']}" if kept else "Forgot the price list"
        case EntryKind.SETTINGS:
            return "Changed the settings of the case"
        case EntryKind.POLICY:
            return _set(body.get("policy"))
        case EntryKind.FRAME:
            return f"Completed where the logs of import {body.get('batch', '')} come from"
        case EntryKind.IMPORT:
            return import_records.in_words(body)
        case EntryKind.JOIN:
            what = f"the table of {body.get('kind', '')} {body.get('path', '')}"
            return f"Took out {what}" if body.get("action") == REMOVED else f"Added {what}"
        case EntryKind.RUN:
            return f"Analysis {body.get('state', 'run')}"
        case EntryKind.REVEAL:
            return f"Revealed the texts of {_named(body)}"
        case EntryKind.PURGE:
            size = plural(int(body.get("n_exchanges", 0)), "exchange", "exchanges")
            return f"Purged {size}, SHA-256 {str(body.get('sha256', ''))[:12]}"
        case EntryKind.QUARANTINE:
            return f"Put {_named(body)} into quarantine"
        case EntryKind.EXPORT:
            return _exported(entry)
        case EntryKind.MERGE:
            new = plural(int(body.get("entries", 0)), "entry", "entries")
            return f"Merged {new} of another copy of the case"
        case EntryKind.SIGN_OFF:
            return f"Signed off {plural(len(body.get('entries', ())), 'label', 'labels')}"
        case EntryKind.REPAIR:
            wrong = [str(body[part]) for part in ("given", "computed") if body.get(part)]
            return f"Repaired the case: {'; '.join(wrong)}" if wrong else _WORDS[entry.kind]
        case EntryKind.STAMP:
            by = f" by {body['authority']}" if body.get("authority") else ""
            return (
                f"Had the journals time-stamped{by}, at {body.get('stamped_at', 'no known time')}"
            )
        case _:
            return _WORDS[entry.kind]


def _named(body: Mapping[str, Any]) -> str:
    """Exchanges, accounts and the cluster that an entry names."""
    said = []
    if held := body.get("exchanges"):
        said.append(plural(len(held), "exchange", "exchanges"))
    if held := body.get("accounts"):
        size = wording.accounts(len(held))
        said.append(f"{body['cluster_id']}, {size}" if body.get("cluster_id") else size)
    return " and ".join(said) or "nothing"


#: Kinds whose body says nothing that belongs on one line.
_WORDS: Final = {
    EntryKind.EXHIBIT: "Chose exhibits",
    EntryKind.ACCEPT: "Went on without entries that are missing",
    EntryKind.REPAIR: "Repaired the case",
}


def _set(policy: object) -> str:
    """What a policy was set to; fields of newer versions by their names."""
    if not isinstance(policy, dict):
        return "Set how the case is handled"
    return "Set: " + ", ".join(
        f"{TITLES.get(name, name)}: {'as by default' if value is None else told(name, value)}"
        for name, value in sorted(policy.items())
    )


def _exported(entry: JournalEntry) -> str:
    """What left the case and where to; journals of older versions say less."""
    body = entry.body
    named = [str(one) for one in body.get("subjects", ()) if one != OUTSIDE]
    if "fingerprint" in body:
        beside = f" with {', '.join(map(str, body.get('with', ())))}" if body.get("with") else ""
        return f"Wrote the fingerprint of {', '.join(named)}{beside} to {body.get('path', '')}"
    if body.get("n_accounts"):
        named.append(wording.accounts(body["n_accounts"]))
    what = ", ".join(named) or "a bundle"
    if body.get("recipient"):
        what += f" in a share edition for {body['recipient']}"
    where = body.get("path") or body.get("bundle")
    return f"Exported {what} to {where}" if where else f"Exported {what}"


def _lower(said: str) -> str:
    return said[:1].lower() + said[1:]
