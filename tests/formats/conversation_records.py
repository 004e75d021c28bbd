"""Records of the data sets of conversations, as their cards have them."""

from __future__ import annotations

import datetime as dt
from typing import Any

_MODERATION: Any = {
    "categories": {"harassment": False, "violence": False},
    "category_scores": {"harassment": 0.0001, "violence": 0.00002},
    "flagged": False,
}
_HEADER = {"accept-language": "en-US,en;q=0.9", "user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}


def _turn(role: str, content: str, number: int) -> dict[str, Any]:
    user = role == "user"
    return {
        "content": content,
        "country": "Norway" if user else None,
        "hashed_ip": "22fd87ba9b98f2d3" if user else None,
        "header": _HEADER if user else None,
        "language": "English",
        "redacted": False,
        "role": role,
        "state": "Oslo" if user else None,
        "timestamp": None if user else "2024-02-03T10:05:09+00:00",
        "toxic": False,
        "turn_identifier": number,
    }


WILDCHAT: dict[str, Any] = {
    "conversation_hash": "cf1267ca6b2f6fccc9c36652a00059a1",
    "model": "gpt-4-0125-preview",
    "timestamp": "2024-02-03T10:05:09+00:00",
    "conversation": [
        _turn("user", "Explain tides.", 1001),
        _turn("assistant", "The moon pulls.", 1001),
        _turn("user", "And spring tides?", 1002),
        _turn("assistant", "The sun helps.", 1002),
    ],
    "turn": 2,
    "language": "English",
    "openai_moderation": [_MODERATION] * 4,
    "detoxify_moderation": [{"toxicity": 0.001, "insult": 0.0002}] * 4,
    "toxic": False,
    "redacted": False,
    "state": "Oslo",
    "country": "Norway",
    "hashed_ip": "22fd87ba9b98f2d3",
    "header": _HEADER,
}
#: The first release: no address, no header, times by the second.
WILDCHAT_FIRST: dict[str, Any] = {
    "conversation_id": "c9ec5b440fbdd04dccbebb9dc18b7b60",
    "model": "gpt-3.5-turbo-0301",
    "timestamp": dt.datetime(2023, 4, 9, 0, 2, 53, tzinfo=dt.UTC).isoformat(),
    "conversation": [
        {"content": "Hi", "language": "English", "redacted": False, "role": "user", "toxic": False},
        {"content": "Hello!", "language": "English", "redacted": False, "role": "assistant"},
    ],
    "turn": 1,
    "language": "English",
    "openai_moderation": [_MODERATION] * 2,
    "detoxify_moderation": [{"toxicity": 0.001}] * 2,
    "toxic": False,
    "redacted": False,
}
LMSYS: dict[str, Any] = {
    "conversation_id": "33f01939a744455c869cb234afca47f1",
    "model": "wizardlm-13b",
    "conversation": [
        {"content": "how can identity protection services help protect me", "role": "user"},
        {"content": "Identity protection services watch.", "role": "assistant"},
    ],
    "turn": 1,
    "language": "English",
    "openai_moderation": [_MODERATION] * 2,
    "redacted": False,
}
SHAREGPT: dict[str, Any] = {
    "id": "QWJhYvA_0",
    "conversations": [
        {"from": "system", "value": "Be kind."},
        {"from": "human", "value": "Summarise this text."},
        {"from": "gpt", "value": "It is short."},
        {"from": "human", "value": "Shorter"},
        {"from": "gpt", "value": "Short."},
    ],
}
