"""Waiting for a case that another process holds: imports queue up, they do not fail."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from workbench.cli.output import hint
from workbench.domain.errors import CaseLockedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.domain.progress import JobContext
    from workbench.services.workspace import Workspace

#: How often it is tried again.
_LOOK_S: Final = 0.2


def when_free(open_case: Callable[[], Workspace], job: JobContext, *, wait: bool) -> Workspace:
    """The case, once no other process holds it; who holds it is said.

    Args:
        open_case: Opens it.
        job: Its cancellation.
        wait: False takes a refusal for an answer.

    Raises:
        CaseLockedError: Another process holds it, and nobody wants to wait.
        CancelledError: The user gave up.
    """
    told = False
    while True:
        try:
            return open_case()
        except CaseLockedError as error:
            if not wait:
                raise
            if not told:
                hint(f"{error.fact} Waiting until it is closed there; Ctrl+C gives up.")
                told = True
            job.check()
            # Ctrl+C cancels the job in a signal's handler, on this very thread: were it waiting on
            # the job's event, and held the event's lock just then, the handler would wait for ever.
            time.sleep(_LOOK_S)
