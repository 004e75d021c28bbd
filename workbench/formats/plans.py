"""Where the columns of a record come from, learnt once for all records of one outline.

A format is a program: what it reads cannot be looked up. But it can be asked. In a record of some
outline every free value is replaced by one that occurs nowhere else, the format converts that, and
each column tells by what it holds from where it came. Asked twice with different values, and once
with the record's own, a column that is neither a value as it stands, nor a sum of counts, nor texts
joined, nor the
time between two moments, nor always the same, is not understood, and then there is no plan.

That other records of the outline are read alike is for the format to promise
(``RecordFormat.by_outline``): what decides how it reads must be part of the outline.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.block_columns import allowed_kinds
from workbench.formats.coerce import INDEX, NAMES, coerce
from workbench.formats.decode import UnreadableRecordError, decode_object
from workbench.formats.dialogue import written
from workbench.formats.halves import HALF
from workbench.formats.opening import LEADS
from workbench.formats.text import without_surrogates
from workbench.kernels.json_outlines import MOMENT
from workbench.kernels.json_tokens import DECIMAL, ESCAPED, FALSE, INTEGER, TEXT, TRUE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Record = Mapping[str, Any]

#: Bits between the integers that are put in: a sum of some of them shows which ones.
_APART: Final = 64
#: An integer of more digits is not read any more, so that a record has at most so many of them.
_MOST_INTEGERS: Final = 100
_ALLOWED: Final = tuple(map(allowed_kinds, CANONICAL_SCHEMA))
_SECOND: Final = 1_000_000


class Leaf(NamedTuple):
    """A free value of a line.

    Attributes:
        kind: As in ``kernels.json_outlines``.
        begin: First byte in the line; of a text, after its quote.
        end: One past its last.
        moment: Microseconds since 1970, of a ``MOMENT``.
    """

    kind: int
    begin: int
    end: int
    moment: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the columns of a record come from; those that are not named are NULL.

    Attributes:
        taken: (column, leaf): the value as it stands.
        fixed: (column, kind, JSON): the same in every record; of a text without its quotes.
        summed: (column, leaves, more): the sum of the integers, and so much more.
        joined: (column, leaves): the texts with a line feed between them.
        between: (column, from, to): milliseconds from one moment to another.
        written: (column, parts): JSON, of texts (their leaves) and of what is the same in every
            record, as JSON has it in a text.
    """

    taken: tuple[tuple[int, int], ...]
    fixed: tuple[tuple[int, int, bytes], ...]
    summed: tuple[tuple[int, tuple[int, ...], int], ...]
    joined: tuple[tuple[int, tuple[int, ...]], ...]
    between: tuple[tuple[int, int, int], ...]
    written: tuple[tuple[int, tuple[int | bytes, ...]], ...]


def learn(
    line: bytes, leaves: Sequence[Leaf], convert: Callable[[Record], Record | None]
) -> Plan | None:
    """The plan of a line's outline; None where there is none.

    Args:
        line: A JSON object in which no key occurs twice.
        leaves: Its free values, in their order.
        convert: What the format says of a record.
    """
    if sum(leaf.kind == INTEGER for leaf in leaves) > _MOST_INTEGERS:
        return None
    plants = [_Plants(leaves, series) for series in (0, 1)]
    try:
        own = decode_object(line)
        if not LEADS.isdisjoint(own):
            return None
        real = convert(own)
        said = [convert(decode_object(plant.put_in(line))) for plant in plants]
    except UnreadableRecordError:
        return None
    if real is None or None in said or any(HALF in (each or {}) for each in (real, *said)):
        return None
    origins = _Origins(line, leaves, plants)
    columns = [_set(each or {}) for each in (real, *said)]
    found = [origins.of(name, *(each.get(name) for each in columns)) for name in columns[0]]
    if columns[0].keys() != columns[1].keys() or columns[0].keys() != columns[2].keys():
        return None
    if any(origin is None for origin in found):
        return None
    return Plan(
        tuple((o.column, o.leaves[0]) for o in found if isinstance(o, _Taken)),
        tuple((o.column, o.kind, o.text) for o in found if isinstance(o, _Fixed)),
        tuple((o.column, o.leaves, o.more) for o in found if isinstance(o, _Summed)),
        tuple((o.column, o.leaves) for o in found if isinstance(o, _Joined)),
        tuple((o.column, *o.leaves) for o in found if isinstance(o, _Between)),
        tuple((o.column, o.parts) for o in found if isinstance(o, _Written)),
    )


