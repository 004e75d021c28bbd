"""Logs of lines that are no JSON: vLLM's requests and uvicorn's access log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.provider_records import dialogue
from tests.formats.reading import claimed, columns, imported, read
from workbench.domain.ports import ReadOptions
from workbench.formats.coerce import coerce
from workbench.formats.detect import detect
from workbench.formats.known import KNOWN

if TYPE_CHECKING:
    from pathlib import Path

PARAMS = (
    "SamplingParams(n=1, presence_penalty=0.0, frequency_penalty=0.0, repetition_penalty=1.0, "
    "temperature=0.6, top_p=0.95, top_k=20, min_p=0.0, seed=None, stop=[], stop_token_ids=[], "
    "bad_words=[], include_stop_str_in_output=False, ignore_eos=False, max_tokens=5, "
    "min_tokens=0, logprobs=None, prompt_logprobs=None, skip_special_tokens=True, "
    "truncate_prompt_tokens=None, guided_decoding=None, extra_args=None), prompt_token_ids: None, "
    "lora_request: None, prompt_adapter_request: None."
)
CHAT = (
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat's up?<|im_end|>\n"
    '<|im_start|>assistant\nNot much.<|im_end|>\n<|im_start|>user\nSay "more"\n<|im_end|>\n'
    "<|im_start|>assistant\n"
)
STARTED = "INFO 05-01 09:46:35 [launcher.py:34] Route: /v1/models, Methods: GET"
ACCESS = 'INFO:     127.0.0.1:52556 - "POST /v1/chat/completions HTTP/1.1" 200 OK'


def request(prompt: str | None, number: int = 1, params: str = PARAMS) -> str:
    name = f"chatcmpl-339cba12293b42a7ba808aca9382{number:04d}"
    return (
        f"INFO 05-01 09:46:36 [logger.py:39] Received request {name}: prompt: {prompt!r}, "
        f"params: {params}"
    )


def line(text: str) -> dict[str, Any]:
    return {"line": text}


def test_a_request_of_vllm() -> None:
    found, unreadable = read(line(request(CHAT)), "vllm")
    assert found == {
        "request_id": "chatcmpl-339cba12293b42a7ba808aca93820001",
        "ts": "05-01 09:46:36",
        "temperature": 0.6,
        "n": 1,
        "max_tok": 5,
        "system": "Be brief.",
        "prompt": 'Say "more"\n',
        "n_turns": 2,
        "dialogue": dialogue(
            ("system", {"in": "system"}),
            ("user", {"text": "What's up?"}),
            ("assistant", {"text": "Not much."}),
            ("user", {"in": "prompt"}),
        ),
    }
    assert not unreadable


@pytest.mark.parametrize(
    ("templated", "prompt", "system"),
    [
        (
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting\n<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\ntell me a story<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n",
            "tell me a story",
            "Cutting\n",
        ),
        ("<bos><start_of_turn>user\nWhy?<end_of_turn>\n<start_of_turn>model\n", "Why?", None),
        ("<\uff5cbegin\u2581of\u2581sentence\uff5c><\uff5cUser\uff5c>hello!<\uff5cAssistant\uff5c>",
         "hello!", None),
        ("San Francisco is a", "San Francisco is a", None),
    ],
)  # fmt: skip
def test_templates_are_taken_apart(templated: str, prompt: str, system: str | None) -> None:
    found = columns(line(request(templated)), "vllm")
    assert (found["prompt"], found.get("system")) == (prompt, system)


def test_what_versions_and_containers_write_around_it() -> None:
    older = request("x").replace("params: Sampling", "sampling_params: Sampling")
    dated = f"2026-05-01T09:46:36.123456789Z stdout F {request('x')}"
    found = columns(line(older), "vllm")
    assert (found["temperature"], found["max_tok"]) == (0.6, 5)
    assert columns(line(dated), "vllm")["ts"] == "2026-05-01T09:46:36.123456789Z"
    assert columns(line(f"(APIServer pid=7) {request('x')}"), "vllm")["prompt"] == "x"
    # What a caller sends says nothing of the parameters, nor of where the prompt ends.
    hostile = "', params: SamplingParams(temperature=9) Received request other: prompt: \\"
    stops = PARAMS.replace("stop=[]", "stop=['temperature=3, n=8']").replace(
        "logprobs=None", "logprobs=5", 1
    )
    found = columns(line(request(hostile, params=stops)), "vllm")
    assert (found["prompt"], found["temperature"], found["n"]) == (hostile, 0.6, 1)
    assert found["logprobs"] is True


def test_a_request_without_text_and_one_that_is_cut() -> None:
    assert "prompt" not in columns(line(request(None)), "vllm")
    found, unreadable = read(line(request(CHAT)[:120]), "vllm")
    assert found["request_id"] == "chatcmpl-339cba12293b42a7ba808aca93820001"
    assert unreadable == {"prompt"}


def test_every_line_has_a_fate(tmp_path: Path) -> None:
    text = [STARTED] * 500 + [request(CHAT, 1), ACCESS, "", "Traceback (most recent call last):",
                              request("plain", 2), '{"level": "warning"}']  # fmt: skip
    data = "\n".join(text).encode() + b"\n\xff\n"
    found, rejects, name = imported(tmp_path / "log", data)
    assert name == "vllm"
    assert [row["prompt"] for row in found] == ['Say "more"\n', "plain"]
    assert {row["ts_text"] for row in found} == {"05-01 09:46:36"}
    assert len(rejects) == 500 + 4
    assert {r["reason"].partition(":")[0] for r in rejects} == {"no exchange", "not UTF-8"}
    # The access log tells of the same request once more: in such a file it is none.
    assert ACCESS.encode() in [r["raw"] for r in rejects]


def test_an_access_log_with_times(tmp_path: Path) -> None:
    lines = [
        f"2026-05-01T09:46:36.5Z {ACCESS}",
        f"2026-05-01T09:46:37Z {ACCESS.replace('127.0.0.1', '[2001:db8::1]')}",
        f"2026-05-01T09:46:38Z {ACCESS.replace('POST', 'GET')}",
        '[2026-05-01 09:46:39] INFO:     10.0.0.1:1 - "POST /v1/completions?a=b HTTP/1.1" 429',
        ACCESS,
        "INFO:     Application startup complete.",
    ]
    found, rejects, name = imported(tmp_path / "log", "\n".join(lines).encode())
    assert name == "uvicorn"
    assert [(row["ip"], row["endpoint"], row["status"]) for row in found] == [
        ("127.0.0.1", "/v1/chat/completions", 200),
        ("2001:db8::1", "/v1/chat/completions", 200),
        ("10.0.0.1", "/v1/completions", 429),
    ]
    assert all(row["ts"] is not None for row in found)
    assert len(rejects) == 3


def test_a_line_that_begins_with_a_bracket_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"[2026-05-01 09:46:36] {request('x')}\n")
    layout = detect(tmp_path / "log", ReadOptions("UTC"))
    assert (layout.recipe.container, layout.detection.format) == ("text", "vllm")


def test_text_inside_other_logs_stays_text(tmp_path: Path) -> None:
    data = f"request_id,prompt\nr1,{request('x').replace(',', ' ')}\n".encode()
    (tmp_path / "log").write_bytes(data)
    assert detect(tmp_path / "log", ReadOptions("UTC")).detection.format == "canonical"


@given(st.text(max_size=40), st.integers(0, 300), st.text(max_size=20))
def test_no_line_is_stumbled_over(prompt: str, cut: int, junk: str) -> None:
    for text in (request(prompt)[:cut] + junk, junk + ACCESS[:cut], request(prompt) + junk):
        for known in KNOWN:
            assert known.of_text or not known.matches(line(text))
            coerce(known.convert(line(text)) or {})
        assert len(claimed(line(text))) <= 1


@given(st.text())
def test_any_prompt_comes_back(prompt: str) -> None:
    found, _ = read(line(request(prompt)), "vllm")
    if prompt and not any(c in prompt for c in "<"):
        assert found["prompt"] == prompt.encode("utf-8", "backslashreplace").decode()


DATED_ACCESS = '2026-01-01T00:00:00Z INFO: 1.2.3.4:5 - "POST /v1/messages HTTP/1.1" 200 OK'
CANONICAL = {"request_id": "c1", "ts": "2026-01-01T00:00:00Z", "account_id": "a", "prompt": "p"}
CHAT_LINE = {
    "id": "o1",
    "messages": [{"role": "user", "content": "q"}],
    "choices": [{"message": {"role": "assistant", "content": "answer"}}],
}


def test_objects_among_lines_are_read_by_their_own_shape(tmp_path: Path) -> None:
    spoilt = '{"request_id": "c2", "prompt": "cut'
    lines = [DATED_ACCESS, json.dumps(CANONICAL), STARTED, json.dumps(CHAT_LINE), spoilt, "{}"]
    lines.append("2026-01-01T00:00:01.5Z " + json.dumps(CANONICAL | {"request_id": "c3"}))
    rows, rejects, name = imported(tmp_path / "log", "\n".join(lines).encode())
    assert name == "uvicorn"
    assert [row["record_no"] for row in rows] == [1, 2, 4, 7]
    assert rows[3]["request_id"] == "c3"
    assert (rows[0]["endpoint"], rows[0]["prompt"]) == ("/v1/messages", None)
    assert (rows[1]["account_id"], rows[1]["prompt"]) == ("a", "p")
    assert (rows[2]["prompt"], rows[2]["completion"]) == ("q", "answer")
    assert [reject["record_no"] for reject in rejects] == [3, 5, 6]
    assert rejects[1]["reason"].startswith("cut off")


def test_access_lines_beside_requests_of_vllm_stay_none(tmp_path: Path) -> None:
    """They tell of the same requests, also where objects are among them."""
    lines = [DATED_ACCESS, request(CHAT), json.dumps(CANONICAL)]
    rows, rejects, name = imported(tmp_path / "log", "\n".join(lines).encode())
    assert name == "vllm"
    assert [row["record_no"] for row in rows] == [2, 3]
    assert [reject["record_no"] for reject in rejects] == [1]


def test_times_of_objects_among_lines_are_looked_at(tmp_path: Path) -> None:
    naive = json.dumps(CANONICAL | {"ts": "2026-01-01 00:00:00"})
    (tmp_path / "log").write_text(f"{DATED_ACCESS}\n{naive}\n")
    layout = detect(tmp_path / "log", ReadOptions())
    assert layout.naive_time == "2026-01-01 00:00:00"
