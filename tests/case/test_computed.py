"""The manifest of computed/: atomic, content-keyed, and never trusted blindly."""

from __future__ import annotations

import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from workbench.case.computed import array_digest, table_digest
from workbench.case.folder import Case
from workbench.domain.errors import CaseError, StorageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.domain.ports import Artifacts, Published

ARRAYS: dict[str, Any] = {
    "xy": np.arange(12, dtype=np.float32).reshape(6, 2),
    "empty": np.zeros((0, 3), np.int64),
}
TABLES = {
    "cells": pa.table(
        {
            "name": pa.array(["a", None, "c\0"]),
            "n": pa.array([1, 2, None]),
            "p": pa.array([0.5, None, -0.0]),
            "at": pa.array([datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)] * 3),
            "ok": pa.array([True, None, False]),
            "of": pa.array([[1, 2], None, []]),
        }
    )
}


def _publish(case: Case, stage: str = "space.place", key: str = "k1", **more: Any) -> Published:
    given: dict[str, Any] = {"arrays": ARRAYS, "tables": TABLES, "info": {"n": 6}} | more
    return case.artifacts.publish(stage, key, **given)


def _files(case: Case) -> list[str]:
    return sorted(p.name for p in (case.path / "computed").glob("*.*") if "duckdb" not in p.name)


def test_what_is_published_is_read_back(case: Case) -> None:
    store: Artifacts = case.artifacts
    assert store.current("space.place") is None
    published = _publish(case)
    assert store.current("space.place") == published
    assert published.info == {"n": 6}
    assert (store.array("space.place", "xy") == ARRAYS["xy"]).all()
    assert store.array("space.place", "empty").shape == (0, 3)
    assert store.table("space.place", "cells").equals(TABLES["cells"])
    assert case.artifacts.verify() == []


def test_arrays_are_memory_maps_that_cannot_be_written(case: Case) -> None:
    _publish(case)
    array = case.artifacts.array("space.place", "xy")
    assert isinstance(array, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0] = 1


def test_what_was_not_published_is_a_key_error(case: Case) -> None:
    _publish(case)
    with pytest.raises(KeyError, match="array zz of"):
        case.artifacts.array("space.place", "zz")
    with pytest.raises(KeyError, match="table xy of"):
        case.artifacts.table("space.place", "xy")
    with pytest.raises(KeyError):
        case.artifacts.array("other", "xy")


def test_everything_survives_closing(tmp_path: Path) -> None:
    with Case.create(tmp_path / "a.case") as case:
        published = _publish(case)
    for write in (False, True):
        with Case.open(tmp_path / "a.case", write=write) as case:
            assert case.artifacts.stages() == [published]
            assert case.artifacts.table("space.place", "cells").equals(TABLES["cells"])
            assert case.artifacts.verify() == []


def test_publishing_again_replaces_the_entry_and_its_files(case: Case) -> None:
    old = _publish(case)
    held = case.artifacts.array("space.place", "xy")
    new = _publish(case, key="k2", arrays={"xy": ARRAYS["xy"] + 1}, tables={}, info={})
    assert case.artifacts.current("space.place") == new
    assert new.digest != old.digest
    assert [name.split(".")[:3] for name in _files(case)] == [["space", "place", "xy"]]
    assert (held == ARRAYS["xy"]).all()  # who read before goes on reading what was
    with pytest.raises(KeyError):
        case.artifacts.table("space.place", "cells")


def test_equal_content_has_an_equal_digest_whatever_its_layout(case: Case) -> None:
    first = _publish(case)
    cells = TABLES["cells"]
    halves = pa.concat_tables([cells.slice(0, 1), cells.slice(1)])
    second = _publish(
        case, arrays=ARRAYS | {"xy": np.asfortranarray(ARRAYS["xy"])}, tables={"cells": halves}
    )
    assert first == second
    assert case.artifacts.verify() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.slice(0, 2),
        lambda t: t.rename_columns(["x", *t.column_names[1:]]),
        lambda t: t.set_column(1, "n", pa.array([1, 2, 0])),
        lambda t: t.set_column(1, "n", t.column("n").cast(pa.int32())),
        lambda t: t.set_column(0, "name", pa.array(["a", "", "c\0"])),
        lambda t: t.set_column(0, "name", pa.array(["ac\0", None, ""])),
        lambda t: t.set_column(5, "of", pa.array([[1], None, [2]])),
        lambda t: t.set_column(5, "of", pa.array([[1, 2], [], []])),
        lambda t: t.set_column(4, "ok", pa.array([True, False, False])),
        lambda t: t.select(t.column_names[::-1]),
    ],
)
def test_other_content_has_another_digest(change: Callable[[pa.Table], pa.Table]) -> None:
    assert table_digest(change(TABLES["cells"])) != table_digest(TABLES["cells"])


def test_shape_and_type_are_content() -> None:
    array = np.zeros(4, np.float32)
    others = [array.reshape(2, 2), array.view(np.int32), np.zeros(5, np.float32), array + 1]
    assert len({array_digest(a) for a in (array, *others)}) == 5


