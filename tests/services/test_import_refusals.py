"""What is refused before the first record: zones not said, mapped fields that are nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from workbench.domain.errors import InputError
from workbench.domain.exchange import Accounting, Frame
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.services.importing import ImportReport


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def load(
    workspace: Workspace, *paths: Path, frame: Frame | None = None, **how: Any
) -> ImportReport:
    return workspace.importing.run(paths, frame or Frame(), ReadOptions(**how), Job())


NAIVE = {"ts": "2026-05-01 12:00:00", "prompt": "p", "account_id": "k"}


def test_times_without_a_zone_are_not_loaded_before_somebody_says_one(
    workspace: Workspace, tmp_path: Path
) -> None:
    good = write(tmp_path / "good", NAIVE | {"ts": 1_777_638_615})
    log, other = write(tmp_path / "log", NAIVE), write(tmp_path / "other", NAIVE | {"prompt": "q"})
    with pytest.raises(InputError, match="times without a zone") as no:
        load(workspace, good, log, other)
    assert no.value.fact.startswith(f"{log} (and 1 other file) has times")
    assert "'2026-05-01 12:00:00'" in no.value.fact
    assert "--zone UTC" in no.value.remedy
    assert "--zone none" in no.value.remedy
    assert workspace.importing.provenance.info().counts["files"] == 0
    assert load(workspace, log, zone="UTC").total == Accounting(loaded=1)
    said = Frame(zone="Europe/Berlin")
    assert load(workspace, other, frame=said).total == Accounting(loaded=1)


def test_none_leaves_them_null_and_is_kept_with_the_frame(
    workspace: Workspace, tmp_path: Path
) -> None:
    report = load(workspace, write(tmp_path / "log", NAIVE), zone="none")
    assert report.total == Accounting(loaded=1, coerced=1)
    assert "1 time has no zone" in report.doubts[0].fact
    assert workspace.importing.provenance.info().imports[0]["frame"]["zone"] == "none"


def test_a_naive_time_late_in_a_file_is_null_and_told(workspace: Workspace, tmp_path: Path) -> None:
    rows = [NAIVE | {"ts": 1_777_638_615 + n} for n in range(200)]
    report = load(workspace, write(tmp_path / "log", *rows, NAIVE))
    assert report.total == Accounting(loaded=201, coerced=1)
    assert "--zone" in report.doubts[0].typed
    assert "--" not in report.doubts[0].shown


@pytest.mark.parametrize("zone", ["", "none", "UTC"])
def test_a_time_that_cannot_be_read_is_not_said_to_lack_a_zone(
    zone: str, workspace: Workspace, tmp_path: Path
) -> None:
    rows = [NAIVE | {"ts": 1_777_638_615 + n} for n in range(200)]
    broken = [NAIVE | {"ts": ts} for ts in ("garbage", "yesterday")]
    report = load(workspace, write(tmp_path / "log", *rows, *broken), zone=zone)
    (doubt,) = report.doubts
    assert doubt.typed.endswith(
        "2 times cannot be read, for example 'garbage'; they are NULL, and the text as it was "
        "given is kept."
    )
    assert doubt.shown == doubt.typed


def test_naive_and_unreadable_times_are_told_apart(workspace: Workspace, tmp_path: Path) -> None:
    rows = [NAIVE | {"ts": 1_777_638_615 + n} for n in range(200)]
    late = [NAIVE, NAIVE | {"ts": "2026-05-01"}, NAIVE | {"ts": "garbage"}]
    report = load(workspace, write(tmp_path / "log", *rows, *late))
    naive, unread = (doubt.typed for doubt in report.doubts)
    assert "2 times have no zone, for example '2026-05-01 12:00:00'; they are NULL. Say" in naive
    assert "1 time cannot be read, for example 'garbage'; it is NULL, and" in unread


def test_a_mapped_field_that_is_nowhere_stops_the_import(
    workspace: Workspace, tmp_path: Path
) -> None:
    row = {"ts": 1_777_638_615, "prompt": "p", "key_id": "k"}
    log = write(tmp_path / "log", row)
    words = "no record of its beginning has the field KeyID that is mapped to account_id"
    with pytest.raises(InputError, match=words) as no:
        load(workspace, log, mapping={"account_id": "KeyID"})
    assert "its fields are ts, prompt, key_id." in no.value.fact
    assert "Did you mean key_id?" in no.value.remedy
    assert workspace.importing.provenance.info().counts["files"] == 0
    assert load(workspace, log, mapping={"account_id": "key_id"}).total.loaded == 1


def test_in_a_folder_too_no_log_is_passed_over_for_its_mapping(
    workspace: Workspace, tmp_path: Path
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    write(folder / "a", {"ts": 1_777_638_615, "prompt": "p", "key_id": "k"})
    write(folder / "b", {"ts": 1_777_638_615, "prompt": "p"})
    with pytest.raises(InputError, match="b: no record"):
        load(workspace, folder, mapping={"account_id": "key_id"})


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([{"x": 1}], "1 of 2 records rejected, as 'no exchange'."),
        ([{"x": 1}] * 2, "2 of 3 records rejected, all of them as 'no exchange'."),
        ([{"x": 1}] * 2 + [[]], "3 of 4 records rejected, most of them as 'no exchange'."),
    ],
)
def test_rejects_are_counted_in_plain_words(
    workspace: Workspace, tmp_path: Path, bad: list[Any], words: str
) -> None:
    report = load(workspace, write(tmp_path / "log", {"prompt": "p", "account_id": "k"}, *bad))
    assert words in report.doubts[-1].fact


def test_a_preview_shows_what_no_format_knows_where_it_is_asked_to(
    workspace: Workspace, tmp_path: Path
) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("Key ID,Question asked\nk,first\n")
    good = write(tmp_path / "good", NAIVE)
    look = workspace.importing.preview
    with pytest.raises(InputError, match="no format that is known"):
        look([good, odd], ReadOptions())
    one, two = look([good, odd], ReadOptions(), unknown_too=True)
    assert (one.unknown, one.detection.format, one.naive_time) == (False, "canonical", NAIVE["ts"])
    assert (one.suggested, two.unknown) == ({}, True)
    guessed = {column: guess.path for column, guess in two.suggested.items()}
    assert guessed == {"account_id": "Key ID", "prompt": "Question asked"}
    (mapped,) = look([odd], ReadOptions(mapping=guessed), unknown_too=True)
    assert (mapped.unknown, mapped.by_mapping, mapped.absent) == (False, True, ())
    (lost,) = look([odd], ReadOptions(mapping={"prompt": "Frage"}), unknown_too=True)
    assert (lost.unknown, lost.absent) == (True, ("Frage",))
    odd.write_text("  ")
    with pytest.raises(InputError, match="only white space"):
        look([odd], ReadOptions(), unknown_too=True)
