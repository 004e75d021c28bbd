"""Requests: models, parameters, tokens, latency, errors of each exchange; one code for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.simulate.library import CAPABILITIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.simulate.cast import Cast
    from workbench.simulate.clock import Timetable
    from workbench.simulate.ground import Ground
    from workbench.simulate.talk import Talk

#: Median output tokens by capability; translation follows its input.
_OUTPUT: Final = {
    "code": 320, "maths": 260, "explain": 330, "write": 380, "roleplay": 180, "chat": 190,
    "translate": 60, "summarise": 80, "extract": 60, "label": 8, "plan": 280, "support": 70,
}  # fmt: skip
_CHARACTERS_A_TOKEN: Final = 3.8
_MAX_OUTPUT: Final = 4096


def request_columns(ground: Ground, cast: Cast, when: Timetable, said: Talk) -> dict[str, Any]:
    """Every column that is neither identity nor time, in the timetable's order.

    Args:
        ground: Library, models, seed.
        cast: Who asks.
        when: When.
        said: What.
    """
    rng = ground.rng("requests")
    account = when.account
    total = len(account)
    model, always = _models(ground, rng, cast, when)
    thinking = rng.random(total) < cast.thinking[account]
    stream = rng.random(total) < cast.stream[account]
    status, error = _statuses(rng, cast, when)
    failed = status != 200
    prompt_tok = _tokens(pc.utf8_length(said.prompt))
    systems = ground.library.systems
    system = systems.take(pa.array(said.system, mask=said.system < 0))
    system_tok = _tokens(pc.fill_null(pc.utf8_length(system), 0)) * (said.system >= 0)
    medians = np.array([_OUTPUT[name] for name in CAPABILITIES], dtype=np.float64)
    capability = ground.library.themes.capability[said.theme]
    wanted = medians[capability] * cast.out_scale[account]
    wanted = np.where(capability == CAPABILITIES.index("translate"), 0.6 * prompt_tok + 4, wanted)
    out = wanted * np.exp(0.55 * rng.standard_normal(total))
    limit = cast.max_tok[account]
    ceiling = np.where(limit > 0, limit, _MAX_OUTPUT)
    cut = out > ceiling
    out_tok = np.clip(out, 1, ceiling).astype(np.int64)
    out_tok[failed] = 0
    reasons = thinking | always
    reasoning = np.where(reasons, 1.6 * wanted * np.exp(0.7 * rng.standard_normal(total)), 0)
    reasoning_tok = np.where(failed, 0, np.minimum(reasoning, 16_000)).astype(np.int64)
    history = (said.turn - 1) * (prompt_tok + wanted.astype(np.int64))
    in_tok = 6 + prompt_tok + system_tok + history
    cached = np.where((said.turn > 1) & (rng.random(total) < 0.6), history, 0)
    refused = ~failed & (rng.random(total) < 0.012)
    speed = 45.0 * np.exp(0.35 * rng.standard_normal(total))
    ttft = 250.0 * np.exp(0.5 * rng.standard_normal(total)) + 0.05 * in_tok
    latency = np.where(failed, 30.0, ttft + 1000.0 * (out_tok + reasoning_tok) / speed)
    finish = np.where(refused, "refusal", np.where(cut, "length", "stop")).astype(object)
    finish[failed] = None
    n_many = rng.random(len(cast)) < 0.02
    logs = rng.random(len(cast)) < 0.04
    return {
        "provider": pa.repeat(pa.scalar("atlas"), total),
        "endpoint": pa.repeat(pa.scalar("/v1/chat/completions"), total),
        "model": model,
        "status": status,
        "error_type": error,
        "stop_reason": pa.array(finish, pa.string()),
        "stream": stream,
        "in_tok": in_tok,
        "out_tok": out_tok,
        "reasoning_tok": reasoning_tok,
        "cached_tok": cached.astype(np.int64),
        "temperature": cast.temperature[account],
        "n": np.where(n_many[account] & (rng.random(total) < 0.5), 4, 1),
        "max_tok": pa.array(limit, mask=limit < 0),
        "logprobs": logs[account],
        "thinking": thinking,
        "n_turns": said.turn,
        "tools": cast.tools[account],
        "latency_ms": np.round(latency, 1),
        "ttft_ms": np.round(np.where(failed, np.nan, ttft), 1),
        "system": system,
        "prompt": said.prompt,
        "completion": _completions(ground, said, refused, failed),
        "reasoning": _reasoning(said, reasons & ~failed & ~refused),
    }


def _models(
    ground: Ground, rng: np.random.Generator, cast: Cast, when: Timetable
) -> tuple[pa.StringArray, NDArray[np.bool_]]:
    """The model of each exchange, and whether it always reasons.

    The account's own, another one now and then, or the new one.
    """
    models = ground.world.models
    account = when.account
    total = len(account)
    old = [i for i, m in enumerate(models) if m.appears == 0]
    choice = cast.model[account].astype(np.int64)
    wanders = rng.random(total) < 0.12
    choice = np.where(wanders, rng.integers(0, len(old), total), choice)
    for number, model in enumerate(models):
        if model.appears > 0:
            age = when.days - model.appears * ground.days
            # People come to a new model over weeks; the eager ones on its first day.
            share = cast.adoption[account] * (1 - np.exp(-np.maximum(age, 0) / 6.0))
            eager = (age > 0) & (cast.adoption[account] > 0.8)
            share = np.where(eager, 0.5 * cast.adoption[account], share)
            choice = np.where((age > 0) & (rng.random(total) < share), number, choice)
    names = pa.array([m.name for m in models])
    reasons = np.array([m.name.endswith("reason") for m in models])
    return names.take(pa.array(choice)), reasons[choice]


def _statuses(
    rng: np.random.Generator, cast: Cast, when: Timetable
) -> tuple[NDArray[np.int64], pa.StringArray]:
    """HTTP status and error type; suspension ends an account."""
    account = when.account
    total = len(account)
    codes = np.array([200, 429, 500, 400])
    drawn = rng.random(total)
    status = codes[np.searchsorted([0.975, 0.99, 0.994], drawn, side="right")]
    last = np.full(len(cast), -1, dtype=np.int64)
    order = np.lexsort((when.days, account))
    last[account[order]] = order  # later ones win: the account's last exchange
    status[last[cast.banned]] = 403
    names = {
        200: None,
        429: "rate_limit",
        500: "server_error",
        400: "invalid_request",
        403: "account_suspended",
    }
    used, inverse = np.unique(status, return_inverse=True)
    table = pa.array([names[code] for code in used.tolist()], pa.string())
    return status, table.take(pa.array(inverse))


def _tokens(characters: pa.Int32Array) -> NDArray[np.int64]:
    return np.ceil(np.asarray(characters, dtype=np.float64) / _CHARACTERS_A_TOKEN).astype(np.int64)


def _completions(
    ground: Ground, said: Talk, refused: NDArray[np.bool_], failed: NDArray[np.bool_]
) -> pa.StringArray:
    rows = np.flatnonzero(refused)
    text = said.answer
    if len(rows):
        words = ground.library.refusals(said.theme[rows], rows.astype(np.uint64))
        text = pc.replace_with_mask(text, pa.array(refused), words)
    return pc.if_else(pa.array(failed), pa.scalar(None, pa.string()), text)


def _reasoning(said: Talk, shown: NDArray[np.bool_]) -> pa.StringArray:
    """A short trace where one was asked for: the question restated, as models do."""
    head = pc.utf8_slice_codeunits(said.prompt, 0, 48)
    text = pc.binary_join_element_wise(pa.scalar("The question is: "), head, "")
    return pc.if_else(pa.array(shown), text, pa.scalar(None, pa.string()))
