"""The door: what a person asks to be left out of a case, and what was left out before.

One account must not get two names: the first import says how names are written, and every later
one, and every table beside the logs, follows it or is refused. This room makes no pseudonym.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from workbench.case.pseudonym_key import PseudonymKey
from workbench.domain.door import PSEUDONYMS, Door
from workbench.domain.errors import InputError
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.services.door_words import in_short
from workbench.services.import_checks import Doubt
from workbench.services.pseudonyms import Pseudonyms, without_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from workbench.case.folder import Case
    from workbench.domain.added import AddedRows
    from workbench.domain.ports import Parsed, TextKeeper

_SAFE: Final = "Nothing was imported."


@dataclass(frozen=True, slots=True)
class Privacy:
    """What a person asks to be left out; nothing, and the case's own setting holds.

    Attributes:
        pseudonymise: Canonical columns whose values are replaced.
        key_file: The key; None for the one of the config folder, or for the case's own where it
            was named on this computer before.
        drop_text: Keep of texts only what the analysis reads of them.
    """

    pseudonymise: tuple[str, ...] = ()
    key_file: Path | None = None
    drop_text: bool = False

    @property
    def asks(self) -> bool:
        """Whether anything is to be left out."""
        return bool(self.pseudonymise) or self.drop_text


def columns_named(text: str) -> tuple[str, ...]:
    """Canonical columns of a list with commas, in the schema's order, each once.

    Raises:
        InputError: A name that is no such column.
    """
    asked = [name.strip() for name in text.split(",") if name.strip()]
    for name in asked:
        if name not in PSEUDONYMS:
            what = "holds no names" if name in CANONICAL_SCHEMA.names else "is no canonical column"
            raise InputError(
                f"{name!r} {what}, so it cannot be pseudonymised.",
                remedy=f"Choose among: {', '.join(PSEUDONYMS)}.",
                safe=_SAFE,
            )
    return tuple(name for name in CANONICAL_SCHEMA.names if name in asked)


class Doorkeeper:
    """Lets records in as the door says. Made by ``ask`` and ``standing``.

    Args:
        door: What is left out.
        key: By which names are replaced; None where none are.
        notices: What a person should know of it.
    """

    def __init__(
        self, door: Door, key: PseudonymKey | None = None, notices: tuple[Doubt, ...] = ()
    ) -> None:
        self.door = door
        self.notices = notices
        self._names = None
        #: Says what is kept of texts; None where they enter the case.
        self.texts: TextKeeper | None = None
        if key is not None and door.pseudonymised:
            self._names = Pseudonyms(key.secret, door.pseudonymised)
        if key is not None and door.text:
            # Imported here: it brings the embedder with it.
            from workbench.analysis.kept import Kept

            self.texts = Kept(key.secret)

    @classmethod
    def ask(cls, case: Case, asked: Privacy) -> Doorkeeper:
        """For an import.

        Raises:
            InputError: The case was given names in another way, or the key is not the one.
            StorageError: A key cannot be made.
        """
        before = case.given.door()
        if before is None:
            return cls._first(case, asked)
        columns = columns_named(",".join(asked.pseudonymise))
        if columns and columns != before.pseudonymised:
            raise _another_way(before.pseudonymised, columns)
        if asked.drop_text and not before.text:
            raise InputError(
                "The case holds the texts of the logs that it was given: they would stay in it.",
                remedy="Import all of them into a new case with --drop-text.",
                safe=_SAFE,
            )
        if before.text:
            _refuse_other_readings(before)
        keeper = cls._standing(before, asked.key_file, _SAFE)
        if (columns, asked.drop_text) != (before.pseudonymised, bool(before.text)):
            keeper.notices += (_as_before(before),)
        return keeper

    @classmethod
    def standing(cls, case: Case, key_file: Path | None, safe: str) -> Doorkeeper:
        """For a table beside the logs.

        Raises:
            InputError: The key is not there, or is not the one.
        """
        return cls._standing(case.given.door() or Door(), key_file, safe)

    @classmethod
    def again(cls, door: Door, key_file: Path | None) -> Doorkeeper:
        """For an import that goes on as it began.

        Raises:
            InputError: The key is not there, or is not the one.
        """
        if door.text:
            _refuse_other_readings(door)
        return cls._standing(door, key_file, _SAFE)

    @classmethod
    def _first(cls, case: Case, asked: Privacy) -> Doorkeeper:
        columns = columns_named(",".join(asked.pseudonymise))
        if not asked.asks:
            return cls(Door())
        if columns and case.added.tables(counted=False):
            raise InputError(
                "Tables were added to the case before its logs, with names as they were.",
                remedy="Import into a new case, then add the tables to that.",
                safe=_SAFE,
            )
        if asked.key_file is not None and asked.key_file.resolve().is_relative_to(
            case.path.resolve()
        ):
            raise InputError(
                f"The pseudonym key {asked.key_file} would lie in the case that it is to protect.",
                remedy="Name a file outside the case.",
                safe=_SAFE,
            )
        key = PseudonymKey.own(asked.key_file)
        notices = (_new_key(key),) if key.made else ()
        text = _reading() if asked.drop_text else ""
        return cls(Door(columns, key.id, text), key, notices)

    @classmethod
    def _standing(cls, door: Door, key_file: Path | None, safe: str) -> Doorkeeper:
        if door.is_open:
            return cls(door)
        key = PseudonymKey.known(door.key_id) if key_file is None else PseudonymKey.read(key_file)
        if key is None or key.id != door.key_id:
            fact = "is not on this computer" if key is None else f"is not the one in {key_file}"
            raise InputError(
                f"What entered this case was hidden by the key {door.key_id}, which {fact}: with "
                "another, one account would get two names and one text two readings.",
                remedy="Name the file of that key with --pseudonym-key FILE.",
                safe=safe,
            )
        if key_file is not None:
            key = PseudonymKey.own(key_file)  # so that it is found next time
        return cls(door, key)

    def records(self, parsed: Parsed) -> Parsed:
        """A block of a log as it may enter."""
        if self.door.is_open:
            return parsed
        named = parsed if self._names is None else self._names.records(parsed)
        halves = None if named.halves is None else without_bytes(named.halves)
        unread = tuple(replace(each, value="") for each in named.unread)
        rejects = without_bytes(named.rejects)
        return replace(named, rejects=rejects, halves=halves, unread=unread)

    def names(self, column: str, names: Iterable[str]) -> list[str]:
        """What names of a column are called in the case.

        Raises:
            InputError: The column goes by no pseudonyms.
        """
        if self._names is None or column not in self.door.pseudonymised:
            held = ", ".join(self.door.pseudonymised) or "none"
            raise InputError(
                f"{column!r} goes by no pseudonyms in this case.",
                remedy=f"Columns that do: {held}.",
            )
        return [self._names.of(column, name) for name in names]

    def rows(self, block: AddedRows, level: str) -> AddedRows:
        """A block of an added table as it may enter; ``level`` is the case's kind of account."""
        if self.door.is_open:
            return block
        rows = block.rows if self._names is None else self._names.rows(block.rows, level)
        return replace(block, rows=rows, rejects=without_bytes(block.rejects))


