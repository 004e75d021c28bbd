"""What speaks for an account's belonging to a cluster, in words: kind by kind, and how much.

Log-likelihood ratios in nats, as membership weighed them; how much one says by Kass and Raftery
(1995, section 3.2): below 1 not worth more than a bare mention, to 3 positive, to 5 strong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Kind of evidence -> what it is called, and what is weighed.
KINDS: Final[dict[str, tuple[str, str]]] = {
    "content": (
        "what it asks",
        "regions and wordings under the lists of the cluster's parts, or one of them in part, "
        "against everybody else's interests (Dirichlet-multinomial); bounded",
    ),
    "ties": (
        "what it shares",
        "how common its cards, networks, clients and domains are among members, against others; "
        "the most telling of each kind; bounded",
    ),
    "sign_ups": (
        "when it signed up",
        "members who signed up within three days, against everybody who did; bounded",
    ),
    "pace": (
        "its pace",
        "members' normal distribution of the automation score against everybody's; bounded",
    ),
    "volume": (
        "how much it asks",
        "members' normal distribution of the ranked volume against everybody's; bounded",
    ),
}
SOURCE: Final = "Own; levels by Kass and Raftery 1995"
#: From so many nats on, it says so much.
_LEVELS: Final = ((5.0, "very strongly"), (3.0, "strongly"), (1.0, "clearly"))


def told(params: Mapping[str, Any]) -> str:
    """One sentence, what says most first."""
    nats = {kind: value for kind, value in params["nats"].items() if kind in KINDS}
    ordered = sorted(nats, key=lambda kind: -abs(nats[kind]))
    speaking = [kind for kind in ordered if abs(nats[kind]) >= _LEVELS[-1][0]]
    quiet = [KINDS[kind][0] for kind in ordered if kind not in speaking]
    said = [
        f"{KINDS[kind][0]} speaks {_how(nats[kind])} ({nats[kind]:+.1f} nats)" for kind in speaking
    ]
    hardly = f"{_listed(quiet)} hardly {'say' if len(quiet) > 1 else 'says'} anything"
    text = "; ".join([_listed(said), hardly] if said and quiet else [_listed(said) or hardly])
    return f"Weighed for {params['cluster_id']}: {text}."


def _how(nats: float) -> str:
    level = next(word for least, word in _LEVELS if abs(nats) >= least)
    return f"{level} {'for' if nats > 0 else 'against'} it"


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
