"""The population as the signals read it, from a log in memory and published stages."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.analysis.fakes import FakeArtifacts, FakeCase, RecordingJob
from workbench.analysis.accounts import accounts_stage, exchanges_stage
from workbench.analysis.answers.stage import answers_stage
from workbench.analysis.conversations.stage import conversations_stage
from workbench.analysis.run import analyse
from workbench.analysis.signals.loading import load_created, load_identity, load_population
from workbench.analysis.signals.recorded import NUMBERS
from workbench.analysis.signals.stage import SIGNALS, signals_stage
from workbench.analysis.stage import Context
from workbench.domain.errors import CancelledError
from workbench.domain.settings import AnalysisSettings
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from workbench.analysis.signals.population import Population

SETTINGS = AnalysisSettings(seed=1)
MINUTE = 60_000_000

#: Three keys and a user; one record that says nothing of who sent it.
ROWS: list[dict[str, Any]] = [
    {
        "account_id": "k1", "org_id": "acme", "ts": 3 * MINUTE, "prompt": "Show your reasoning.",
        "ip": "10.0.0.1", "payment_hash": "card", "account_created_at": 50,
    },
    {"account_id": "k1", "ts": 1 * MINUTE, "prompt": "hello", "account_created_at": 40},
    {"account_id": "k2", "org_id": "acme", "ts": None, "prompt": None, "user_agent": "curl"},
    {
        "account_id": "k3", "ts": 2 * MINUTE, "prompt": "hello", "ip": "10.0.0.9",
        "system": "Think step by step.", "ja3": "abc",
    },
    {
        "account_id": None, "ts": 4 * MINUTE, "prompt": "hello", "account_created_at": 9,
        "system": "Think step by step.",
    },
    {
        "end_user": "u1", "org_id": "shop", "ts": 5 * MINUTE, "prompt": "hello",
        "system": "Be brief.",
    },
    {"account_id": "k1", "ts": 6 * MINUTE, "prompt": None, "system": "Think step by step."},
]  # fmt: skip


def published(case: FakeCase, prompts: int) -> FakeArtifacts:
    """Accounts and exchanges as their stages publish them; text and space by hand."""
    artifacts = FakeArtifacts()
    plan = (accounts_stage(), exchanges_stage(), answers_stage(), conversations_stage())
    analyse(case.engine, artifacts, SETTINGS, RecordingJob(), plan=plan)
    numbers = np.arange(prompts, dtype=np.int32)
    for stage, arrays in (
        ("text.groups", {"group": numbers}),
        ("text.templates", {"template": np.full(prompts, -1, np.int32)}),
        ("space.place", {"cell": numbers % 3, "landmark": np.zeros(prompts, np.int32)}),
        ("space.landmarks", {"vector": np.eye(2, dtype=np.float32)}),
    ):
        artifacts.publish(stage, "key", arrays=arrays, tables={}, info={})
    return artifacts


def load(rows: list[dict[str, Any]], *, texts: bool = True) -> Population:
    case = FakeCase(rows)
    prompts = len({row["prompt"] for row in rows if row.get("prompt") is not None})
    return load_population(
        case.engine(),
        published(case, prompts),
        np.random.default_rng(0),
        RecordingJob(),
        texts=texts,
    )


def test_exchanges_lie_by_account_and_time() -> None:
    loaded = load(ROWS)
    assert loaded.n_accounts == 4
    assert loaded.offsets.tolist() == [0, 3, 4, 5, 6]
    assert loaded.ts.tolist() == [
        1 * MINUTE, 3 * MINUTE, 6 * MINUTE, UNKNOWN, 2 * MINUTE, 5 * MINUTE,
    ]  # fmt: skip
    assert loaded.prompt.tolist() == [1, 0, -1, -1, 1, 1]


def test_the_prompt_or_the_system_prompt_asks_and_a_missing_prompt_asks_nothing() -> None:
    asks = load(ROWS).elicits["reasoning_trace"].tolist()
    # k1: "hello", "Show your reasoning.", no prompt but the system prompt; k2 nothing; k3 system.
    assert asks == [False, True, True, False, True, False]


def test_without_texts_nothing_is_read_of_them() -> None:
    loaded = load(ROWS, texts=False)
    assert loaded.elicits == {}
    assert loaded.prompt.tolist() == load(ROWS).prompt.tolist()


def test_a_record_without_an_account_is_nobodys() -> None:
    """Its system prompt and its sign-up time must not fall to a neighbour, nor stop the load."""
    for at in range(len(ROWS)):
        nameless = {**ROWS[4], "ts": at}
        rest = [row for row in ROWS if row is not ROWS[4]]
        with_it, without = load([*rest[:at], nameless, *rest[at:]]), load(rest)
        for name in ("offsets", "created"):
            np.testing.assert_array_equal(getattr(with_it, name), getattr(without, name))
        np.testing.assert_array_equal(
            with_it.elicits["reasoning_trace"], without.elicits["reasoning_trace"]
        )


def test_the_first_sign_up_that_the_log_tells_is_kept() -> None:
    assert load(ROWS).created.tolist() == [40, UNKNOWN, UNKNOWN, UNKNOWN]


def test_accounts_of_one_organisation_are_one_customer_and_end_users_stay_apart() -> None:
    case = FakeCase(ROWS)
    held, entities = load_identity(case.engine(), published(case, 2))
    assert sorted(held) == ["client", "network", "organisation", "payment"]
    assert entities.entity.tolist() == [0, 0, 1, 2]
    assert load(ROWS).ties.customer.tolist() == entities.customer.tolist()
    resold = [{**row, "org_id": "shop"} for row in ROWS if row is not ROWS[4]]
    case = FakeCase(resold)
    _, entities = load_identity(case.engine(), published(case, 2))
    assert entities.customer.tolist() == [0, 0, 0, 0]
    assert entities.entity.tolist() == [0, 0, 0, 1]


def test_filled_columns_are_counted_where_an_account_can_be_told() -> None:
    nothing = dict.fromkeys((*NUMBERS, "model", "stop_reason", "completion", "error_type"), 0)
    assert load(ROWS).filled == nothing | {
        "exchanges": 6, "ts": 5, "prompt": 4, "ip": 2, "payment_hash": 1, "email_domain": 0,
        "ja3": 1, "ja4": 0, "user_agent": 1, "account_created_at": 2,
    }  # fmt: skip


def test_no_place_and_no_language_is_loaded() -> None:
    located = [{**row, "country": f"C{n}"} for n, row in enumerate(ROWS)]
    loaded, plain = load(located), load(ROWS)
    assert loaded.filled == plain.filled
    assert sorted(loaded.ties.held) == sorted(plain.ties.held)
    assert not {"country", "language"} & {field.name for field in fields(loaded)}


def test_a_log_without_identity_or_text() -> None:
    loaded = load([{"account_id": "a"}, {"account_id": "b"}])
    assert loaded.n_accounts == 2
    assert loaded.ties.held == {}
    assert loaded.created.tolist() == [UNKNOWN, UNKNOWN]
    assert not any(asked.any() for asked in loaded.elicits.values())
    assert load_created(FakeCase().engine(), np.zeros(0, np.int32)).tolist() == []


def test_loading_is_cancelled_between_its_steps() -> None:
    case = FakeCase(ROWS)
    with pytest.raises(CancelledError):
        load_population(
            case.engine(),
            published(case, 2),
            np.random.default_rng(0),
            RecordingJob(cancel_at="Reading identities"),
        )


def test_the_stage_publishes_every_signal_and_says_why_one_is_not_assessed() -> None:
    case = FakeCase(ROWS)
    artifacts = published(case, 2)
    job = RecordingJob()
    result = signals_stage().run(Context("signals", SETTINGS, case.engine(), artifacts, job))
    assert result.arrays["value"].shape == result.arrays["percentile"].shape == (len(SIGNALS), 4)
    specs = {row["name"]: row for row in result.tables["specs"].to_pylist()}
    assert list(specs) == [signal.SPEC.name for signal in SIGNALS]
    assert specs["shared_domain"]["not_assessed"] == "email_domain"
    # Times are there, but too few of them.
    assert specs["burstiness"]["not_assessed"] == "volume"
    assert specs["shared_client"]["not_assessed"] is None
    assert specs["reasoning_trace"]["not_assessed"] is None
    done = [share for _, share in job.reports if share is not None]
    assert done == sorted(done)
    assert done[-1] < 1.0
    for row, values in zip(result.tables["specs"].to_pylist(), result.arrays["value"], strict=True):
        assert (row["not_assessed"] is not None) == bool(np.isnan(values).all())


def test_an_empty_log_is_not_assessed_but_does_not_fail() -> None:
    case = FakeCase()
    result = signals_stage().run(
        Context("signals", SETTINGS, case.engine(), published(case, 0), RecordingJob())
    )
    assert result.arrays["value"].shape == (len(SIGNALS), 0)
    assert all(row["not_assessed"] for row in result.tables["specs"].to_pylist())
