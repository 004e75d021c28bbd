"""The typed decoder of canonical records: what it takes needs no second look."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec
import numpy as np
import pyarrow as pa

from workbench.domain.exchange import CANONICAL_SCHEMA
from workbench.formats.canonical import TELLTALES
from workbench.formats.coerce import NAMES
from workbench.formats.opening import LEADS


def _typed(item: pa.Field) -> Any:
    """The type that the typed decoder asks of a column: anything else is for the slow path."""
    if item.name == "asn":
        kind: Any = Annotated[int, msgspec.Meta(ge=0, le=2**32 - 1)]
    elif pa.types.is_timestamp(item.type):
        kind = str | int | float
    elif pa.types.is_string(item.type):
        kind = str
    elif pa.types.is_boolean(item.type):
        kind = bool
    elif pa.types.is_floating(item.type):
        kind = float
    elif pa.types.is_integer(item.type):
        limit = 2 ** (item.type.bit_width - 1)
        kind = Annotated[int, msgspec.Meta(ge=-limit, le=limit - 1)]
    else:
        largest = float(np.finfo(np.float32).max)
        element = Annotated[float, msgspec.Meta(ge=-largest, le=largest)]
        kind = Annotated[list[element], msgspec.Meta(min_length=1)]
    return kind | None


#: The canonical columns in their order, then keys that a canonical record does not have, or that
#: may lead to records inside: their type admits nothing but null, so that a record with one of
#: them goes the slow way.
_Row: Final = msgspec.defstruct(
    "_Row",
    [
        *((item.name, _typed(item), None) for item in CANONICAL_SCHEMA),
        *((name, Literal["\0never"] | None, None) for name in sorted({*TELLTALES, *LEADS})),
    ],
    gc=False,
)
#: One record; raises what msgspec does where it is no plain canonical one.
decode_row: Final = msgspec.json.Decoder(_Row).decode
assert tuple(_Row.__struct_fields__[: len(NAMES)]) == NAMES
