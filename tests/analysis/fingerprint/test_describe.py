"""What is taken of a cluster, and what is not because it is somebody's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from tests.analysis.fingerprint.made_up import fingerprint
from workbench.analysis.fingerprint.compare import compare
from workbench.analysis.fingerprint.describe import Who, describe
from workbench.analysis.fingerprint.log import Log, _shown
from workbench.analysis.stage import Context
from workbench.analysis.text.embed import static_embedder
from workbench.domain.errors import NotAssessedError
from workbench.domain.settings import AnalysisSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workbench.analysis.fingerprint.form import Fingerprint

MEMBERS, OTHERS = 10, 60
N = MEMBERS + OTHERS
EMPTY = pa.schema([("account_id", pa.int32()), ("kind", pa.string()), ("value", pa.string())])
RANDOM = np.random.default_rng(4)
WORDS = ["".join(chr(97 + c) for c in RANDOM.integers(0, 26, 6)) for _ in range(300)]


def filler(n: int) -> str:
    return " ".join(RANDOM.choice(WORDS, n))


class Made:
    """A log by hand: what each account asks, a template a prompt, who shows what."""

    def __init__(self, asked: list[list[str]], shown: Sequence[tuple[int, str, str]] = ()) -> None:
        texts = [text for mine in asked for text in mine]
        starts = {"Grade": 0, "Only": 1}
        template = [starts.get(text.split(" ")[0], -1) for text in texts]
        case = FakeCase([{"account_id": "a", "prompt": text} for text in texts])
        self.context = Context(
            "fingerprint", AnalysisSettings(), case.engine(), FakeArtifacts(), RecordingJob()
        )
        counts = [len(mine) for mine in asked]
        vectors = static_embedder().embed(pa.array(texts or [""]))
        rows = [{"account_id": a, "kind": kind, "value": value} for a, kind, value in shown]
        self.log = Log(
            offsets=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
            ts=np.concatenate([60_000_000 * np.arange(n) for n in counts]).astype(np.int64),
            prompt=np.arange(len(texts), dtype=np.int32),
            template=np.array(template, np.int32),
            elicits=None,
            attribution=None,
            cell=np.array([0 if t == 0 else 1 for t in template], np.int32),
            centroid=vectors[:2],
            embedder="static",
            shared_frame=True,
            shown=_shown(pa.Table.from_pylist(rows, schema=EMPTY), np.arange(N, dtype=np.int32)),
        )
        self.who = Who(np.arange(N) < MEMBERS, np.arange(N) >= MEMBERS)

    def taken(self, **more: Any) -> Fingerprint:
        n_prompts = len(self.log.taken(self.who.members)[0])
        origin = msgspec.structs.replace(
            fingerprint().origin, n_accounts=MEMBERS, n_prompts=n_prompts
        )
        return describe(self.context, self.log, self.who, origin, **more)


def grading() -> list[list[str]]:
    members = [
        [f"Grade this answer from one to ten {filler(6)}" for _ in range(8)] for _ in range(MEMBERS)
    ]
    # Two of them ask something in words of their own.
    for mine in members[:2]:
        mine += [f"Only we two ask it so {filler(6)}" for _ in range(6)]
    return members + [[filler(8) for _ in range(12)] for _ in range(OTHERS)]


def test_what_all_share_is_taken_and_what_two_share_is_not() -> None:
    made = Made(grading()).taken(words=True)
    assert [wording.skeleton for wording in made.wordings] == [
        "Grade this answer from one to ten <*>"
    ]
    (wording,) = made.wordings
    assert (wording.head, wording.tail) == (7, 0)
    assert (wording.seen.members, wording.seen.ordinary) == (MEMBERS, 0)
    assert wording.prompts == 8 * MEMBERS
    assert Made(grading()).taken().wordings[0].skeleton is None


def test_members_pass_their_own_threshold_and_others_do_not() -> None:
    made = Made(grading())
    found = made.taken()
    assert found.threshold.seen.members == MEMBERS
    assert found.threshold.seen.ordinary == 0
    again = compare(made.context, made.log, found, made.who.ordinary)
    assert again.passes[:MEMBERS].all()
    assert not again.passes[MEMBERS:].any()
    assert again.lacking == {
        "elicitation": "not taken",
        "clients": "not taken",
        "values": "not taken",
    }


def test_a_region_of_few_prompts_or_few_accounts_tells_nothing() -> None:
    asked = grading()
    found = Made(asked).taken()
    assert found.regions is not None
    assert len(found.regions.prompts) == 2
    few = [mine[:1] if a < 6 else [] for a, mine in enumerate(asked[:MEMBERS])]
    regions = Made([*few, *asked[MEMBERS:]]).taken().regions
    assert regions is not None
    assert len(regions.prompts) == 1, "six prompts: the middle of them is readable"
    made = Made(asked)
    assert replace(made.log, shared_frame=False).centroid.size
    made.log = replace(made.log, shared_frame=False)
    assert made.taken().regions is None, "vectors of a log's own mean nothing elsewhere"


def test_values_only_where_asked_for_shared_and_nobody_elses() -> None:
    shown = [
        *((a, "address", f"203.0.113.{a}") for a in range(4)),
        (5, "address", "198.51.100.9"),
        *((a, "address", "192.0.2.1") for a in range(0, N, 2)),
        *((a, "payment", "card-1") for a in range(3)),
        *((a, "agent", f"openai-python/1.{a}") for a in range(N)),
        *((a, "agent", "homemade/1.0") for a in range(2)),
        *((a, "domain", "mail.example") for a in range(2)),
    ]
    made = Made(grading(), shown)
    bare = made.taken()
    assert bare.values == []
    assert [client.family for client in bare.clients] == ["openai-python"], "two are too few"
    assert bare.pooling["network"] == 700_000
    assert bare.pooling["payment"] == 300_000
    assert bare.pooling["client"] == 200_000
    found = made.taken(ask=("networks", "payments"))
    told = {(value.kind, value.value, value.seen.members) for value in found.values}
    assert told == {("networks", "203.0.113.0/24", 4), ("payments", "card-1", 3)}
    assert "values" in {part.part for part in found.parts}


def test_of_accounts_that_show_nothing_nothing_is_taken() -> None:
    with pytest.raises(NotAssessedError, match="nothing that could be looked for"):
        Made([[] for _ in range(N)]).taken()
