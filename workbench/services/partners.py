"""Between fingerprints and STIX: the campaign that is told, and what a partner's file looks for."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from typing import TYPE_CHECKING, Final

from workbench.analysis.fingerprint.compare import Indicators
from workbench.analysis.fingerprint.form import VALUE_KINDS, decoded, read_file
from workbench.analysis.fingerprint.wordings import Skeleton
from workbench.analysis.signals.ties import network_of
from workbench.bundle.stix import Campaign, Indicator
from workbench.bundle.stix_reading import is_stix, read_stix
from workbench.domain.errors import InputError
from workbench.domain.text import elide, plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.analysis.fingerprint.form import Fingerprint
    from workbench.bundle.stix_reading import Partner

_WORDING: Final = re.compile(r"([0-9]{1,2}) ([0-9]{1,2}) ([0-9a-f]{16})")
_TOKENS: Final = 16
_DAY_US: Final = 86_400_000_000


def campaign_of(found: Fingerprint, provider: str, marking: str, at_us: int) -> Campaign:
    """A fingerprint as the campaign that STIX is told.

    Args:
        found: The fingerprint.
        provider: Who tells it.
        marking: TLP 2.0 mark.
        at_us: When this was found out, UTC microseconds.
    """
    origin = found.origin
    known = origin.label or "nobody has decided yet"
    return Campaign(
        key=f"{origin.case_digest} {origin.cluster}",
        name=f"Campaign {origin.case_digest[:8]} {origin.cluster}",
        said=(
            f"{plural(origin.n_accounts, 'account', 'accounts')} that ask a model for the same "
            f"things in the same way; verdict of the analysis: {origin.verdict}; a person's label: "
            f"{known}."
        ),
        provider=provider,
        marking=marking,
        at_us=at_us,
        first_us=_midnight_us(origin.first_day),
        last_us=_midnight_us(origin.last_day),
        indicators=[
            *(
                Indicator(
                    kind="wordings",
                    value=f"{one.head} {one.tail} {one.key}",
                    name=elide(one.skeleton or f"wording {one.key}", 120),
                    accounts=one.seen.members,
                    ordinary=one.seen.ordinary,
                    n_ordinary=found.ordinary,
                )
                for one in found.wordings
            ),
            *(
                Indicator(
                    kind=one.kind,
                    value=one.value,
                    name=elide(f"{one.kind}: {one.value}", 120),
                    accounts=one.seen.members,
                    ordinary=one.seen.ordinary,
                    n_ordinary=found.ordinary,
                )
                for one in found.values
            ),
        ],
        fingerprint=found.data,
    )


def wanted_of(
    path: Path,
) -> Iterator[tuple[Path, str, Fingerprint | Indicators, tuple[str, ...]]]:
    """What a file asks to look for, with its digest and what of it was not understood.

    Raises:
        InputError: It cannot be read, is neither a fingerprint nor STIX, or is damaged.
        VersionError: A newer program wrote it.
    """
    data = read_file(path)
    digest = hashlib.sha256(data).hexdigest()
    if not is_stix(data):
        yield path, digest, decoded(data, path), ()
        return
    partner = read_stix(data, path)
    unread = tuple(f"{one.id}: {one.why}" for one in partner.unread)
    # A whole fingerprint says all that its indicators do, and how often each.
    for one in partner.fingerprints:
        yield path, digest, decoded(one, path), unread
    if not partner.fingerprints:
        looked, others = indicators_of(partner, path)
        yield path, digest, looked, unread + others


def indicators_of(partner: Partner, path: Path) -> tuple[Indicators, tuple[str, ...]]:
    """What a partner's bundle asks to look for, and what of it was not understood.

    Raises:
        InputError: Nothing of it can be looked for.
    """
    skeletons: list[Skeleton] = []
    values: dict[str, dict[str, None]] = {}
    unread: list[str] = []
    for kind, value in partner.values:
        if kind == "wordings":
            found = _WORDING.fullmatch(value)
            head, tail = (int(found[1]), int(found[2])) if found else (0, 0)
            if head + tail == 0 or max(head, tail) > _TOKENS:
                unread.append(f"{elide(value, 60)}: no wording of this program")
            else:
                skeletons.append(Skeleton(head, tail, int(value[-16:], 16)))
        elif kind in VALUE_KINDS:
            text = _network(value) if kind == "networks" else value
            if text:
                values.setdefault(kind, {})[text] = None
            else:
                unread.append(f"{elide(value, 60)}: no address, or a network wider than /24 or /48")
    if not skeletons and not values:
        raise InputError(
            f"{path} holds no indicator that can be looked for.",
            remedy="docs/fingerprints.md says which patterns are understood.",
        )
    return (
        Indicators(tuple(skeletons), {kind: tuple(held) for kind, held in values.items()}),
        tuple(unread),
    )


def _network(value: str) -> str:
    """The network as logs are read by, of an address or of one no wider; else nothing."""
    try:
        given = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return ""
    if given.prefixlen < (24 if given.version == 4 else 48):
        return ""
    return network_of(str(given.network_address))


def _midnight_us(day: str | None) -> int | None:
    import datetime as dt

    if day is None:
        return None
    return (dt.date.fromisoformat(day) - dt.date(1970, 1, 1)).days * _DAY_US
