"""Exchanges of any text: what a round trip writes in a format's own way, and expects back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from tests.formats.reading import Record


@dataclass(frozen=True)
class Said:
    """One exchange."""

    number: int
    account: str
    model: str
    system: str
    prompt: str
    completion: str
    in_tok: int
    out_tok: int
    at_s: int

    @property
    def request_id(self) -> str:
        return f"r-{self.number}"

    @property
    def ts(self) -> str:
        minutes, seconds = divmod(self.at_s, 60)
        hours, minutes = divmod(minutes, 60)
        return f"2026-05-01T{hours:02}:{minutes:02}:{seconds:02}Z"

    @property
    def at_us(self) -> int:
        return (1_777_593_600 + self.at_s) * 1_000_000

    @property
    def ip(self) -> str:
        return f"203.0.113.{self.number % 256}"

    def asked(self) -> list[Record]:
        return [
            {"role": "system", "content": self.system},
            {"role": "user", "content": self.prompt},
        ]

    def around(self) -> Record:
        return {"request_id": self.request_id, "timestamp": self.ts, "api_key_id": self.account}


#: JSON writes lone surrogates as no UTF-8 text can hold them: tests/faults has those.
_TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    str.strip
)
#: What stands in one cell or field by itself, and is trimmed there.
_WORD: Final = st.from_regex(r"[A-Za-z][\w./:-]{0,20}", fullmatch=True)
SAID: Final = st.builds(
    Said,
    number=st.integers(0, 10**9),
    account=_WORD,
    model=_WORD,
    system=_TEXT,
    prompt=_TEXT,
    completion=_TEXT,
    in_tok=st.integers(1, 2**40),
    out_tok=st.integers(1, 2**40),
    at_s=st.integers(0, 86_399),
)


def canonical(said: Said) -> Record:
    return {
        "request_id": said.request_id,
        "ts": said.ts,
        "account_id": said.account,
        "model": said.model,
        "system": said.system,
        "prompt": said.prompt,
        "completion": said.completion,
        "in_tok": said.in_tok,
        "out_tok": said.out_tok,
    }


#: What every format that keeps whole exchanges has.
ALL: Final = frozenset(canonical(Said(0, "a", "m", "s", "p", "c", 1, 1, 0)))
TEXTS: Final = frozenset({"prompt", "completion"})
#: What a response says of itself.
ANSWER: Final = frozenset({"request_id", "model", "completion", "in_tok", "out_tok"})
#: Files are written anew for each example.
MANY: Final = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(rows: list[Record], said: list[Said], kept: AbstractSet[str]) -> None:
    assert len(rows) == len(said)
    for row, of in zip(rows, said, strict=True):
        expected = canonical(of) | {
            "ts": of.at_us,
            "end_user": of.account,
            "ip": of.ip,
        }
        found = dict(row) | {"ts": int(row["ts"].timestamp() * 1e6) if row["ts"] else None}
        assert {name: found[name] for name in kept} == {name: expected[name] for name in kept}
