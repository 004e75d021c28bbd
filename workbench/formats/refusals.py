"""What is no log, and what may be one and cannot be read as it is: the words, and what to do.

Must not judge how records lie: that is for ``detect``.
"""

from __future__ import annotations

import codecs
import shlex
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.added import AddedKind
from workbench.domain.errors import InputError, UnreadLogError
from workbench.domain.text import elide
from workbench.formats import audit_logs, usage
from workbench.formats.added_fields import event_named, sources
from workbench.formats.archive import Archive, is_archive
from workbench.formats.beginning import absent_fields, field_names, listed, nearest
from workbench.formats.columnar import kind_of
from workbench.formats.databases import chosen
from workbench.formats.sqlite import MAGIC, sqlite_at
from workbench.formats.suggest import guesses, suggested

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workbench.formats.place import Place

BOM: Final = b"\xef\xbb\xbf"
#: First bytes of what may hold a log that is not read here, and what to do about it.
_UNREAD: Final = (
    (b"PK\x03\x04", "a zip archive or an office document", "Unpack it, or save the sheet as CSV."),
    (b"\xfd7zXZ", "xz-compressed", "Decompress it with unxz first."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
    (MAGIC, "an SQLite database", "Import it as a plain file of its own."),
    (b"ORC", "an ORC file", "Convert it to Parquet."),
    (b"Obj\x01", "an Avro file", "Convert it to Parquet."),
    (b"FEA1", "a Feather file of the first version", "Write it again as Arrow or Parquet."),
)
_PDF: Final = b"%PDF"
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: Bytes that are looked at for what they are text of; as few tell nothing without a mark.
_LOOK_AT: Final = 4096
_TOO_FEW: Final = 16
_LONGEST_TYPED: Final = 60
#: Of the example of a mapping: these columns are named, where names or values say which they are.
_TOLD: Final = ("prompt", "account_id", "ts", "request_id")
#: Stands in it for the field of the prompt where nothing says which it is.
_PLACEHOLDER: Final = "FIELD"
#: What only a log has: a table with a field that says so is none beside the logs.
_OF_LOGS: Final = frozenset(
    {"prompt", "completion", "system", "in_tok", "out_tok", "latency_ms", "request_id"}
)


class UnknownShapeError(UnreadLogError):
    """Records that no format knows, and what of them could be mapped (code 2).

    Args:
        fact: What is so.
        remedy: What to type.
        records: The first of them, decoded.
        columns: Of CSV or COPY text.
    """

    def __init__(
        self,
        fact: str,
        *,
        remedy: str,
        records: Sequence[Mapping[str, Any]],
        columns: Sequence[str],
    ) -> None:
        super().__init__(fact, remedy=remedy)
        self.records = tuple(records)
        self.columns = tuple(columns)


def refuse_foreign(path: Place, sample: bytes, compression: str, damage: str) -> None:
    """Stop at what no layout of records can be found in.

    Args:
        path: The file.
        sample: Its first bytes, decompressed.
        compression: The shell they were in.
        damage: Met on the way.

    Raises:
        InputError: It is no log; an ``UnreadLogError`` where it may be one.
    """
    if damage and not sample:
        raise UnreadLogError(
            f"{path} holds nothing that can be read: {damage}.",
            remedy="Fetch the file again from its source.",
        )
    if not sample.strip(b" \t\r\n" + BOM):
        what = "only white space" if sample else f"nothing inside its {compression} shell"
        raise InputError(f"{path} holds {what}.", remedy="Leave it out, or export it again.")
    if columnar := kind_of(sample):
        raise UnreadLogError(
            f"{path} is {columnar.partition('-')[0].title()} inside a {compression} shell.",
            remedy="Decompress it first.",
        )
    try:  # these say what is wrong with them, where something is
        if is_archive(sample) and not compression:
            Archive(path)
        if database := sqlite_at(path):
            chosen(database, database.tables(), "")
    except InputError as error:
        raise UnreadLogError(error.fact, remedy=error.remedy, safe=error.safe) from error
    for magic, what, remedy in _UNREAD:
        if sample.startswith(magic):
            raise UnreadLogError(f"{path} is {what}.", remedy=remedy)
    if sample.startswith(_PDF):
        raise InputError(
            f"{path} is a PDF document.", remedy="Export the log as JSON lines or CSV."
        )
    head = sample[:_LOOK_AT]
    if _is_utf16(head):
        raise UnreadLogError(
            f"{path} is UTF-16 text.",
            remedy="Convert it to UTF-8, for example with iconv -f UTF-16 -t UTF-8.",
        )
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)
    if head.startswith(_UTF16) or controls * 10 > len(head):
        raise InputError(
            f"{path} is a binary file, not a log.",
            remedy="Give JSON lines, a JSON array, CSV, Parquet, Arrow; or .gz, .bz2, .zst, .zip.",
        )


