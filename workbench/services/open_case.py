"""The case that a workspace holds, as the services share it.

Every way from a service to the case leads through here, so that one hook sees every call: the
window's tests hang a check on it that the call is not on the UI thread. Keeps the current
reading and the labels that stand; both are replaced whole, never changed.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from workbench.case.gate import Gate
from workbench.domain.errors import KnownError, NotAssessedError
from workbench.domain.label import DECISIONS, EntryKind
from workbench.services.results import Results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from workbench.case.folder import Case
    from workbench.case.labels import LabelBook
    from workbench.case.policy import Policy
    from workbench.domain.label import LabelState
    from workbench.domain.ports import Artifacts, Engine
    from workbench.services.gates import Asked

#: Shows no text to anybody.
_NOTHING: Final = Gate(hidden=True)


def nothing() -> None:
    """The hook of a workspace that nobody watches."""


class OpenCase:
    """One open case: its ports, the current reading, and the labels that stand.

    Args:
        case: The case folder, open.
        on_call: Called at every way into the case, on the calling thread.
        reader: Fingerprint of the key whose reveals count; empty for who runs the program.
    """

    def __init__(
        self, case: Case, on_call: Callable[[], None] = nothing, *, reader: str = ""
    ) -> None:
        self._reader = reader
        self._case = case
        self._on_call = on_call
        self._lock = threading.Lock()
        self._results: Results | None = None
        self._book: LabelBook | None = None
        #: Whether entries were added since the book was read.
        self._stale = False
        self._gating = threading.Lock()
        #: The book, and what was asked of it; and the gate of that.
        self._asked: tuple[LabelBook, Asked] | None = None
        self._gate: tuple[object, Gate] | None = None

    @property
    def case(self) -> Case:
        """The case folder itself."""
        self._on_call()
        return self._case

    @property
    def artifacts(self) -> Artifacts:
        """What was computed."""
        return self.case.artifacts

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """An engine for the calling thread, given back at the end.

        It shows what this analyst may read: every text that a service hands out comes from here.
        """
        gate = self.gate()
        engine = self.case.engine() if gate is None else self.case.engine(gate)
        try:
            yield engine
        finally:
            engine.close()

    @contextmanager
    def computing(self) -> Iterator[Engine]:
        """An engine that shows every text, for what computes with them and hands none out."""
        engine = self.case.engine()
        try:
            yield engine
        finally:
            engine.close()

    @property
    def reader(self) -> str:
        """Fingerprint of the key whose reveals count; empty where every text may be read."""
        from workbench.case.identity import own_fingerprint

        if not self.policy().hide_prompts:
            return ""
        return self._reader or own_fingerprint() or ""

    def gate(self) -> Gate | None:
        """Which texts this analyst may read; None for all. The same object until that changes."""
        from workbench.services.gates import Asked, made_gate

        self._on_call()
        try:
            book = self.book()
        except KnownError:
            # Journals that cannot be read cannot say that anybody may read.
            return _NOTHING
        with self._gating:
            if self._asked is None or self._asked[0] is not book:
                self._asked = (book, Asked.read(book, self.policy(), self.reader))
            asked = self._asked[1]
            if asked.free:
                return None
            key = (asked, self._case.given.sizes())
            if self._gate is None or self._gate[0] != key:
                self._gate = (key, made_gate(self.computing, asked))
            return self._gate[1]

    def rejects(self, *, offset: int = 0, limit: int | None = None) -> pa.Table:
        """As ``GivenStore.rejects``; without their bytes where texts are read after a reveal."""
        table = self.case.given.rejects(offset=offset, limit=limit)
        gate = self.gate()
        if gate is None or not gate.hidden:
            return table
        import pyarrow as pa

        place = table.schema.get_field_index("raw")
        empty = pa.array([b""] * table.num_rows, table.schema.field("raw").type)
        return table.set_column(place, "raw", empty)

    def results(self) -> Results:
        """The current reading; the same object until ``renew``."""
        self._on_call()
        with self._lock:
            if self._results is None:
                self._results = Results.read(self._case.artifacts)
            return self._results

    def book(self) -> LabelBook:
        """The journals folded: labels that stand, and what may be undone."""
        self._on_call()
        from workbench.case.labels import LabelBook

        with self._lock:
            if self._book is None or self._stale:
                entries = self._case.journals.entries()
                self._book = self._book.after(entries) if self._book else LabelBook.fold(entries)
                self._stale = False
            return self._book

    def labels(self) -> Mapping[str, LabelState]:
        """The label that stands on each labelled account, by account key."""
        return self.book().labels

    def policy(self) -> Policy:
        """How the case wants to be handled, folded from the journals."""
        from workbench.case.policy import Policy

        book = self.book()
        # Records are passed over: an export must not change what the next one says.
        deciding = {e.analyst.fingerprint for e in book.entries if e.kind in DECISIONS}
        shared = len(deciding) > 1 or any(e.kind is EntryKind.MERGE for e in book.entries)
        return Policy.fold(book.live(), shared=shared)

    def need_texts(self, fact: str) -> None:
        """For what reads texts.

        Args:
            fact: What cannot be done without them, the end of a sentence.

        Raises:
            NotAssessedError: They were left out at the door.
        """
        door = self.case.given.door()
        if door is not None and door.text:
            raise NotAssessedError(
                f"The texts of this case were left out at the door, so {fact}.",
                remedy="Import the logs with their texts into another case.",
            )

    def renew(self, *, results: bool = False, decisions: bool = False) -> None:
        """Forget what a mutation made old; the next call reads anew."""
        with self._lock:
            if results:
                self._results = None
            if decisions:
                self._stale = True
