"""What speaks for an account's belonging to a cluster, in words: kind by kind, and how much.

Log-likelihood ratios in nats, as membership weighed them; how much one says by Kass and Raftery
(1995, section 3.2): below 1 not worth more than a bare mention, to 3 positive ("somewhat"), to 5
strong.
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
        "against everybody else's interests (Dirichlet-multinomial)",
    ),
    "ties": (
        "what it shares",
        "how common its cards, networks, clients and domains are among members, against others; "
        "the most telling of each kind",
    ),
    "sign_ups": (
        "when it signed up",
        "members who signed up within three days, against everybody who did",
    ),
    "pace": (
        "its pace",
        "members' normal distribution of the automation score against everybody's",
    ),
    "volume": (
        "how much it asks",
        "members' normal distribution of the ranked volume against everybody's",
    ),
}
SOURCE: Final = "Own; levels by Kass and Raftery 1995"
#: From so many nats on, it says so much.
_LEVELS: Final = ((5.0, "very strongly"), (3.0, "strongly"), (1.0, "somewhat"))


def told(params: Mapping[str, Any]) -> str:
    """What says most first, and all together beside the least that made a member."""
    nats = {kind: value for kind, value in params["nats"].items() if kind in KINDS}
    ordered = sorted(nats, key=lambda kind: -abs(nats[kind]))
    speaking = [kind for kind in ordered if abs(nats[kind]) >= _LEVELS[-1][0]]
    quiet = [KINDS[kind][0] for kind in ordered if kind not in speaking]
    said = [_speaks(kind, nats[kind], params["held"].get(kind, ())) for kind in speaking]
    hardly = f"{_listed(quiet)} hardly {'say' if len(quiet) > 1 else 'says'} anything"
    text = "; ".join([_listed(said), hardly] if said and quiet else [_listed(said) or hardly])
    least, total = params["least"], sum(nats.values())
    beside = f"the least of its members has {least:+.1f}"
    if not params["member"]:
        beside += ", and strangers come as near as this account"
    return (
        f"Weighed for {params['cluster_id']}: {text}. Together {total:+.1f} nats (natural "
        f"logarithms of likelihood ratios, less independent than a sum takes them for): {beside}."
    )


def _speaks(kind: str, nats: float, held: Sequence[float]) -> str:
    level = next(word for least, word in _LEVELS if abs(nats) >= least)
    side = "for" if nats > 0 else "against"
    most = ", the most it can say" if any(abs(nats - end) < 0.005 for end in held) else ""
    return f"{KINDS[kind][0]} speaks {level} {side} it ({nats:+.1f} nats{most})"


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
