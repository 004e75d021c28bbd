"""The journals as evidence: verified, compared with a bundle, gone on with where lines are lost."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.changes import Changes
from workbench.domain.errors import InputError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.case.identity import Signer
    from workbench.case.pins import Pin
    from workbench.services.open_case import OpenCase

_HEADS: Final = ("data", "audit", "heads.json")
_CASE: Final = "External-Identifier: "


class Auditing:
    """Checks the journals of an open case, in the name of one analyst. Safe from any thread.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def notices(self) -> list[str]:
        """What a person should know of the journals: what they lack, what a crash cut off."""
        return self._held.case.journals.notices

    def verify(self, *, every: bool = False, against: Path | None = None) -> dict[str, Any]:
        """Check chains, signatures and pins of all journals, and that they hold what a bundle pins.

        Args:
            every: Check each line's own signature, not that of each journal's last line alone.
            against: A bundle of this case; what it pins must be there.

        Returns:
            ``journals`` and ``entries``: how many were checked; ``clock``: lines that were written
            after the clock was set back (journal, line, by how many microseconds); ``against``:
            the bundle, who signed it and how many journals it pins, or None.

        Raises:
            VerificationError: Names the first bad line, the journal that was cut off, or what is
                wrong with the bundle.
            InputError: The bundle is of another case, or pins nothing.
            StorageError: The disk failed.
        """
        checked = asdict(self._held.case.journals.verify(every=every))
        beside = None if against is None else self._compare(against)
        return checked | {"clock": list(checked["clock"]), "against": beside}

    def accept(self, why: str, *, initiator: str = "") -> Changes:
        """Go on without entries that are missing, by an entry that names them.

        Raises:
            InputError: Nothing is missing, or there is no reason.
            StorageError: The journal cannot be written; nothing was decided.
        """
        if not why.strip():
            raise InputError("Going on has no reason.", remedy="Say why: --why TEXT.")
        self._held.case.journals.accept(why, self._signer())
        self._held.renew(decisions=True)
        return Changes(decided=True, initiator=initiator)

    def _compare(self, bundle: Path) -> dict[str, Any]:
        # Imported here: most checks are of the case alone.
        from workbench.bundle.verify import verify

        found = verify(bundle)
        if not found.intact:
            raise VerificationError(
                f"The bundle {bundle} does not verify: {found.problems[0]}.",
                remedy="Compare with another copy of it.",
            )
        case = self._held.case
        about = (bundle / "bag-info.txt").read_text("utf-8").splitlines()
        if f"{_CASE}{case.id}" not in about:
            raise InputError(
                f"{bundle} is a bundle of another case.", remedy="Name one that this case wrote."
            )
        pins, ours = _pins(bundle), case.journals.heads().keys()
        for key, pin in sorted(pins.items()):
            # A share edition names journals by words: the digest of a line is of one journal.
            if not any(case.journals.holds(own, pin) for own in ([key] if key in ours else ours)):
                raise VerificationError(
                    f"Line {pin.number:,} of the journal {key}.jsonl, which {bundle} holds, is "
                    "not in the case: the journal was cut off or replaced since it was exported.",
                    remedy="Restore it from a copy of the case, or from data/audit of the bundle.",
                )
        return {"bundle": str(bundle), "signer": found.fingerprint, "journals": len(pins)}


def _pins(bundle: Path) -> dict[str, Pin]:
    from workbench.case.pins import Pin

    try:
        found = json.loads(bundle.joinpath(*_HEADS).read_bytes())
        pins = {key: Pin(int(pin["number"]), str(pin["digest"])) for key, pin in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pins = {}
    if not pins:
        raise InputError(
            f"{bundle} pins no journal: nothing was decided before it was exported.",
            remedy="Name a later bundle.",
        )
    return pins
