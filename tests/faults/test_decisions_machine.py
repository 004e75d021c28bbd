"""Random decisions, undone and redone by two analysts across restarts, against two plain stacks.

10,000 operations at full count. Undoing everything gives the beginning, redoing everything the end.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.faults.trouble import FULL, SEED
from workbench.domain.label import Label
from workbench.services.workspace import Workspace

#: Examples of so many operations each.
_EXAMPLES, _STEPS = (200, 50) if FULL else (20, 12)
_ACCOUNTS = [f"key-{number:03d}" for number in range(4, 12)]
_ANALYSTS = ("ana", "bo")

Decision = tuple[int, str, dict[str, str]]


class Decisions(RuleBasedStateMachine):
    """A case, and what should stand in it."""

    planted: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=self.planted.parent))
        self.case = Path(shutil.copytree(self.planted, self.folder / "a.case"))
        self.done: dict[str, list[Decision]] = {who: [] for who in _ANALYSTS}
        self.undone: dict[str, list[Decision]] = {who: [] for who in _ANALYSTS}
        self.count = 0
        self.workspace: Workspace | None = None
        self.who = _ANALYSTS[0]
        self._open(self.who)

    def _open(self, who: str) -> None:
        if self.workspace is not None:
            self.workspace.close()
        self.who = who
        os.environ["WORKBENCH_CONFIG"] = str(self.folder / who)
        self.workspace = Workspace.open(self.case, analyst=who)

    def _at(self) -> Workspace:
        assert self.workspace is not None
        return self.workspace

    def _decided(self, kind: str, labels: dict[str, str]) -> None:
        self.count += 1
        self.done[self.who].append((self.count, kind, labels))
        self.undone[self.who].clear()

    @rule(
        label=st.sampled_from(list(Label)), chosen=st.sets(st.sampled_from(_ACCOUNTS), min_size=1)
    )
    def label(self, label: Label, chosen: set[str]) -> None:
        self._at().labelling.label(label, "x", accounts=sorted(chosen))
        self._decided("label", dict.fromkeys(chosen, label.value))

    @rule(text=st.text(min_size=1, max_size=20).filter(lambda text: bool(text.strip())))
    def note(self, text: str) -> None:
        self._at().labelling.note(text)
        self._decided("note", {})

    @rule(days=st.integers(1, 900))
    def set(self, days: int) -> None:
        if self._at().policies.set({"retention_days": days}, "x").decided:
            self._decided("set", {})

    @precondition(lambda self: self.done[self.who])
    @rule()
    def undo(self) -> None:
        self._at().labelling.undo()
        self.undone[self.who].append(self.done[self.who].pop())

    @precondition(lambda self: self.undone[self.who])
    @rule()
    def redo(self) -> None:
        self._at().labelling.redo()
        self.done[self.who].append(self.undone[self.who].pop())

    @rule(who=st.sampled_from(_ANALYSTS))
    def restart(self, who: str) -> None:
        self._open(who)

    @invariant()
    def stands_what_should(self) -> None:
        if not hasattr(self, "workspace"):
            return
        assert self._labels() == self._expected()
        assert self._at().labelling.can_undo == bool(self.done[self.who])
        assert self._at().labelling.can_redo == bool(self.undone[self.who])

    def _expected(self) -> dict[str, str]:
        labels: dict[str, str] = {}
        for _, _, given in sorted(step for of in self.done.values() for step in of):
            labels |= given
        return labels

    def _labels(self) -> dict[str, str]:
        rows: list[dict[str, Any]] = (
            self._at().browsing.accounts().select(["account_id", "label"]).to_pylist()
        )
        return {row["account_id"]: row["label"] for row in rows if row["label"]}

    def teardown(self) -> None:
        if not hasattr(self, "workspace"):
            return
        end = self._labels()
        counts = {who: len(self.done[who]) for who in _ANALYSTS}
        for who in _ANALYSTS:
            self._open(who)
            for _ in range(counts[who]):
                self._at().labelling.undo()
            assert not self._at().labelling.can_undo
        assert self._labels() == {}, "the beginning"
        for who in _ANALYSTS:
            self._open(who)
            for _ in range(counts[who]):
                self._at().labelling.redo()
        assert self._labels() == end
        self._at().auditing.verify(every=True)
        self._at().close()
        shutil.rmtree(self.folder)


@pytest.fixture
def planted(harbour: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "config"))
    return harbour


def test_undone_it_is_the_beginning_and_redone_the_end(planted: Path) -> None:
    Decisions.planted = planted
    machine = seed(SEED)(Decisions)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=_EXAMPLES,
            stateful_step_count=_STEPS,
            deadline=None,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