def _set(columns: Record) -> Record:
    return {name: columns[name] for name in NAMES if columns.get(name) is not None}


class _Taken(NamedTuple):
    column: int
    leaves: tuple[int]


class _Fixed(NamedTuple):
    column: int
    kind: int
    text: bytes


class _Summed(NamedTuple):
    column: int
    leaves: tuple[int, ...]
    more: int


class _Joined(NamedTuple):
    column: int
    leaves: tuple[int, ...]


class _Between(NamedTuple):
    column: int
    leaves: tuple[int, int]


class _Written(NamedTuple):
    column: int
    parts: tuple[int | bytes, ...]


class _Plants:
    """Values that occur nowhere else, one for each leaf.

    Args:
        leaves: In their order.
        series: Values of one series are not those of another.
    """

    def __init__(self, leaves: Sequence[Leaf], series: int) -> None:
        self._leaves = leaves
        self._limb = 1 + series
        self._integers = [at for at, leaf in enumerate(leaves) if leaf.kind == INTEGER]
        self.moments: dict[int, int] = {}
        ranks = sorted({leaf.moment for leaf in leaves if leaf.kind == MOMENT})
        self._values: list[Any] = []
        for at, leaf in enumerate(leaves):
            if leaf.kind & (TEXT | ESCAPED):
                value: Any = f"q{series}w{at:05d}z"
            elif leaf.kind == INTEGER:
                value = self._limb << _APART * (1 + self._integers.index(at))
            elif leaf.kind == DECIMAL:
                value = (1 + series * 3) * 1000.0 * (1 + at) + 0.375
            else:
                # Each distance between two of them is another one; the order is kept.
                apart = (2 + series) ** (1 + ranks.index(leaf.moment)) + series
                self.moments[at] = apart
                seconds, micro = divmod(apart, _SECOND)
                # Digits finer than a microsecond tell equal moments apart, as texts.
                value = f"20{30 + series}-01-01T00:{seconds // 60:02d}:{seconds % 60:02d}"
                value += f".{micro:06d}{at:05d}Z"
            self._values.append(value)
        self._leaf_of = {repr(value): at for at, value in enumerate(self._values)}

    def put_in(self, line: bytes) -> bytes:
        """The line with these values in place of its own."""
        pieces, done = [], 0
        for leaf, value in zip(self._leaves, self._values, strict=True):
            text = value.encode() if isinstance(value, str) else repr(value).encode()
            pieces += [line[done : leaf.begin], text]
            done = leaf.end
        return b"".join([*pieces, line[done:]])

    def leaf_of(self, value: Any) -> int | None:
        """The leaf whose value this is."""
        return self._leaf_of.get(repr(value))

    def summands(self, value: Any) -> tuple[tuple[int, ...], int] | None:
        """The leaves that add up to an integer, and what is left; None when none has a part."""
        if type(value) is not int or value < 1 << _APART:
            return None
        more = value & ((1 << _APART) - 1)
        limbs = [value >> _APART * (1 + place) & ((1 << _APART) - 1) for place in self._places]
        if any(limb not in (0, self._limb) for limb in limbs) or value >> self._beyond:
            return None
        return tuple(at for at, limb in zip(self._integers, limbs, strict=True) if limb), more

    def pieces(self, value: Any) -> tuple[int, ...]:
        """The leaves whose texts are joined in a text; none where there is anything else in it."""
        if not isinstance(value, str):
            return ()
        found = [self.leaf_of(piece) for piece in value.split("\n")]
        return tuple(at for at in found if at is not None) if None not in found else ()

    def texts_in(self, text: str) -> list[int | str]:
        """JSON in pieces: the leaves whose texts are whole texts of it, and all between them."""
        pieces = re.split(rf'(?<=(?<!\\)")q{self._limb - 1}w(\d{{5}})z(?=")', text)
        return [int(piece) if at % 2 else piece for at, piece in enumerate(pieces)]

    @property
    def _places(self) -> range:
        return range(len(self._integers))

    @property
    def _beyond(self) -> int:
        return _APART * (1 + len(self._integers))

    def ends_of(self, value: Any) -> set[tuple[int, int]]:
        """From which moment to which there may be so many milliseconds."""
        if type(value) is not float:
            return set()
        return {
            (a, b)
            for a, first in self.moments.items()
            for b, last in self.moments.items()
            if last > first and (last - first) / 1000 == value
        }


