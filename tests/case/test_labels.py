"""Labels folded from entries: undo and redo without limit."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workbench.case.labels import LabelBook
from workbench.domain.label import Analyst, EntryKind, JournalEntry, Label

ANA, BO = Analyst("SHA256:ana", "Ana"), Analyst("SHA256:bo", "Bo")


class Book:
    """A journal in memory, and what it folds to."""

    def __init__(self) -> None:
        self.entries: list[JournalEntry] = []

    def add(self, kind: EntryKind, body: dict[str, Any], analyst: Analyst = ANA) -> JournalEntry:
        number = 1 + sum(entry.analyst == analyst for entry in self.entries)
        digest = f"{analyst.name}{number}"
        entry = JournalEntry(digest, "", number, kind, 1000 + len(self.entries), analyst, body)
        self.entries.append(entry)
        return entry

    def label(
        self, accounts: str, label: Label = Label.CONFIRMED, analyst: Analyst = ANA
    ) -> JournalEntry:
        body = {"label": label.value, "why": "seen", "accounts": accounts.split()}
        return self.add(EntryKind.LABEL, body, analyst)

    def undo(self, analyst: Analyst = ANA) -> bool:
        target = self.folded.undo_target(analyst.fingerprint)
        return self._revert(target, analyst)

    def redo(self, analyst: Analyst = ANA) -> bool:
        target = self.folded.redo_target(analyst.fingerprint)
        return self._revert(target, analyst)

    def _revert(self, target: JournalEntry | None, analyst: Analyst) -> bool:
        if target is None:
            return False
        self.add(EntryKind.REVERT, {"entry": target.digest}, analyst)
        return True

    @property
    def folded(self) -> LabelBook:
        return LabelBook.fold(self.entries)

    @property
    def labels(self) -> dict[str, str]:
        return {key: state.label.value for key, state in self.folded.labels.items()}


def test_the_last_label_of_an_account_stands() -> None:
    book = Book()
    book.label("a b")
    last = book.label("b c", Label.BENIGN, BO)
    assert book.labels == {"a": "confirmed", "b": "benign", "c": "benign"}
    state = book.folded.labels["b"]
    assert (state.why, state.analyst, state.at_us, state.entry) == ("seen", BO, 1001, last.digest)
    assert state.cluster_id == ""
    body = {"label": "suspected", "why": "", "accounts": ["a"], "cluster_id": "C-001"}
    book.add(EntryKind.LABEL, body)
    assert book.folded.labels["a"].cluster_id == "C-001"


def test_undo_shows_what_stood_before() -> None:
    book = Book()
    book.label("a")
    book.label("a", Label.BENIGN)
    assert book.undo()
    assert book.labels == {"a": "confirmed"}
    assert book.undo()
    assert book.labels == {}
    assert not book.undo()
    assert book.redo()
    assert book.labels == {"a": "confirmed"}
    assert book.redo()
    assert book.labels == {"a": "benign"}
    assert not book.redo()


def test_a_new_decision_ends_redo() -> None:
    book = Book()
    book.label("a")
    book.undo()
    book.label("b")
    assert not book.redo()
    book.undo()
    assert book.redo()
    assert not book.redo()
    assert book.labels == {"b": "confirmed"}


def test_each_analyst_undoes_their_own() -> None:
    book = Book()
    book.label("a")
    book.label("a", Label.BENIGN, BO)
    assert book.undo(ANA)
    assert book.labels == {"a": "benign"}
    assert not book.undo(ANA)
    assert book.undo(BO)
    assert book.labels == {}
    assert book.redo(ANA)
    assert book.labels == {"a": "confirmed"}


def test_a_revert_of_another_analysts_entry_counts_for_nothing() -> None:
    book = Book()
    entry = book.label("a")
    book.add(EntryKind.REVERT, {"entry": entry.digest}, BO)
    book.add(EntryKind.REVERT, {"entry": "no such entry"})
    book.add(EntryKind.REVERT, {})
    assert book.labels == {"a": "confirmed"}
    assert book.folded.redo_target(BO.fingerprint) is None
    assert book.folded.accounts_of(book.entries[2]) == frozenset()


def test_a_revert_over_another_analyst_says_so() -> None:
    book = Book()
    first = book.label("a")
    book.label("a", Label.BENIGN, BO)
    book.add(EntryKind.REVERT, {"entry": first.digest, "over": BO.fingerprint}, BO)
    assert book.folded.stands(first)  # over another key than that which decided
    over = book.add(EntryKind.REVERT, {"entry": first.digest, "over": ANA.fingerprint}, BO)
    assert not book.folded.stands(first)
    assert book.folded.redo_target(BO.fingerprint) == over
    assert book.redo(BO)
    assert book.folded.stands(first)
    # The one who was overruled may do the same.
    again = book.add(EntryKind.REVERT, {"entry": first.digest, "over": ANA.fingerprint}, BO)
    book.add(EntryKind.REVERT, {"entry": again.digest, "over": BO.fingerprint}, ANA)
    assert book.folded.stands(first)


def test_a_revert_over_another_analyst_of_what_comes_later_counts_for_nothing() -> None:
    book = Book()
    book.add(EntryKind.REVERT, {"entry": "Ana1", "over": ANA.fingerprint}, BO)
    book.label("a")
    assert book.labels == {"a": "confirmed"}


def test_a_revert_that_comes_before_its_target_counts_for_nothing() -> None:
    book = Book()
    book.add(EntryKind.REVERT, {"entry": "Ana2"})
    book.label("a")
    assert book.labels == {"a": "confirmed"}


def test_notes_and_selections_are_decisions_records_are_not() -> None:
    book = Book()
    book.label("a")
    book.add(EntryKind.RUN, {"seed": 0})
    book.add(EntryKind.NOTE, {"text": "asked billing"})
    book.add(EntryKind.EXPORT, {"path": "out"})
    target = book.folded.undo_target(ANA.fingerprint)
    assert target is not None
    assert target.kind is EntryKind.NOTE
    book.undo()
    book.add(EntryKind.RUN, {"seed": 1})
    assert book.redo()
    assert [entry.kind for entry in book.folded.live()] == [EntryKind.LABEL, EntryKind.NOTE]
    run = book.entries[1]
    book.add(EntryKind.REVERT, {"entry": run.digest})
    assert book.folded.stands(run)


def test_accounts_of_an_entry_and_of_its_reverts() -> None:
    book = Book()
    book.label("a b")
    book.undo()
    book.redo()
    folded = book.folded
    for entry in book.entries:
        assert folded.accounts_of(entry) == {"a", "b"}


_STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("label"),
            st.sampled_from([ANA, BO]),
            st.sampled_from(["a", "b", "a b", "c"]),
            st.sampled_from(list(Label)),
        ),
        st.tuples(st.sampled_from(["undo", "redo"]), st.sampled_from([ANA, BO])),
    ),
    max_size=25,
)


class _Stacks:
    """Undo and redo as everyone knows them: two stacks for each analyst."""

    def __init__(self) -> None:
        self.done: dict[str, list[int]] = {"Ana": [], "Bo": []}
        self.undone: dict[str, list[int]] = {"Ana": [], "Bo": []}
        self.given: list[tuple[str, Label]] = []

    def label(self, who: str, accounts: str, label: Label) -> None:
        self.done[who].append(len(self.given))
        self.undone[who].clear()
        self.given.append((accounts, label))

    def move(self, who: str, *, back: bool) -> bool:
        source, target = (self.done, self.undone) if back else (self.undone, self.done)
        if not source[who]:
            return False
        target[who].append(source[who].pop())
        return True

    @property
    def labels(self) -> dict[str, str]:
        standing = sorted(self.done["Ana"] + self.done["Bo"])
        return {key: self.given[i][1].value for i in standing for key in self.given[i][0].split()}


@given(_STEPS)
def test_it_is_the_model_of_two_stacks(steps: list[tuple[Any, ...]]) -> None:
    book, stacks = Book(), _Stacks()
    kept = book.folded
    for step, analyst, *more in steps:
        if step == "label":
            accounts, label = more
            book.label(accounts, label, analyst)
            stacks.label(analyst.name, accounts, label)
        else:
            back = step == "undo"
            moved = book.undo(analyst) if back else book.redo(analyst)
            assert moved == stacks.move(analyst.name, back=back)
        assert book.labels == stacks.labels
        kept = kept.after(book.entries)  # as one that is open folds what was added
        assert kept == book.folded


@given(st.lists(st.sampled_from(["a", "b", "a b"]), min_size=1, max_size=12), st.integers(0, 3))
def test_full_undo_is_the_start_and_full_redo_the_end(given: list[str], rounds: int) -> None:
    book = Book()
    book.label("a z", Label.NEEDS_REVIEW, BO)
    start = book.labels
    for accounts in given:
        book.label(accounts)
    end = book.labels
    for _ in range(rounds + 1):
        for _ in given:
            assert book.undo()
        assert not book.undo()
        assert book.labels == start
        for _ in given:
            assert book.redo()
        assert not book.redo()
        assert book.labels == end
    # Nothing is ever deleted.
    assert len(book.entries) == 1 + len(given) * (1 + 2 * (rounds + 1))
