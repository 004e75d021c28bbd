"""Fates of random logs against the rules written out slowly."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.case.made_up import Record, add_file, fates, one
from workbench.case.folder import Case

if TYPE_CHECKING:
    import pytest

_REQUESTS = st.sampled_from([None, "r1", "r2", "r3"])
_RECORDS = st.builds(
    lambda request, prompt: {"request_id": request, "prompt": prompt},
    _REQUESTS,
    st.sampled_from(["a", "b"]),
)
_FILES = st.lists(
    st.tuples(st.sampled_from(["", "gateway", "provider"]), st.lists(_RECORDS, max_size=12)),
    max_size=4,
)


@dataclass
class _Rules:
    """The rules of copies, record by record."""

    contents: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    held: Counter[tuple[str, str]] = field(default_factory=Counter)
    loaded: set[tuple[str, str]] = field(default_factory=set)
    files: set[tuple[str, str]] = field(default_factory=set)

    def read(self, system: str, records: list[Record]) -> Counter[str]:
        of_file: Counter[tuple[str, str]] = Counter()
        found = Counter(
            self._bare(system, record["prompt"], of_file)
            if record["request_id"] is None
            else self._named(system, record["request_id"], record["prompt"])
            for record in records
        )
        self.held |= of_file
        return found

    def _bare(self, system: str, content: str, of_file: Counter[tuple[str, str]]) -> str:
        of_file[system, content] += 1
        copies = of_file[system, content]
        return "duplicate" if copies <= self.held[system, content] else "loaded"

    def _named(self, system: str, request: str, content: str) -> str:
        of = self.contents.setdefault((system, request), set())
        if content in of:
            return "duplicate"
        seen = bool(of)
        of.add(content)
        if seen:
            return "conflict"
        other = {"gateway": "provider", "provider": "gateway"}.get(system, "")
        if (other, request) in self.loaded and other:
            return "joined"
        self.loaded.add((system, request))
        return "loaded"


@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files=_FILES, block=st.integers(1, 5))
def test_fates_follow_the_rules(
    tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, list[Record]]], block: int
) -> None:
    rules = _Rules()
    exchanges = 0
    with Case.create(tmp_path_factory.mktemp("log") / "a.case") as case:
        for i, (system, records) in enumerate(files):
            expected = rules.read(system, records)
            report = add_file(case, records, system=system, path=str(i), block=block)
            assert fates(report) == dict(expected)
            exchanges += report.accounting.exchanges
        assert one(case, "SELECT count(*) FROM exchange") == exchanges
        before = case.digest()
        for i, (system, records) in enumerate(files):
            assert add_file(case, records, system=system, path=str(i)).already
        assert case.digest() == before
