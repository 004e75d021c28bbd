"""Time stamps of the journals' heads: asked for, taken, listed and checked.

Nothing is sent but a digest, and only when a person asks: to the server of the case's settings,
or the one that is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.case.stamps import Stamps
from workbench.case.time_server import ask
from workbench.domain.changes import Changes
from workbench.domain.errors import InputError, VerificationError
from workbench.domain.label import EntryKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cryptography import x509

    from workbench.case.identity import Signer
    from workbench.case.pins import Pin
    from workbench.case.stamps import Stamp
    from workbench.services.open_case import OpenCase


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking for stamps.

    Attributes:
        stamped: Those that were answered now.
        waiting: Those that still wait.
        trouble: Why the first of them does; empty where nothing waits, or nobody was asked.
    """

    stamped: tuple[Stamp, ...]
    waiting: tuple[Stamp, ...]
    trouble: str = ""


class Stamping:
    """Stamps of a case. Safe from any thread.

    Args:
        held: The open case.
        signer: Gives the analyst's key; made on first use.
    """

    def __init__(self, held: OpenCase, signer: Callable[[], Signer]) -> None:
        self._held = held
        self._signer = signer

    @property
    def _stamps(self) -> Stamps:
        return Stamps(self._held.case.path / "decided" / "stamps", self._held.case.id)

    def ask(self, url: str = "") -> Asked:
        """Have the heads as they are now stamped, and whatever waits.

        Args:
            url: Of the server; empty for that of the case's settings, and where there is none
                the heads wait.

        Raises:
            InputError: Nothing was decided yet, or the address is none.
            StorageError: The case cannot be written.
        """
        self._queued()
        stamps, url = self._stamps, url or self._held.policy().stamp_url
        waiting = [one for one in stamps.all() if one.answer is None]
        stamped: list[Stamp] = []
        trouble = "" if url else "No time-stamp server is set."
        for one in waiting if url else ():
            try:
                answer = ask(url, stamps.request(one))
                stamped.append(self._taken(answer, url))
            except InputError as error:
                trouble = str(error)
                break
        return Asked(tuple(stamped), tuple(waiting[len(stamped) :]), trouble)

    def request(self) -> tuple[Stamp, bytes]:
        """The heads as they are now wait; the request for them, to be carried to an authority.

        Raises:
            InputError: Nothing was decided yet.
            StorageError: The case cannot be written.
        """
        stamp = self._queued()
        return stamp, self._stamps.request(stamp)

    def take(self, answer: bytes) -> tuple[Stamp, Changes]:
        """Keep an answer that was carried here.

        Raises:
            InputError: It is none, or of nothing that was asked here.
            StorageError: The case cannot be written.
        """
        return self._taken(answer, ""), Changes(decided=True)

    def listed(self, certificates: Path | None = None) -> list[tuple[Stamp, str]]:
        """Every stamp, and what was checked of it.

        Args:
            certificates: Whom to trust (PEM: roots, and what leads to them); None leaves the
                signatures of the authorities unchecked, and that is said.

        Raises:
            InputError: The certificates cannot be read.
            VerificationError: A stamp does not hold, or a journal lacks a line that was stamped.
        """
        trusted = None if certificates is None else _read(certificates)
        found = []
        for stamp in self._stamps.all():
            self._require_held(stamp)
            said = "waits"
            if stamp.answer is not None:
                said = "signature not checked"
                if trusted is not None:
                    self._stamps.check(stamp, trusted)
                    said = "signature holds"
            found.append((stamp, said))
        return found

    def _queued(self) -> Stamp:
        journals = self._held.case.journals
        journals.check()
        heads: dict[str, Pin] = journals.heads()
        if not heads:
            raise InputError(
                "There is nothing to stamp: no journal has an entry.",
                remedy="Stamp the case once something was imported, run or decided.",
            )
        return self._stamps.ask(heads)

    def _taken(self, answer: bytes, url: str) -> Stamp:
        stamp = self._stamps.keep(answer)
        assert stamp.answer is not None
        body: dict[str, Any] = {
            "heads": stamp.digest,
            "stamped_at": stamp.answer.at.isoformat(),
            "authority": stamp.answer.authority,
            "serial": str(stamp.answer.serial),
            "answer": stamp.answer.digest,
            "server": url,
        }
        self._held.case.journals.append(EntryKind.STAMP, body, self._signer())
        self._held.renew(decisions=True)
        return stamp

    def _require_held(self, stamp: Stamp) -> None:
        for key, pin in sorted(stamp.heads.items()):
            if not self._held.case.journals.holds(key, pin):
                raise VerificationError(
                    f"Line {pin.number} of the journal {key} was stamped, and is not there any "
                    "more, or is another one.",
                    remedy="Restore the journals from a copy of the case, or of a bundle.",
                )


def _read(path: Path) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} holds no certificates that can be read.",
            remedy="Give a file of certificates in PEM form, roots included.",
        ) from error
