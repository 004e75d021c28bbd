"""A mapping written by a person: canonical column = path into the record."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.domain.errors import InputError
from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.paths import look_up, parse_path
from workbench.formats.shape import Record, RecordFormat, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from workbench.domain.ports import Detection
    from workbench.formats.paths import Path


class Mapped(RecordFormat):
    """An unknown shape, read by a mapping alone.

    Args:
        mapping: Canonical column -> path into the record.
    """

    name: ClassVar[str] = "mapped"
    about: ClassVar[str] = (
        "Any JSON, CSV or Parquet, read by a mapping from `--map` or a profile. A mapping also "
        "adds to, and wins over, what another format finds."
    )
    rules: ClassVar[tuple[Rule, ...]] = ()

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping

    def matches(self, record: Mapping[str, Any]) -> bool:  # noqa: ARG002  the port's signature
        """Never by itself: a mapping is chosen, not found."""
        return False

    def signature(self, record: Mapping[str, Any]) -> str:  # noqa: ARG002
        """Not used: nothing matches."""
        return ""

    def detect(self, records: Sequence[Mapping[str, Any]]) -> Detection | None:  # noqa: ARG002
        """None: a mapping is chosen, not found."""
        return None

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The mapped columns that this record has; None when it has none of them."""
        columns: Record = {}
        for column, source in self._mapping.items():
            value = record.get(source)  # a CSV column may have dots and brackets in its name
            if value is None:
                value = look_up(record, _parsed(source))
            if value is not None:
                columns[column] = value
        return columns or None


@lru_cache(maxsize=256)
def _parsed(source: str) -> Path:
    return parse_path(source)


def parse_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Read ``CANONICAL=SOURCE`` pairs.

    Raises:
        InputError: No equals sign, a column that is not canonical, one mapped twice, no path.
    """
    mapping: dict[str, str] = {}
    for pair in pairs:
        column, equals, source = pair.partition("=")
        column, source = column.strip(), source.strip()
        if not equals or not column or not source:
            raise InputError(
                f"--map {pair!r} is not CANONICAL=SOURCE.",
                remedy="Write it like --map account_id=metadata.key_alias.",
            )
        if column in mapping:
            raise InputError(f"--map names {column} twice.", remedy="Keep one of them.")
        mapping[column] = source
    check_mapping(mapping)
    return mapping


def check_mapping(mapping: Mapping[str, str]) -> None:
    """Refuse a mapping that could never work.

    Raises:
        InputError: A column that is not canonical, or a source that is no path.
    """
    names = CANONICAL_SCHEMA.names
    for column, source in mapping.items():
        if column not in names:
            raise InputError(
                f"{column!r} is no canonical column.",
                remedy=f"Choose one of: {', '.join(names)}.",
            )
        _parsed(source)