def _another_way(held: tuple[str, ...], asked: tuple[str, ...]) -> InputError:
    if not held:
        return InputError(
            "The case holds logs whose names are as they were: they would stay in it, and one "
            "account would get two names.",
            remedy="Import all of them into a new case.",
            safe=_SAFE,
        )
    return InputError(
        f"The case has pseudonyms for {', '.join(held)}, and {', '.join(asked)} alone was asked "
        "for: one account would get two names.",
        remedy="Leave --pseudonymise out to go on as before, or import into a new case.",
        safe=_SAFE,
    )


def _as_before(door: Door) -> Doubt:
    said = in_short(door)
    return Doubt(f"{said[0].upper()}{said[1:]}, as at the case's first import.")


def _reading() -> str:
    from workbench.analysis.kept import Kept

    return Kept.digest()


def _refuse_other_readings(door: Door) -> None:
    if door.text != _reading():
        raise InputError(
            "The texts of this case were read by another version of the workbench before they were "
            "left out: new ones would not be comparable.",
            remedy="Import with that version, or import all logs into a new case.",
            safe=_SAFE,
        )


def _new_key(key: PseudonymKey) -> Doubt:
    return Doubt(
        f"A key was made: {key.path} (id {key.id}). Keep it, and keep it apart from the case: "
        "without it no more logs can be imported into this case, and nobody can tell which name a "
        "pseudonym stands for."
    )
