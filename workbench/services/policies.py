"""The policy of a case: read, and set in the name of one analyst.

A policy is a decision: a line of the journal with its reason, which undo takes back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workbench.case.clock import moment
from workbench.case.policy import FIELDS, Policy
from workbench.domain.changes import Changes
from workbench.domain.errors import InputError
from workbench.domain.label import EntryKind
from workbench.services.network import network

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.case.identity import Signer
    from workbench.domain.label import JournalEntry
    from workbench.services.network import Reach
    from workbench.services.open_case import OpenCase

#: What each field is called where it is shown.
TITLES: Final = {
    "hide_prompts": "Prompts only after a reveal",
    "sign_off_required": "Sign-off by a second analyst before export",
    "legal_hold": "Legal hold: nothing is purged",
    "retention_days": "Retention, days",
    "stamp_url": "Time-stamp server",
}
_REMEDY: Final = {
    "retention_days": "Give a whole number of days, 1 at least.",
    "stamp_url": "Give an address that begins with http:// or https://, without a password.",
}


class Policies:
    """Reads and sets the policy of a case. Safe from any thread.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    def now(self) -> Policy:
        """The policy that stands."""
        return self._held.policy()

    def unset(self) -> Policy:
        """What would hold where nobody had set anything."""
        return Policy.fold((), shared=len(self._held.case.journals.keys()) > 1)

    def network(self, embedder: str) -> tuple[Reach, ...]:
        """What may open a connection, and how it stands; as ``services.network.network``."""
        return network(self._held, embedder)

    def set(self, wanted: Mapping[str, Any], why: str, *, initiator: str = "") -> Changes:
        """Set fields of the policy; those that stand so already are left alone.

        Args:
            wanted: Fields of ``Policy`` and their new values; None means: as nobody said.
            why: The reason, in the analyst's words.
            initiator: Name of the view that asked.

        Returns:
            What changed; nothing where all stood so already, and then no entry is written.

        Raises:
            InputError: There is no such field, it takes no such value, or there is no reason.
            StorageError: The journal cannot be written; nothing was decided.
        """
        now = self.now()
        changed: dict[str, Any] = {}
        for name, value in wanted.items():
            if name not in FIELDS:
                raise InputError(f"A case has no setting {name}.")
            if value is not None and not FIELDS[name](value):
                raise InputError(
                    f"{TITLES[name]}: {value!r} cannot be set.",
                    remedy=_REMEDY.get(name, "Say yes or no."),
                )
            if (name in now.said) != (value is not None) or (
                value is not None and getattr(now, name) != value
            ):
                changed[name] = value
        if not changed:
            return Changes(initiator=initiator)
        if not why.strip():
            raise InputError("The setting has no reason.", remedy="Say why: --why TEXT.")
        self._held.case.journals.append(
            EntryKind.POLICY, {"policy": changed, "why": why}, self._signer()
        )
        self._held.renew(decisions=True)
        texts = "hide_prompts" in changed
        return Changes(decided=True, frame=True, texts=texts, initiator=initiator)


def policy_dict(policy: Policy) -> dict[str, Any]:
    """The policy as one JSON object: ``settings``, and who ``said`` each that somebody set."""
    said = {
        name: {
            "entry": entry.digest,
            "at_us": entry.at_us,
            "analyst": entry.analyst.name,
            "fingerprint": entry.analyst.fingerprint,
            "why": str(entry.body.get("why", "")),
        }
        for name, entry in policy.said.items()
    }
    return {"settings": policy.as_dict(), "said": said}


def policy_rows(policy: Policy) -> list[tuple[str, str, str]]:
    """Each setting as it is shown: title, value, and who set it, when and why."""
    return [
        (TITLES[name], told(name, value), said_by(policy.said.get(name)))
        for name, value in policy.as_dict().items()
    ]


def said_by(entry: JournalEntry | None) -> str:
    """Who set a field, when and why."""
    if entry is None:
        return "nobody set it"
    who = f"{entry.analyst.name} {entry.analyst.short}, {moment(entry.at_us)}"
    return f"{who}: {entry.body.get('why', '')}"


def told(name: str, value: object) -> str:
    """A value as it is shown."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value else {"retention_days": "no limit"}.get(name, "none")
