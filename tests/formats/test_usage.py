"""OpenAI's organisation usage: keys and their projects, and requests that were counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.test_audit_logs import read
from workbench.domain.account import IdentityKind
from workbench.domain.added import AddedKind, Counted
from workbench.domain.errors import InputError
from workbench.domain.ports import ReadOptions
from workbench.domain.progress import Job
from workbench.formats.added_tables import kinds_of, open_table
from workbench.formats.detect import detect

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86_400
START = 1_777_593_600  # 2026-05-01


def result(requests: Any = 1, **said: Any) -> dict[str, Any]:
    """As the reference of the API shows one."""
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": 1000,
        "output_tokens": 500,
        "input_cached_tokens": 800,
        "input_audio_tokens": 0,
        "output_audio_tokens": 0,
        "num_model_requests": requests,
        "project_id": "proj_1",
        "user_id": None,
        "api_key_id": "key_1",
        "model": "gpt-4o-mini-2024-07-18",
        "batch": False,
    } | said


def bucket(day: int, *results: Any) -> dict[str, Any]:
    start = START + day * DAY
    return {
        "object": "bucket", "start_time": start, "end_time": start + DAY,
        "results": list(results),
    }  # fmt: skip


def page(*buckets: Any) -> dict[str, Any]:
    return {"object": "page", "data": list(buckets), "has_more": True, "next_page": "page_A"}


def spans(path: Path) -> tuple[Counted, ...]:
    reader = open_table(path, AddedKind.ACCOUNTS)
    for _ in reader.blocks(Job()):
        pass
    return reader.counted


PAGES = [
    page(
        bucket(0, result(5), result(7, model="gpt-4o"), result(2, api_key_id="key_2")),
        bucket(1),
        bucket(2, result(1), result(3, api_key_id=None, user_id="user-1")),
    ),
    page(bucket(3, result(4, api_key_id=None), result(9, api_key_id=None, project_id=None))),
]


@pytest.mark.parametrize(
    "text",
    [
        "".join(json.dumps(each) + "\n" for each in PAGES),
        json.dumps(PAGES, indent=1),
        "".join(json.dumps(each) + "\n" for each in PAGES[0]["data"] + PAGES[1]["data"]),
    ],
    ids=["pages a line", "array of pages", "buckets a line"],
)
def test_projects_of_keys_and_what_was_counted(tmp_path: Path, text: str) -> None:
    path = tmp_path / "usage.json"
    path.write_text(text)
    assert kinds_of(path) == (AddedKind.ACCOUNTS,)
    rows, rejects = read(path, AddedKind.ACCOUNTS)
    key = {"kind": "key", "value": "key_1", "parent_org": "proj_1"}
    assert rows == [
        key,
        key,
        key | {"value": "key_2"},
        key,
        {"kind": "user", "value": "user-1", "parent_org": "proj_1"},
        {"kind": "organisation", "value": "proj_1"},
    ]
    assert [row["reason"] for row in rejects] == [
        "it names neither key, user nor project: usage is asked for with group_by"
    ]
    data = path.read_bytes()
    (reject,) = rejects
    assert data[reject["byte_offset"] :].startswith(reject["raw"])
    assert json.loads(reject["raw"])["num_model_requests"] == 9

    def span(kind: IdentityKind, name: str, day: int, requests: int) -> Counted:
        start = (START + day * DAY) * 1_000_000
        return Counted(kind, name, start, start + DAY * 1_000_000, requests)

    assert spans(path) == (
        span(IdentityKind.KEY, "key_1", 0, 12),
        span(IdentityKind.KEY, "key_1", 2, 1),
        span(IdentityKind.KEY, "key_2", 0, 2),
        span(IdentityKind.ORGANISATION, "proj_1", 3, 4),
        span(IdentityKind.USER, "user-1", 2, 3),
    )


def test_a_span_without_requests_is_blank_and_spoilt_results_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "usage.json"
    spoilt = [result(value) for value in ("5", -1, None, 1.5, True)]
    path.write_text(json.dumps(page(bucket(0, result()), bucket(1), bucket(2, *spoilt, 7))))
    blocks = list(open_table(path, AddedKind.ACCOUNTS).blocks(Job()))
    rejects = [row["reason"] for block in blocks for row in block.rejects.to_pylist()]
    assert sum(block.blank for block in blocks) == 1
    assert rejects == ["its num_model_requests is no number of requests"] * 5 + [
        "not an object: a number"
    ]
    assert sum(one.requests for one in spans(path)) == 1


def test_a_result_out_of_its_bucket_tells_the_project_and_counts_nothing(tmp_path: Path) -> None:
    path = tmp_path / "usage.jsonl"
    path.write_text(json.dumps(result()) + "\n")
    assert len(read(path, AddedKind.ACCOUNTS)[0]) == 1
    assert spans(path) == ()


def test_it_is_no_log_and_other_usage_is_not_it(tmp_path: Path) -> None:
    path = tmp_path / "usage.json"
    path.write_text(json.dumps(PAGES[0]))
    with pytest.raises(InputError, match=r"usage.*beside the logs.*join CASE .*usage\.json"):
        detect(path, ReadOptions())
    speech = result(object="organization.usage.audio_speeches.result")
    path.write_text(json.dumps(page(bucket(0, speech))))
    assert kinds_of(path) == ()
