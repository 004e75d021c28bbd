"""A fingerprint that tells how common things are, and not among how many customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from workbench.analysis.fingerprint.form import Client, Measured, Seen, Value, Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.analysis.fingerprint.form import Fingerprint

_Counted = TypeVar("_Counted", Client, Measured, Value, Wording)


def scaled(found: Fingerprint) -> Fingerprint:
    """With counts of ordinary accounts out of a power of ten, the greatest that is no more.

    Rounded up, so that nothing looks rarer than it was. What is matched by it stays as it is but
    for the rate at which the threshold was passed at home.
    """
    whole = 10 ** (len(str(found.ordinary)) - 1)

    def less(seen: Seen) -> Seen:
        return Seen(seen.members, -(-seen.ordinary * whole // found.ordinary))

    def each(items: Sequence[_Counted]) -> list[_Counted]:
        return [replace(one, seen=less(one.seen)) for one in items]

    regions = found.regions
    return replace(
        found,
        ordinary=whole,
        wordings=each(found.wordings),
        regions=regions and replace(regions, seen=[less(one) for one in regions.seen]),
        clients=each(found.clients),
        values=each(found.values),
        parts=each(found.parts),
        threshold=replace(found.threshold, seen=less(found.threshold.seen)),
    )
