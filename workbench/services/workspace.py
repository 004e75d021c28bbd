"""The composition root: opens a case and hands out what can be done with it.

One workspace is one open case. Its services share the case through ``OpenCase`` and are safe
from any thread; close it when no call is under way.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from workbench.domain.errors import CaseError
from workbench.services.access import Access
from workbench.services.analysing import Analysing
from workbench.services.attributing import Attributing
from workbench.services.auditing import Auditing
from workbench.services.baselines import Baselines
from workbench.services.browsing import Browsing
from workbench.services.exchanges import Exchanges
from workbench.services.keeping import Keeping
from workbench.services.labelling import Labelling
from workbench.services.loss import Losses
from workbench.services.merging import Merging
from workbench.services.open_case import OpenCase, nothing
from workbench.services.policies import Policies
from workbench.services.reviewing import Reviewing
from workbench.services.selecting import Selecting
from workbench.services.stamping import Stamping

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from workbench.case.folder import Case
    from workbench.case.identity import Signer
    from workbench.services.comparing import Comparing
    from workbench.services.exporting import Exporting
    from workbench.services.fingerprinting import Fingerprinting
    from workbench.services.importing import Importing
    from workbench.services.joining import Joining
    from workbench.services.power import Detectability
    from workbench.services.replaying import Replaying


def user_folder() -> Path:
    """Where the user's key, layouts and recent cases lie; ``WORKBENCH_CONFIG`` names another."""
    from workbench.case.identity import config_folder

    return config_folder()


class Workspace:
    """An open case and its use cases. Made by ``open`` and ``create``.

    Args:
        case: The open case; closed with the workspace.
        analyst: New caption of the analyst's key, kept for next time; None keeps the one it has.
        on_call: Called at every way into the case, on the calling thread (a hook for tests).
        reader: Fingerprint of the key whose reveals count; empty for the analyst's own.
    """

    def __init__(
        self,
        case: Case,
        *,
        analyst: str | None = None,
        on_call: Callable[[], None] = nothing,
        reader: str = "",
    ) -> None:
        #: Whether ``open_or_create`` made it.
        self.made = False
        self._case = case
        self._analyst = analyst
        self._held = OpenCase(case, on_call, reader=reader)
        self.selecting = Selecting(self._held.results)
        self.browsing = Browsing(self._held, self.selecting)
        self.exchanges = Exchanges(self._held, self.selecting)
        self.attributing = Attributing(self._held)
        self.labelling = Labelling(self._held, self.signer)
        self.access = Access(self._held, self.signer)
        self.auditing = Auditing(self._held, self.signer)
        self.policies = Policies(self._held, self.signer)
        self.stamping = Stamping(self._held, self.signer)
        self.merging = Merging(self._held, self.signer)
        self.reviewing = Reviewing(self._held, self.signer)
        self.keeping = Keeping(self._held, self.signer, self.selecting)
        self.baselines = Baselines(self._held)
        self.losses = Losses(self._held, self.signer)
        self.analysing = Analysing(self._held, self.signer)

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        name: str = "",
        analyst: str | None = None,
        on_call: Callable[[], None] = nothing,
    ) -> Self:
        """Make an empty case and open it.

        Raises:
            CaseError: Something lies there already.
            StorageError: The folder cannot be made.
        """
        from workbench.case.folder import Case

        return cls(Case.create(Path(path), name=name), analyst=analyst, on_call=on_call)

    @classmethod
    def open(
        cls,
        path: str | Path,
        *,
        write: bool = True,
        analyst: str | None = None,
        on_call: Callable[[], None] = nothing,
        reader: str = "",
    ) -> Self:
        """Open a case.

        Raises:
            CaseError: Not a case, damaged, or held by another process.
            VersionError: Written by a newer version.
            StorageError: It cannot be read, or not written although asked to.
        """
        from workbench.case.folder import Case

        case = Case.open(Path(path), write=write)
        return cls(case, analyst=analyst, on_call=on_call, reader=reader)

    @classmethod
    def open_or_create(cls, path: str | Path, *, analyst: str | None = None) -> Self:
        """Open the case, or make it where there is none.

        Raises:
            CaseError: Something else lies there, or the case cannot be opened.
            StorageError: The folder cannot be made, or the case cannot be written.
        """
        marker = Path(path) / "case.toml"
        if not marker.exists():
            try:
                workspace = cls.create(path, analyst=analyst)
            except CaseError:
                if not marker.exists():
                    raise
            else:
                workspace.made = True
                return workspace
        return cls.open(path, analyst=analyst)

    def close(self) -> None:
        """Close the case. Closing twice is fine."""
        self._case.close()

    def discard(self) -> None:
        """Close the case and take it away: for whoever just made it and then loaded nothing."""
        self._case.discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The case folder."""
        return self._case.path

    @property
    def writable(self) -> bool:
        """Whether the case is open for writing."""
        return self._case.write

    @property
    def recovered(self) -> bool:
        """Whether an import that did not finish was taken back at open."""
        return self._case.recovered

    def signer(self) -> Signer:
        """The analyst's key; made on first use."""
        return self._own_signer

    def sign_as(self, name: str) -> None:
        """Give the analyst's key another caption, kept for next time; entries keep theirs."""
        from workbench.case.identity import Signer

        self._own_signer = Signer.own(name=name)

    def sign_with(self, signer: Signer) -> None:
        """Let another key than the analyst's own write the entries."""
        self._own_signer = signer

    @cached_property
    def _own_signer(self) -> Signer:
        from workbench.case.identity import Signer

        return Signer.own(name=self._analyst)

    @cached_property
    def importing(self) -> Importing:
        """Bring logs in."""
        # Imported here: formats are many, and most commands need none.
        from workbench.services.importing import Importing

        return Importing(self._held, self.signer)

    @cached_property
    def joining(self) -> Joining:
        """Add tables beside the logs."""
        # Imported here: only few commands need it.
        from workbench.services.joining import Joining

        return Joining(self._held, self.signer)

    @cached_property
    def exporting(self) -> Exporting:
        """Write evidence out, and verify it."""
        # Imported here: the bundle brings the typesetter with it.
        from workbench.services.exporting import Exporting

        return Exporting(self._held, self.signer, self.browsing, self.fingerprinting)

    @cached_property
    def fingerprinting(self) -> Fingerprinting:
        """Take the fingerprint of a campaign, and look for one."""
        # Imported here: only few commands need it.
        from workbench.services.fingerprinting import Fingerprinting

        return Fingerprinting(self._held, self.signer, self.browsing, self.analysing.last_settings)

    @cached_property
    def replaying(self) -> Replaying:
        """Replay the log in copies, for evaluation."""
        # Imported here: it brings the evaluation with it.
        from workbench.services.replaying import Replaying

        return Replaying(self._held, self.signer)

    @cached_property
    def detectability(self) -> Detectability:
        """Plant campaigns in copies: what would have been found."""
        # Imported here: it brings the simulator with it.
        from workbench.services.power import Detectability

        return Detectability(self._held)

    @cached_property
    def comparing(self) -> Comparing:
        """Published detectors on the accounts, for evaluation."""
        # Imported here: it brings the evaluation with it.
        from workbench.services.comparing import Comparing

        return Comparing(self._held, self.browsing)

    def renew(self) -> None:
        """Read results and decisions anew at the next call."""
        self._held.renew(results=True, decisions=True)
