"""Loads the population: what signals and clusters read of the case and of earlier stages.

Statements lie beside this module. It computes nothing but codes, and which prompts ask for what.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from workbench.analysis.clusters.entities import Entities, resolve_entities
from workbench.analysis.signals.content import elicitation
from workbench.analysis.signals.population import Population
from workbench.analysis.signals.recorded import Recorded
from workbench.analysis.signals.ties import Held, Ties, held_values
from workbench.domain.account import IdentityKind
from workbench.domain.ports import Statement
from workbench.kernels.timing import UNKNOWN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.domain.ports import Artifacts, Engine
    from workbench.domain.progress import JobContext

#: Stages that the population is read from.
INPUTS: Final = (
    "accounts", "exchanges", "text.groups", "text.templates", "space.landmarks", "space.place",
    "conversations",
)  # fmt: skip

_SHOWN = Statement.read(__file__, "shown_values")
_FILLED = Statement.read(__file__, "filled_columns")
_SIGN_UPS = Statement.read(__file__, "sign_ups")
_PROMPTS = Statement.read(__file__, "prompt_texts")
_SYSTEMS = Statement.read(__file__, "system_texts")
_USED = Statement.read(__file__, "exchange_systems")
_KINDS = Statement.read(__file__, "account_kinds")


def load_identity(engine: Engine, artifacts: Artifacts) -> tuple[dict[str, Held], Entities]:
    """Who holds which value, and which accounts are openly one customer."""
    code = artifacts.array("accounts", "code")
    place = {int(value): index for index, value in enumerate(code)}
    held = held_values(engine.table(_SHOWN), place)
    end_user = np.zeros(len(code), dtype=np.bool_)
    for row in engine.table(_KINDS).to_pylist():
        if row["account_id"] in place:
            end_user[place[row["account_id"]]] = row["kind"] == IdentityKind.USER.value
    return held, resolve_entities(held, len(code), end_user)


def load_created(engine: Engine, code: NDArray[np.int32]) -> NDArray[np.int64]:
    """i64[A] sign-up times in microseconds; ``UNKNOWN`` where the log has none."""
    created = np.full(len(code), UNKNOWN, dtype=np.int64)
    found = engine.table(_SIGN_UPS)
    at = np.searchsorted(code, found.column("account_id").to_numpy())
    created[at] = found.column("created_us").to_numpy()
    return created


def load_population(
    engine: Engine,
    artifacts: Artifacts,
    random: np.random.Generator,
    job: JobContext,
    *,
    texts: bool = True,
    recorded: bool = False,
) -> Population:
    """Everything that signals read.

    Args:
        engine: Where identities and texts are.
        artifacts: Where earlier stages published.
        random: Seeded generator for the population.
        job: Progress over the first half of the caller's work, and cancellation.
        texts: Read prompts for elicitation; without, ``elicits`` is empty.
        recorded: Read models, tokens and sampling settings of exchanges.
    """
    job.report("Reading identities", done=0.0)
    held, entities = load_identity(engine, artifacts)
    job.check()
    exchange_id = artifacts.array("exchanges", "exchange_id")
    prompt = artifacts.array("exchanges", "prompt")
    cell = artifacts.array("space.place", "cell")
    elicits = _elicitation(engine, exchange_id, prompt, len(cell), job) if texts else {}
    counts = engine.table(_FILLED).to_pylist()[0]
    return Population(
        offsets=np.asarray(artifacts.array("exchanges", "offsets")),
        ts=np.asarray(artifacts.array("exchanges", "ts")),
        prompt=np.asarray(prompt),
        again=np.asarray(artifacts.array("conversations", "again")),
        template=np.asarray(artifacts.array("text.templates", "template")),
        group=np.asarray(artifacts.array("text.groups", "group")),
        cell=np.asarray(cell),
        landmark=np.asarray(artifacts.array("space.place", "landmark")),
        vectors=np.asarray(artifacts.array("space.landmarks", "vector")),
        elicits=elicits,
        ties=Ties(held, entities.customer),
        created=load_created(engine, artifacts.array("accounts", "code")),
        filled={name: int(value or 0) for name, value in counts.items()},
        random=random,
        recorded=(
            Recorded.load(engine, np.asarray(exchange_id))
            if recorded
            else Recorded.nothing(len(exchange_id))
        ),
    )


def _elicitation(
    engine: Engine,
    exchange_id: NDArray[np.int64],
    prompt: NDArray[np.int32],
    n_prompts: int,
    job: JobContext,
) -> dict[str, NDArray[np.bool_]]:
    """Class -> bool[N]: the prompt or the system prompt of the exchange asks for it."""
    by_prompt = {name: np.zeros(n_prompts + 1, dtype=np.bool_) for name in elicitation.SPECS}
    read = 0
    for batch in engine.scan(_PROMPTS, rows=4_096):
        job.check()
        at = batch.column("prompt_id").to_numpy()
        for name, hit in elicitation.matches_or_kept(
            batch.column("text"), batch.column("asks")
        ).items():
            by_prompt[name][at] = hit
        read += batch.num_rows
        job.report(
            "Reading prompts", done=0.5 * read / max(n_prompts, 1), count=read,
            total=n_prompts, unit="prompts",
        )  # fmt: skip
    systems = engine.table(_SYSTEMS)
    by_system = elicitation.matches_or_kept(systems.column("value"), systems.column("asks"))
    used = engine.table(_USED)
    order = np.argsort(exchange_id, kind="stable")
    at = order[np.searchsorted(exchange_id, used.column("exchange_id").to_numpy(), sorter=order)]
    which = np.searchsorted(
        systems.column("system_id").to_numpy(), used.column("system_id").to_numpy()
    )
    found = {}
    for name, hits in by_prompt.items():
        # Prompt -1 (none) meets the last element, which is never set.
        found[name] = hits[prompt]
        found[name][at] |= by_system[name][which]
    return found
