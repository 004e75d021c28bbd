"""Halves that do not fit into memory, and what is left of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.case.made_up import Record, ask, one, parsed
from workbench.case.folder import Case
from workbench.case.halves import Halves
from workbench.domain.exchange import HALVES_SCHEMA, Accounting, Frame, Side
from workbench.domain.ports import ReadOptions

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from workbench.domain.ports import Parsed

_LINES = 12_000
_LONG = "".join(map(str, np.random.default_rng(5).integers(0, 10**18, 250)))


def hold(halves: Halves, source_id: int, side: Side, numbers: list[int]) -> None:
    """One file of a batch, in one block."""
    text = "prompt" if side is Side.ASKED else "completion"
    block = parsed([{"request_id": f"r{i}", text: f"{i} {_LONG}"} for i in numbers])
    of = pa.RecordBatch.from_pylist(
        [{"row": at, "kind": "k", "side": side, "key": f"r{i}"} for at, i in enumerate(numbers)],
        schema=HALVES_SCHEMA,
    )
    n = len(numbers)
    rows = halves.hold(
        block.records,
        of,
        source_id=source_id,
        fates=np.zeros(n, np.uint8),
        marks=np.arange(2 * n, dtype=np.uint64).reshape(n, 2),
    )
    assert rows.tolist() == list(range(n))


def test_they_go_to_the_disk_and_come_back_joined(tmp_path: Path) -> None:
    spill = tmp_path / "spill"
    texts = tmp_path / "spill-texts"
    texts.mkdir()
    (texts / "left behind").write_bytes(b"by a process that was killed")
    halves = Halves(spill, memory_limit="64MB")
    order = np.random.default_rng(7).permutation(_LINES).tolist()
    hold(halves, 0, Side.ASKED, list(range(_LINES)))
    hold(halves, 1, Side.ANSWERED, order)
    assert not (texts / "left behind").exists()
    assert sum(file.stat().st_size for file in texts.iterdir()) > 50 * 2**20
    halves.join({})
    seen = 0
    for block in halves.exchanges():
        prompts = block.records.column("prompt").to_pylist()
        assert prompts == block.records.column("completion").to_pylist()
        assert [int(prompt.split()[0]) for prompt in prompts] == list(
            range(seen, seen + len(prompts))
        )
        seen += len(prompts)
    assert seen == _LINES
    assert halves.counts() == {0: Accounting(loaded=_LINES), 1: Accounting(joined=_LINES)}
    assert halves.alone() == []
    halves.close()
    assert not spill.exists() or not list(spill.iterdir())
    assert not texts.exists()


def test_a_file_that_is_taken_back(tmp_path: Path) -> None:
    halves = Halves(tmp_path / "spill")
    assert not halves.forget(0)
    assert list(halves.marks()) == []
    hold(halves, 0, Side.ASKED, [1, 2])
    hold(halves, 1, Side.ANSWERED, [2, 3])
    assert halves.forget(1)
    assert not halves.forget(1)
    assert np.concatenate(list(halves.marks())).tolist() == [[0, 1], [2, 3]]
    hold(halves, 2, Side.ANSWERED, [1])
    halves.join({})
    assert halves.counts() == {0: Accounting(loaded=2), 2: Accounting(joined=1)}
    halves.close()


#: Side, name, which of two contents, and the batch that it names.
_HALF = st.tuples(
    st.sampled_from(list(Side)),
    st.sampled_from("abc"),
    st.booleans(),
    st.sampled_from(["", "", "B1", "B2"]),
)
_FILES = st.lists(st.lists(_HALF, max_size=6), min_size=1, max_size=4)


def _record(side: Side, name: str, other: bool) -> Record:
    """What a half says; both contents of an exchange name it."""
    said = f"{name} {other}"
    if side is Side.AROUND:
        return {"end_user": said}
    whole = {"request_id": f"o {said}" if side is Side.WITHIN else name}
    if side is not Side.ANSWERED:
        whole["prompt"] = said
    return whole if side is Side.ASKED else whole | {"completion": said}


def _parsed(halves: list[tuple[Side, str, bool, str]]) -> Parsed:
    block = parsed([_record(side, name, other) for side, name, other, _ in halves])
    of = [
        {
            "row": row,
            "kind": "trace" if side in (Side.AROUND, Side.WITHIN) else "batch",
            "side": side,
            "batch": batch or None,
            "key": name,
            "raw": b"raw" if side is Side.AROUND else None,
        }
        for row, (side, name, _, batch) in enumerate(halves)
    ]
    return replace(block, halves=pa.RecordBatch.from_pylist(of, schema=HALVES_SCHEMA))


@given(_FILES)
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_half_has_one_fate_whatever_the_files(
    tmp_path_factory: pytest.TempPathFactory, files: list[list[tuple[Side, str, bool, str]]]
) -> None:
    with Case.create(tmp_path_factory.mktemp("case") / "a.case", name="a") as case:
        for _ in range(2):  # the second time all of it is there
            with case.given.begin(Frame(), ReadOptions()) as batch:
                for number, halves in enumerate(files):
                    source = batch.source(path=str(number))
                    source.append(_parsed(halves))
                    source.finish(sha256="")
                settled = batch.settle()
            for report, halves in zip(settled.reports, files, strict=True):
                assert report.accounting.records == len(halves)
        again = sum((report.accounting for report in settled.reports), Accounting())
        assert again.exchanges == again.joined == 0
        held = case.given.accounting()
        assert held.exchanges == one(case, "SELECT count(*) FROM exchange")
        assert held.rejected == case.given.rejects().num_rows
        for prompt, completion, request in ask(
            case, "SELECT text, completion, request_id FROM exchange LEFT JOIN prompt USING "
            "(prompt_id)",
        ):  # fmt: skip
            names = {said.split()[0] for said in (prompt, completion) if said}
            assert names == {request.split()[-2] if " " in request else request}
        joined = ask(case, "SELECT DISTINCT source_id, record_no FROM joined_exchange")
        assert len(joined) == held.joined