def _is_utf16(head: bytes) -> bool:
    """Whether it reads as text in UTF-16: by its mark, or because every other byte is NUL."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    encoding = "utf-16"
    if not head.startswith(_UTF16):
        if len(head) < _TOO_FEW or max(even, odd) * 10 <= len(head) * 4:
            return False
        encoding = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    controls = sum(character < " " and character not in "\t\r\n" for character in text)
    return bool(text) and controls * 10 < len(text)


def absent_field(
    path: Place, field: str, mapping: Mapping[str, str], names: Sequence[str]
) -> tuple[str, str]:
    """What is so of a mapped field that no record has, and what to do.

    Args:
        path: The file.
        field: What is mapped.
        mapping: Canonical column -> path.
        names: The fields that are there.
    """
    meant = nearest(field, names)
    column = next(column for column, source in mapping.items() if source == field)
    return (
        f"{path}: no record of its beginning has the field {elide(field, 80)} that is mapped to "
        f"{column}; its fields are {listed(names)}.",
        (f"Did you mean {elide(meant, 80)}? " if meant else "")
        + "Mend the mapping, or leave this column out of it.",
    )


def unknown_shape(
    path: Place,
    columns: Sequence[str],
    records: Sequence[Mapping[str, Any]],
    mapping: Mapping[str, str],
) -> InputError:
    """The error of records that no format knows: their fields, and what to type.

    Args:
        path: The file.
        columns: Of CSV or COPY text.
        records: Its first records.
        mapping: What was said of them, and made no exchange of any.
    """
    if beside := _beside(path, records):
        what, option = beside
        file = shlex.quote(str(path))
        return InputError(
            f"{path} is {what}, which stands beside the logs: it holds no exchange.",
            remedy=f"Import the logs, then add it: workbench join CASE {option}{file}",
        )
    # A column that is empty in all of them has a name, too.
    filled = {name: next(filter(None, (r.get(name) for r in records)), None) for name in columns}
    fields = field_names([filled] if columns else records)
    if not fields:
        return UnreadLogError(
            f"{path} has no format that is known here: its fields are none.",
            remedy="Give JSON lines, a JSON array, CSV with a header, Parquet or Arrow.",
        )
    if absent := absent_fields(records, columns, mapping):
        names = tuple(dict.fromkeys((*columns, *fields)))
        fact, remedy = absent_field(path, absent[0], mapping, names)
        return UnknownShapeError(fact, remedy=remedy, records=records, columns=columns)
    # What is typed must be short, and show.
    typed = [field for field in fields if len(field) <= _LONGEST_TYPED and field.isprintable()]
    found = {column: guess.path for column, guess in guesses(records, typed).items()}
    found.setdefault("prompt", _PLACEHOLDER)
    named = [f"{column}={found[column]}" for column in _TOLD if column in found]
    example = " ".join(f"--map {shlex.quote(each)}" for each in named)
    return UnknownShapeError(
        f"{path} has no format that is known here: its fields are {listed(fields)}.",
        records=records,
        columns=columns,
        remedy=f"Say where the columns are, for example {example}. --preview shows what is there.",
    )


def _beside(path: Place, records: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
    """What a table beside the logs is about, and the option that takes it; None for any other."""
    if audit_logs.is_audit_log(records):
        return "an audit log", ""
    if usage.is_usage(records):
        return "a table of usage", ""
    names = list(dict.fromkeys(key for record in records for key in record))
    if not _OF_LOGS.isdisjoint(suggested(field_names(records))):
        return None
    for kind in (AddedKind.EVENTS, AddedKind.ACCOUNTS):
        try:
            found = sources(kind, names, {}, path)
        except InputError:
            continue
        if kind is AddedKind.ACCOUNTS:
            return "a table of accounts", "--accounts "
        if any(event_named(str(record.get(found["event"], ""))) for record in records):
            return "a table of events", "--events "
    return None
