"""Formats that other packages bring: found by their entry points, and never trusted to be right.

A package that cannot be used is skipped and told; a record on which a format stumbles is rejected,
and says which one did. What is found depends on the environment alone, so that worker processes,
which share it, find the same. Must not know the built-in formats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.shape import RecordFormat

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: Of entry points, each a class of ``RecordFormat`` that is made without arguments.
GROUP: Final = "distillation_workbench.formats"
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,40}")
_COLUMNS: Final = frozenset(CANONICAL_SCHEMA.names)


class FormatFailedError(Exception):
    """A format of another package stumbled over a record; the message is the reason of a reject."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A format of another package.

    Attributes:
        format: Guarded against its own mistakes.
        distribution: Whose it is: "acme-logs 1.2".
    """

    format: RecordFormat
    distribution: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the environment holds.

    Attributes:
        formats: In the order of their packages and names.
        failures: What cannot be used, and why; one sentence each.
    """

    formats: tuple[Installed, ...]
    failures: tuple[str, ...]


@cache
def installed_formats(taken: frozenset[str]) -> Found:
    """Look for formats of other packages; looked for once in a process.

    Args:
        taken: Names of formats that are there already.
    """
    # Some 50 ms of processor time at the first call: no command but those that read logs pays it.
    from importlib.metadata import entry_points

    formats: list[Installed] = []
    failures: list[str] = []
    names = set(taken)
    for entry in sorted(entry_points(group=GROUP), key=lambda e: (_distribution(e), e.name)):
        try:
            made = _made(entry, names)
        except _UnusableError as error:
            failures.append(str(error))
            continue
        names.add(made.name)
        formats.append(Installed(made, _distribution(entry)))
    return Found(tuple(formats), tuple(failures))


def _distribution(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unnamed package"


class _UnusableError(Exception):
    """An entry point gives no format; the message says whose it is, and why."""


def _made(entry: EntryPoint, taken: set[str]) -> RecordFormat:
    """The format of an entry point, guarded.

    Raises:
        _UnusableError: Importing or making it failed, which may be by anything since it is other
            people's code; it is no format, or its name is taken.
    """
    try:
        return _guarded(entry, taken)
    except Exception as error:
        raise _UnusableError(
            f"The format {entry.name} of {_distribution(entry)} is not used: "
            f"{type(error).__name__}: {' '.join(str(error).split())[:200]}."
        ) from error


def _guarded(entry: EntryPoint, taken: set[str]) -> RecordFormat:
    """As ``_made``, with the error as it comes."""
    kind = entry.load()
    if not (isinstance(kind, type) and issubclass(kind, RecordFormat)):
        raise TypeError(f"{entry.value} is no class of RecordFormat")
    inner = kind()
    name = inner.name
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a format: lower case letters, digits and hyphens")
    if name in taken:
        raise ValueError(f"there is a format {name} already")
    unknown = sorted({rule.column for rule in inner.rules} - _COLUMNS)
    if unknown:
        raise ValueError(f"{unknown[0]} is no canonical column")
    said = {key: getattr(inner, key) for key in ("name", "about", "rules", "of_text")}
    guarded: RecordFormat = type("Guarded", (_Guarded,), said | {"inner": inner})()
    return guarded


class _Guarded(RecordFormat):
    """A format whose mistakes cost the record in hand, and nothing else."""

    inner: ClassVar[RecordFormat]

    def matches(self, record: Mapping[str, Any]) -> bool:
        with suppress(Exception):
            return bool(self.inner.matches(record))
        return False  # a shape that it cannot judge is not its own

    def signature(self, record: Mapping[str, Any]) -> str:
        with suppress(Exception):
            return str(self.inner.signature(record))
        return f"the shape of {self.name}"

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        try:
            columns = self.inner.convert(record)
            if columns is None:
                return None
            unknown = sorted(set(columns) - _COLUMNS)
        except Exception as error:
            raise FormatFailedError(f"format {self.name} failed: {type(error).__name__}") from error
        if unknown or not isinstance(columns, Mapping):
            raise FormatFailedError(f"format {self.name} failed: no canonical columns")
        return columns
