"""Shared infrastructure: values that an account shares with customers it should not know.

One signal a kind: networks (/24 or /48), payers, mail domains, clients (JA3, JA4, user agent).
Accounts that are openly one customer share nothing with each other here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from workbench.analysis.signals.population import Reading
from workbench.analysis.signals.ties import strongest_share
from workbench.domain.signal import Axis, SignalSpec

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

_SOURCE = "CooRTweet layers with -log frequency, hubs capped"


@dataclass(frozen=True, slots=True)
class SharedValue:
    """Evidence of the rarest shared value of one kind.

    Attributes:
        SPEC: What it measures.
        kind: Kind of value, as in ``ties.KINDS``.
    """

    SPEC: SignalSpec
    kind: str

    def measure(self, population: Population) -> Reading:
        """The value that ``SPEC`` tells of every account."""
        value = strongest_share(population.ties, self.kind, population.n_accounts)
        return Reading(value, value)


def _shared(kind: str, title: str, needs: tuple[str, ...], evades: str) -> SharedValue:
    # Clients are told by any one of JA3, JA4 and user agent.
    spec = SignalSpec(
        name=f"shared_{kind}",
        axis=Axis.COORDINATION,
        title=title,
        unit="nats",
        formula="-log of the share of customers who hold the rarest value that it shares; 0: none.",
        needs=needs,
        source=_SOURCE,
        evades=evades,
        needs_all=False,
    )
    return SharedValue(spec, kind)


SIGNALS: Final = (
    _shared("network", "Shared networks", ("ip",), "A residential address for every account."),
    _shared("payment", "Shared payers", ("payment_hash",), "A card for every account."),
    _shared("domain", "Shared mail domains", ("email_domain",), "Mail at large providers."),
    _shared(
        "client",
        "Shared clients",
        ("ja3", "ja4", "user_agent"),
        "Common browsers and libraries, or a client for every account.",
    ),
)
