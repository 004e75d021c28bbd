"""A case without texts: no byte of them in it, and the analysis finds what it finds with them."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.services.held import every_value, everything
from workbench.analysis import kept
from workbench.analysis.run import analyse, plan_for
from workbench.domain.door import CODES, LEFT_OUT
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.exchange import Frame
from workbench.domain.ports import ReadOptions, Statement
from workbench.domain.progress import Job
from workbench.domain.selection import SelectionDefinition
from workbench.domain.settings import AnalysisSettings
from workbench.services import exchanges as exchanges_module
from workbench.services.door import Privacy
from workbench.services.door_words import told
from workbench.services.exchanges import Said
from workbench.services.export_scope import Scope
from workbench.services.power import Plan
from workbench.services.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workbench.services.importing import ImportReport

DROP = Privacy(drop_text=True)
SMALL = AnalysisSettings(landmarks=150, cells=12)
CANARY = "Zyxwvut-canary-8861"
TOPICS = ("harbour cranes", "baroque fugues", "sourdough", "graph colouring", "tax law", "corals")
VERBS = ("paint", "tune", "repair", "explain", "compare", "cook", "sail", "prove", "translate")


def prompt(number: int) -> str:
    topic, verb = TOPICS[number % 6], VERBS[number % 9]
    if number % 3 == 0:
        return (
            f"Solve the following task step by step, show your chain of thought: how would a "
            f"student {verb} {topic} in year {1900 + number}? Answer as JSON only."
        )
    if number % 3 == 1:
        return f"请用中文解释 {topic} 和 {verb} 的关系, {VERBS[number % 7]} {number % 50}"
    return f"My {topic} number {number}: can you {verb} it before {VERBS[number % 5]} day, please"


def records(count: int = 360) -> Iterator[dict[str, Any]]:
    for n in range(count):
        yield {
            "request_id": f"r{n}", "ts": f"2026-05-{1 + n % 20:02d}T{n % 24:02d}:{n % 60:02d}:00Z",
            "account_id": f"k{n % 24}", "ip": f"192.0.2.{n % 9}", "model": "atlas",
            "system": ("You grade answers. Rank them from best to worst.", None, "Be kind")[n % 3],
            "prompt": prompt(n), "out_tok": 10 + n % 7, "status": 200,
            "completion": ("I'm sorry, but I can't help with that.", f"Well {n}!", None)[n % 3],
            "reasoning": "Let me think" if n % 4 == 0 else None,
        }  # fmt: skip


def write(path: Path, rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def load(workspace: Workspace, *paths: Path, privacy: Privacy | None = None) -> ImportReport:
    return workspace.importing.run(
        paths, Frame(system="gateway"), ReadOptions(), Job(), privacy=privacy
    )


def rows(workspace: Workspace, text: str) -> list[dict[str, Any]]:
    with workspace._held.engine() as engine:
        found: list[dict[str, Any]] = engine.table(Statement("asked", text)).to_pylist()
    return found


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "a.case") as made:
        yield made


def test_what_was_said_is_in_no_byte_of_the_case(workspace: Workspace, tmp_path: Path) -> None:
    spoken = [
        {"prompt": f"{CANARY} is my name"},
        {"prompt": f"say {CANARY} five times", "system": f"obey {CANARY}"},
        {"prompt": "why", "completion": f"because {CANARY}", "reasoning": f"so {CANARY} it is"},
        {"prompt": f"a few words before the end, which is then {CANARY}"},
        {"prompt": "late", "ts": CANARY},
        {"prompt": f"an invisible one {''.join(chr(0xE0000 + ord(c)) for c in CANARY)}"},
    ]
    log = write(tmp_path / "log.jsonl", spoken + list(records(60)))
    with log.open("a") as file:
        file.write(f'{{"prompt": "{CANARY}", "completion": \n')
    report = load(workspace, log, privacy=DROP)
    assert (report.total.loaded, report.total.rejected) == (66, 1)
    while_open = everything(workspace.path)
    analyse(
        workspace._held.case.engine, workspace._held.case.artifacts, SMALL, Job(),
        plan=plan_for("signals"),
    )  # fmt: skip
    workspace.close()
    for secret in (CANARY, CANARY.lower(), CANARY[:7], CANARY[:7].lower()):
        for held in (while_open, everything(workspace.path)):
            assert secret.encode() not in held
            assert secret.encode("utf-16-le") not in held
        assert secret not in every_value(workspace.path)
    with Workspace.open(workspace.path) as again:
        texts = rows(again, "SELECT text FROM prompt UNION ALL SELECT value FROM system")
        assert {row["text"] for row in texts} == {None}
        said = rows(again, "SELECT completion, reasoning FROM exchange")
        assert {value for row in said for value in row.values()} == {None}
        (reject,) = again.importing.provenance.rejects().to_pylist()
        assert reject["raw"] == b""


SENTENCE = f"content filter blocked: {CANARY} please"
WORDS = ("error_type", "stop_reason", "provider", "country", "model", "session_id", "endpoint")


def test_words_in_columns_of_codes_are_in_no_byte_of_the_case(
    workspace: Workspace, tmp_path: Path
) -> None:
    spoken = [{"prompt": f"p{n}", name: SENTENCE} for n, name in enumerate(WORDS)]
    spoken += [
        {"prompt": "a", "endpoint": f"/v1/{CANARY}?q={CANARY}"},
        {
            "prompt": "b",
            "endpoint": f"POST https://{CANARY}.example/v1/chat/completions?k={CANARY}",
        },
        {"prompt": "c", "endpoint": f"/v1/models/{CANARY}:generateContent#{CANARY}"},
        {"prompt": "d", "error_type": f"account {CANARY} was Suspended"},
        {"prompt": "e", "error_type": "RateLimitError", "endpoint": "ChatCompletions_Create"},
    ]
    load(workspace, write(tmp_path / "log.jsonl", spoken), privacy=DROP)
    held = rows(
        workspace,
        "SELECT error_type, endpoint, stop_reason, provider, country, session_id, value AS model "
        "FROM exchange LEFT JOIN model USING (model_id) ORDER BY exchange_id",
    )
    for n, name in enumerate(WORDS):
        assert held[n][name].startswith("left-out-")
    assert len({held[n][name] for n, name in enumerate(WORDS)}) == len(WORDS)
    found = held[len(WORDS) :]
    assert [row["endpoint"] for row in found] == [
        "/v1/*", "POST https://*/v1/chat/completions", "/v1/models/*:generateContent", None,
        "ChatCompletions_Create",
    ]  # fmt: skip
    assert found[3]["error_type"].endswith("-suspend")
    assert found[4]["error_type"] == "RateLimitError"
    while_open = everything(workspace.path)
    workspace.close()
    for bytes_held in (while_open, everything(workspace.path)):
        assert CANARY.encode() not in bytes_held
    assert CANARY not in every_value(workspace.path)
    assert "content filter" not in every_value(workspace.path)


@pytest.mark.parametrize("level", ["ERROR", "DEFAULT"])
def test_a_message_of_an_error_is_left_out_as_gateways_write_it(
    level: str, workspace: Workspace, tmp_path: Path
) -> None:
    langfuse = {
        "id": "o1", "traceId": "t1", "type": "GENERATION", "model": "gpt-4o", "input": "why",
        "startTime": "2026-05-01T10:00:00Z", "level": level, "statusMessage": SENTENCE,
    }  # fmt: skip
    load(workspace, write(tmp_path / "log.jsonl", [langfuse]), privacy=DROP)
    (row,) = rows(workspace, "SELECT error_type, value FROM exchange JOIN model USING (model_id)")
    assert row["value"] == "gpt-4o"
    assert (row["error_type"] is not None) == (level == "ERROR")
    workspace.close()
    assert CANARY not in every_value(workspace.path)


def test_a_copy_is_told_by_what_the_log_says(workspace: Workspace, tmp_path: Path) -> None:
    """Two records that differ in a message alone are no copies, and the same one again is."""
    said = [{"prompt": "p", "error_type": f"{word} {CANARY} is wrong"} for word in ("this", "that")]
    report = load(workspace, write(tmp_path / "one.jsonl", said), privacy=DROP)
    assert report.total.loaded == 2
    report = load(workspace, write(tmp_path / "two.jsonl", [*said, {"prompt": "q"}]))
    assert (report.total.loaded, report.total.duplicate) == (1, 2)
    errors = rows(workspace, "SELECT DISTINCT error_type FROM exchange WHERE prompt_id = 0")
    assert len(errors) == 2


def test_a_time_that_cannot_be_read_is_neither_shown_nor_said_to_be_kept(
    workspace: Workspace, tmp_path: Path
) -> None:
    spoken = [*records(200), {"prompt": "late", "ts": CANARY}]
    report = load(workspace, write(tmp_path / "log.jsonl", spoken), privacy=DROP)
    (told_of,) = [d.typed for d in report.doubts if "cannot be read" in d.fact]
    assert told_of.endswith("log.jsonl: 1 time cannot be read; it is NULL.")
    assert CANARY not in json.dumps(report.as_dict())
    assert rows(workspace, "SELECT ts_text FROM exchange WHERE ts_us IS NULL") == [
        {"ts_text": None}
    ]


def test_the_same_log_with_its_texts_does_hold_it(workspace: Workspace, tmp_path: Path) -> None:
    load(workspace, write(tmp_path / "log.jsonl", [{"prompt": f"{CANARY} is my name"}]))
    workspace.close()
    assert CANARY in every_value(workspace.path)


def test_the_analysis_finds_what_it_finds_with_texts(tmp_path: Path) -> None:
    every = list(records())
    # Copies of a prompt meet across imports, and templates grow.
    logs = [
        write(tmp_path / "one.jsonl", every[:200]),
        write(tmp_path / "two.jsonl", [*every[200:], every[7] | {"request_id": "again"}]),
    ]
    found: dict[bool, dict[str, Any]] = {}
    for dropped in (False, True):
        with Workspace.create(tmp_path / f"{dropped}.case") as workspace:
            for log in logs:
                load(workspace, log, privacy=DROP if dropped else None)
            case = workspace._held.case
            analyse(case.engine, case.artifacts, SMALL, Job(), plan=plan_for("signals"))
            analyse(case.engine, case.artifacts, SMALL, Job(), plan=plan_for("answers"))
            found[dropped] = {
                f"{stage} {name}": np.array(case.artifacts.array(stage, name))
                for stage, name in (
                    ("text.groups", "group"), ("text.groups", "leader"),
                    ("text.templates", "template"),
                    ("space.landmarks", "prompt"), ("space.landmarks", "vector"),
                    ("space.place", "xy"), ("space.place", "cell"), ("space.place", "landmark"),
                    ("signals", "value"), ("signals", "elicits"),
                    *(("answers", n) for n in ("length", "refused", "ended", "form", "out_tok")),
                )
            }  # fmt: skip
            found[dropped]["skeletons"] = (
                case.artifacts.table("text.templates", "templates").column("skeleton").to_pylist()
            )
            found[dropped]["names"] = (
                case.artifacts.table("space.place", "cells").column("name").to_pylist()
            )
    texts, none = found[False], found[True]
    for name in (name for name in texts if name not in ("skeletons", "names")):
        np.testing.assert_array_equal(none[name], texts[name], err_msg=name)
    assert len(set(texts["text.templates template"].tolist())) > 2
    assert texts["signals elicits"].any()
    assert set(texts["answers refused"].tolist()) >= {0, 2}
    beginning = "solve the following task step by step, show your chain of thought"
    assert any(skeleton.lower().startswith(beginning) for skeleton in texts["skeletons"])
    assert any(skeleton.startswith(beginning) for skeleton in none["skeletons"])
    assert any(none["names"])


def test_words_are_kept_where_enough_prompts_share_all_before_them() -> None:
    keeper = kept.Kept(b"k" * 32)
    keeper.begin(np.zeros(0, np.uint64))
    few = [f"Grade this essay {word}" for word in "abcde"]
    _, words = keeper.prompts(pa.array(few))
    assert words.num_rows == 0
    # The sixth, in a later block; of its own last word nobody learns.
    _, words = keeper.prompts(pa.array(["grade THIS essay 4711", "something else"]))
    assert words.column("prompt").to_pylist() == [0]
    assert words.column("word").to_pylist() == ["grade"]
    _, words = keeper.prompts(pa.array([f"Grade this essay {word}" for word in "fghijk"]))
    assert words.column("word").to_pylist() == ["this", "essay"]
    # What the case holds is not told twice, and a new import counts anew.
    held = words.column("token").to_numpy()
    keeper.begin(held)
    _, words = keeper.prompts(pa.array([f"Grade this essay {n} z" for n in "fghijk"]))
    assert words.column("word").to_pylist() == ["grade", "z"]


def test_without_the_key_no_token_can_be_told() -> None:
    one, other = kept.Kept(b"1" * 32), kept.Kept(b"2" * 32)
    tables = [
        keeper.prompts(pa.array(["tell me why", "tell me how"]))[0] for keeper in (one, other)
    ]
    mine, theirs = (
        [np.frombuffer(b, np.uint64) for b in t.column("ends").to_pylist()] for t in tables
    )
    assert mine[0][:2].tolist() == mine[1][:2].tolist()
    assert mine[0][2] != mine[1][2]
    for row, its in itertools.product(mine, theirs):
        assert not set(row[row != 0].tolist()) & set(its[its != 0].tolist())
    # The same word elsewhere is another hash: there is no dictionary of words to be made.
    ends = one.prompts(pa.array(["me me me me"]))[0].column("ends")[0].as_py()
    chain = np.frombuffer(ends, np.uint64)
    assert len(set(chain[chain != 0].tolist())) == 8


def test_an_import_that_is_taken_back_leaves_no_word(workspace: Workspace, tmp_path: Path) -> None:
    first = write(tmp_path / "one.jsonl", records(60))
    load(workspace, first, privacy=DROP)
    words = rows(workspace, "SELECT * FROM shared_word ORDER BY token")
    assert words
    others = [
        r | {"prompt": f"Never heard of {r['prompt']}", "request_id": None} for r in records(40)
    ]

    class Ends(Job):
        def report(self, step: str, **_more: Any) -> None:
            if step.startswith("Making it durable"):
                raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        workspace.importing.run(
            [write(tmp_path / "two.jsonl", others)], Frame(system="gateway"), ReadOptions(), Ends()
        )
    assert rows(workspace, "SELECT * FROM shared_word ORDER BY token") == words
    assert load(workspace, first).files[0].already


def test_a_case_with_texts_does_not_begin_to_leave_them_out(
    workspace: Workspace, tmp_path: Path
) -> None:
    load(workspace, write(tmp_path / "one.jsonl", records(5)))
    with pytest.raises(InputError, match=r"holds the texts.*new case with --drop-text"):
        load(workspace, write(tmp_path / "two.jsonl", records(9)), privacy=DROP)


def test_a_later_import_leaves_texts_out_by_itself(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(workspace, write(tmp_path / "one.jsonl", records(5)), privacy=DROP)
    more = write(tmp_path / "two.jsonl", records(9))
    report = load(workspace, more)
    assert (report.total.loaded, report.total.duplicate) == (4, 5)
    assert any(doubt.fact.startswith("Texts left out, as at") for doubt in report.doubts)
    assert {row["text"] for row in rows(workspace, "SELECT text FROM prompt")} == {None}
    with pytest.raises(InputError, match=r"names are as they were.*new case"):
        load(workspace, more, privacy=Privacy(("account_id",)))
    monkeypatch.setattr(kept, "_VERSION", -1)
    with pytest.raises(InputError, match="by another version"):
        load(workspace, write(tmp_path / "three.jsonl", records(12)))


def test_what_shows_a_text_says_that_it_was_left_out(workspace: Workspace, tmp_path: Path) -> None:
    load(workspace, write(tmp_path / "one.jsonl", records(40)), privacy=DROP)
    workspace.analysing.run(SMALL, Job())
    page = workspace.browsing.prompts(SelectionDefinition())
    assert set(page.table.column("text").to_pylist()) == {LEFT_OUT}
    sizes = dict(
        zip(*(page.table.column(n).to_pylist() for n in ("prompt_id", "n_characters")), strict=True)
    )
    assert sizes == {n: len(prompt(n)) for n in range(40)}
    assert workspace.browsing.prompt_text(0) == LEFT_OUT
    texts = workspace.exchanges.texts(0)
    assert texts.completion == Said(
        LEFT_OUT, len("I'm sorry, but I can't help with that."), left_out=True
    )
    assert texts.prompt == Said(LEFT_OUT, len(prompt(0)), left_out=True)
    assert texts.system is not None
    assert workspace.exchanges.texts(2).completion is None
    with pytest.raises(NotAssessedError, match="cannot be searched"):
        workspace.browsing.prompts(SelectionDefinition(), text="essay")
    with pytest.raises(NotAssessedError, match="nothing can be planted"):
        workspace.detectability.run(Plan(), SMALL, Job())
    truth = tmp_path / "truth.csv"
    truth.write_text("account_id,campaign_id,lookalike\nk0,c,\n")
    with pytest.raises(NotAssessedError, match="cannot be replayed"):
        workspace.replaying.first_alert(truth, SMALL, Job())
    report = workspace.exporting.run(Scope(accounts=("k1",)), tmp_path / "out", Job())
    rows = pq.read_table(report.path / "data" / "evidence.parquet")
    assert rows.column("prompt").null_count == rows.num_rows > 0
    (options,) = json.loads(next((report.path / "data").rglob("mapping.json")).read_text())
    assert options["options"]["door"]["text"]


@pytest.mark.parametrize("name", ["exhibits", "prompt_texts", "exchange_note"])
def test_statements_say_it_as_it_is_said_elsewhere(name: str) -> None:
    assert f"'{LEFT_OUT}'" in Statement.read(exchanges_module.__file__, name).text


def test_what_is_told_says_what_cannot_be_done(workspace: Workspace, tmp_path: Path) -> None:
    load(workspace, write(tmp_path / "one.jsonl", records(5)), privacy=DROP)
    door = workspace._held.case.given.door()
    assert door is not None
    lines = told(door)
    assert lines[0].startswith("Prompts, system prompts, completions, reasoning and what else")
    assert "no text can be read, searched, exported" in lines[1]
    assert all(column in lines[2] for column in CODES)
