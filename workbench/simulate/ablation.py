"""Traffic with a part of its log taken away: what findings rest on shows in what they lose.

Who is who stays as it was. Columns are emptied, as in a log that never had them; content is dealt
out anew, so that prompts are as common as before and say nothing of who asked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.simulate.chance import generator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.simulate.traffic import Traffic

#: Networks, clients, payers and mail domains.
INFRASTRUCTURE: Final = (
    "ip",
    "asn",
    "country",
    "user_agent",
    "ja3",
    "ja4",
    "email_domain",
    "payment_hash",
)
#: When accounts were made.
SIGN_UP: Final = ("account_created_at",)
#: When exchanges happened, and how long they took.
TIMING: Final = ("ts", "session_id", "latency_ms", "ttft_ms")
#: What was said, and its size.
CONTENT: Final = (
    "prompt",
    "completion",
    "system",
    "reasoning",
    "dialogue",
    "in_tok",
    "out_tok",
    "reasoning_tok",
    "cached_tok",
)


def without(traffic: Traffic, columns: Sequence[str]) -> Traffic:
    """The traffic with columns emptied."""
    table = traffic.exchanges
    for name in columns:
        place = table.schema.get_field_index(name)
        field = table.schema.field(place)
        table = table.set_column(place, field, pa.nulls(table.num_rows, field.type))
    return replace(traffic, exchanges=table)


def dealt_out(traffic: Traffic, *, seed: int) -> Traffic:
    """The traffic with what was said dealt out anew over all exchanges."""
    table = traffic.exchanges
    order = pa.array(generator(seed, "dealt out").permutation(table.num_rows))
    for name in CONTENT:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(place), table[name].take(order))
    return replace(traffic, exchanges=table)


def between(traffic: Traffic, begin_us: int, end_us: int) -> Traffic:
    """The exchanges of a part of the time, and the truth about who is there in it.

    Args:
        traffic: Exchanges that all have a time.
        begin_us: First instant, UTC microseconds.
        end_us: First instant after it.
    """
    ts = np.asarray(traffic.exchanges["ts"].cast(pa.int64()))
    keep = pa.array((ts >= begin_us) & (ts < end_us))
    exchanges = traffic.exchanges.filter(keep)
    there = pc.is_in(traffic.truth["account_id"], pc.unique(exchanges["account_id"]))
    return replace(
        traffic,
        exchanges=exchanges,
        truth=traffic.truth.filter(there),
        exchange_truth=traffic.exchange_truth.filter(keep),
    )