def test_names_that_could_leave_the_folder_are_refused(case: Case) -> None:
    for name in ("../x", "a/b", "", "A", "a b"):
        with pytest.raises(ValueError, match="cannot name"):
            _publish(case, stage=name)
        with pytest.raises(ValueError, match="cannot name"):
            _publish(case, arrays={name: np.zeros(1)})
    with pytest.raises(ValueError, match="Python objects"):
        _publish(case, arrays={"x": np.array([object()])})
    with pytest.raises(TypeError, match="cannot hold"):
        _publish(case, tables={"x": pa.table({"a": [{"b": 1}]})})
    assert case.artifacts.stages() == []
    assert _files(case) == []


def test_reading_only_publishes_nothing(tmp_path: Path) -> None:
    Case.create(tmp_path / "a.case").close()
    with (
        Case.open(tmp_path / "a.case", write=False) as case,
        pytest.raises(CaseError, match="reading only"),
    ):
        _publish(case)


def test_computed_can_be_deleted(tmp_path: Path) -> None:
    path = tmp_path / "a.case"
    with Case.create(path) as case:
        _publish(case)
    shutil.rmtree(path / "computed")
    with Case.open(path, write=False) as case:
        assert case.artifacts.stages() == []
    with Case.open(path) as case:
        assert case.artifacts.stages() == []
        _publish(case)
        assert len(case.artifacts.stages()) == 1


def test_orphans_are_swept_at_open_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.case"
    with Case.create(path) as case:
        _publish(case)
        kept = _files(case)
    for name in ("space.place.xy.0000.npy", "old.t.11.arrow", "writing.abc", "notes.txt"):
        (path / "computed" / name).write_bytes(b"x")
    with Case.open(path, write=False) as case:
        assert len(_files(case)) == len(kept) + 4
    with Case.open(path) as case:
        assert _files(case) == sorted([*kept, "notes.txt"])


@pytest.mark.parametrize("damage", ["missing", "short"])
def test_a_stage_that_lost_a_file_counts_as_not_run(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.case"
    with Case.create(path) as case:
        _publish(case)
        _publish(case, stage="other", arrays={"a": np.arange(3)}, tables={})
    lost = next((path / "computed").glob("space.place.xy.*"))
    if damage == "missing":
        lost.unlink()
    else:
        lost.write_bytes(lost.read_bytes()[:-1])
    for write in (False, True):
        with Case.open(path, write=write) as case:
            assert [stage.stage for stage in case.artifacts.stages()] == ["other"]
    with Case.open(path) as case:
        assert [name.split(".")[0] for name in _files(case)] == ["other"]


def test_any_flipped_bit_of_an_array_is_found_or_says_nothing(case: Case) -> None:
    """The header is Python's literals, of which some flips are not even tokens."""
    _publish(case)
    path = next((case.path / "computed").glob("space.place.xy.*"))
    data = path.read_bytes()
    n_found = 0
    for place in range(len(data)):
        for bit in (0, 4):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            path.write_bytes(flipped)
            found = case.artifacts.verify()
            assert found in ([], [path.name])
            n_found += bool(found)
            if not found:
                assert (case.artifacts.array("space.place", "xy") == ARRAYS["xy"]).all()
    assert n_found > len(data)
    path.write_bytes(data)


def test_changed_values_are_found(case: Case) -> None:
    _publish(case)
    path = next((case.path / "computed").glob("space.place.xy.*"))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert case.artifacts.verify() == [path.name]
    path.write_bytes(b"not an array at all".ljust(len(data)))
    with pytest.raises(CaseError, match="missing or damaged"):
        case.artifacts.array("space.place", "xy")
    assert case.artifacts.verify() == [path.name]
    table = next((case.path / "computed").glob("space.place.cells.*"))
    table.unlink()
    with pytest.raises(CaseError, match="missing or damaged"):
        case.artifacts.table("space.place", "cells")


def test_a_failed_write_leaves_the_manifest_and_no_files(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = _publish(case)
    before = _files(case)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("fsync", "replace"):
        with monkeypatch.context() as patch:
            patch.setattr(*(("os.fsync", full) if name == "fsync" else (Path, "replace", full)))
            with pytest.raises(StorageError, match="disk is full"):
                _publish(case, key="k2", arrays={"xy": np.zeros(3)})
        assert case.artifacts.current("space.place") == published
        assert _files(case) == before
    assert case.artifacts.verify() == []


def test_many_threads_publish_and_read(case: Case) -> None:
    failed: list[BaseException] = []

    def work(stage: str) -> None:
        try:
            for i in range(6):
                case.artifacts.publish(
                    stage, str(i), arrays={"a": np.full(100, i)}, tables={}, info={}
                )
                found = case.artifacts.array("stage0", "a")
                assert (found == found[0]).all()
        except BaseException as error:  # noqa: BLE001
            failed.append(error)

    work("stage0")
    threads = [threading.Thread(target=work, args=(f"stage{i}",)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [stage.key for stage in case.artifacts.stages()] == ["5", "5", "5"]
