"""Shared infrastructure: rare values weigh, hubs do not, a customer shares nothing with itself."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from tests.analysis.hand_made import population
from workbench.analysis.signals.coordination.infrastructure import SIGNALS, SharedValue
from workbench.analysis.signals.population import percentiles
from workbench.analysis.signals.ties import HUB

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np

EACH = pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.kind)


def measured(
    signal: SharedValue,
    n_accounts: int,
    shown: Iterable[tuple[int, object]],
    customer: Sequence[int] | None = None,
) -> np.ndarray:
    made = population([[]] * n_accounts, shown={signal.kind: shown}, customer=customer)
    return signal.measure(made).value


def everyone_else(first: int, last: int) -> list[tuple[int, object]]:
    """A value of its own for each."""
    return [(account, f"own {account}") for account in range(first, last)]


@EACH
def test_a_value_weighs_minus_log_of_the_share_that_holds_it(signal: SharedValue) -> None:
    shown = [
        (0, "rare"),
        (1, "rare"),
        *((a, "common") for a in range(2, 12)),
        *everyone_else(12, 40),
    ]
    value = measured(signal, 40, shown)
    assert value[0] == value[1] == pytest.approx(math.log(40 / 2))
    assert value[2] == value[11] == pytest.approx(math.log(40 / 10))
    assert (value[12:] == 0.0).all()
    place = percentiles(value)
    assert place[0] > place[2] > place[12]


@EACH
def test_the_rarest_of_several_shared_values_counts(signal: SharedValue) -> None:
    shown = [(0, "rare"), (1, "rare"), *((a, "common") for a in range(10))]
    value = measured(signal, 40, [*shown, *everyone_else(10, 40)])
    assert value[0] == pytest.approx(math.log(20.0))
    assert value[2] == pytest.approx(math.log(4.0))


@EACH
def test_a_hub_ties_nobody(signal: SharedValue) -> None:
    """A carrier's network or a browser: one holder more, and the evidence is gone."""
    n = 10 * HUB
    for holders, expected in ((HUB, math.log(n / HUB)), (HUB + 1, 0.0)):
        shown = [*((a, "hub") for a in range(holders)), *everyone_else(holders, n)]
        assert measured(signal, n, shown)[0] == pytest.approx(expected)


@EACH
def test_one_customer_shares_nothing_with_itself(signal: SharedValue) -> None:
    """Forty keys of a firm behind one address: 0; a stranger who joins them there: a tie."""
    firm: list[tuple[int, object]] = [(account, "office") for account in range(40)]
    customer = [0] * 40 + list(range(1, 21))
    rest = everyone_else(40, 60)
    assert (measured(signal, 60, [*firm, *rest], customer) == 0.0).all()
    value = measured(signal, 60, [*firm, *rest, (59, "office")], customer)
    assert value[0] == value[59] == pytest.approx(math.log(21 / 2))
    assert value[50] == 0.0


@EACH
def test_who_shows_nothing_is_not_assessed_and_who_shares_nothing_is_zero(
    signal: SharedValue,
) -> None:
    value = measured(signal, 3, [(0, "a"), (1, "b")])
    assert value[0] == value[1] == 0.0
    assert math.isnan(value[2])


@EACH
def test_what_everybody_holds_weighs_nothing_and_is_written_as_zero(signal: SharedValue) -> None:
    """-log 1 is -0.0, which would be read out as "-0 nats"."""
    value = measured(signal, 4, [(account, "all") for account in range(4)])
    assert [math.copysign(1.0, weight) for weight in value] == [1.0] * 4
    assert (value == 0.0).all()


@EACH
def test_values_of_another_kind_are_not_read(signal: SharedValue) -> None:
    others = [other.kind for other in SIGNALS if other is not signal]
    made = population([[]] * 2, shown={kind: [(0, "x"), (1, "x")] for kind in others})
    assert all(math.isnan(value) for value in signal.measure(made).value)


def test_where_people_live_is_no_signal() -> None:
    """Network operators and countries stand for places."""
    assert {signal.kind for signal in SIGNALS} == {"network", "payment", "domain", "client"}
    needs = {column for signal in SIGNALS for column in signal.SPEC.needs}
    assert not needs & {"asn", "country"}