class _Origins:
    """Where columns of one record come from.

    Args:
        line: The record.
        leaves: Its free values.
        plants: What was put in their place.
    """

    def __init__(self, line: bytes, leaves: Sequence[Leaf], plants: Sequence[_Plants]) -> None:
        self._line = line
        self._leaves = leaves
        self._plants = plants

    def of(
        self, name: str, real: Any, first: Any, second: Any
    ) -> _Taken | _Fixed | _Summed | _Joined | _Between | _Written | None:
        """Where a column comes from; None where that is not understood.

        Args:
            name: Of the column.
            real: What the record's own values give.
            first: What those of the first series give.
            second: The same of the second.
        """
        column = INDEX[name]
        one, two = self._plants
        at = one.leaf_of(first)
        if at is not None:
            kind = self._leaves[at].kind
            kind = TEXT if kind == MOMENT else TEXT | ESCAPED if kind & (TEXT | ESCAPED) else kind
            same = two.leaf_of(second) == at and repr(self._value(at)) == repr(real)
            return _Taken(column, (at,)) if same and kind & _ALLOWED[column] else None
        if repr(first) == repr(second) == repr(real):
            return _fixed(name, real)
        if isinstance(first, list):
            return self._written(column, *map(written, (real, first, second)))
        sums = one.summands(first)
        if sums is not None and sums == two.summands(second) and _ALLOWED[column] == INTEGER:
            leaves, more = sums
            right = real == sum(map(self._value, leaves)) + more
            return _Summed(column, leaves, more) if leaves and right else None
        pieces = one.pieces(first)
        if pieces and _ALLOWED[column] == TEXT | ESCAPED:
            same = pieces == two.pieces(second) and real == "\n".join(map(self._value, pieces))
            return _Joined(column, pieces) if same else None
        pairs = one.ends_of(first) & two.ends_of(second)
        if len(pairs) == 1 and _ALLOWED[column] == INTEGER | DECIMAL:
            ((began, ended),) = pairs
            apart = (self._leaves[ended].moment - self._leaves[began].moment) / 1000
            return _Between(column, (began, ended)) if repr(apart) == repr(real) else None
        return None

    def _written(self, column: int, real: str, first: str, second: str) -> _Written | None:
        """JSON in which texts are leaves, each of them whole."""
        one, two = self._plants
        parts = one.texts_in(first)
        own = [self._value(part) if isinstance(part, int) else part for part in parts]
        if any(not isinstance(each, str) for each in own):
            return None
        told = "".join(
            written(value)[1:-1] if isinstance(part, int) else part
            for part, value in zip(parts, own, strict=True)
        )
        if parts != two.texts_in(second) or told != without_surrogates(real):
            return None
        return _Written(
            column, tuple(msgspec.json.encode(p)[1:-1] if isinstance(p, str) else p for p in parts)
        )

    def _value(self, at: int) -> Any:
        leaf = self._leaves[at]
        token = self._line[leaf.begin : leaf.end]
        is_text = leaf.kind & (TEXT | ESCAPED | MOMENT)
        return msgspec.json.decode(b'"%b"' % token if is_text else token)


def _fixed(name: str, value: Any) -> _Fixed | None:
    """A column that is the same in every record."""
    row, unreadable = coerce({name: value})
    read = row[INDEX[name]]
    if unreadable or not isinstance(read, str | int | float):
        return None
    text = msgspec.json.encode(read)
    if isinstance(read, bool):
        kind = TRUE if read else FALSE
    elif isinstance(read, str):
        kind, text = TEXT if b"\\" not in text else ESCAPED, text[1:-1]
    else:
        kind = INTEGER if isinstance(read, int) else DECIMAL
    return _Fixed(INDEX[name], kind, text) if kind & _ALLOWED[INDEX[name]] else None
