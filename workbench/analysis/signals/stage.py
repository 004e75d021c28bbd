"""The stage ``signals``: every signal of every account, with its percentile.

Loads the population once and asks each signal module for its reading. Holds no formula.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.signals.automation import (
    burstiness,
    gap_entropy,
    hour_concentration,
    hours,
    lone_requests,
    rate_ceiling,
    sampling_signature,
)
from workbench.analysis.signals.baseline import Baseline, read_for
from workbench.analysis.signals.content import (
    coverage,
    coverage_cost,
    distribution,
    elicitation,
    growth,
    hardness,
    kl_to_population,
    near_duplicates,
    novelty_of_queries,
    templates,
    turning,
)
from workbench.analysis.signals.coordination import infrastructure, signup_burst
from workbench.analysis.signals.loading import INPUTS, load_population
from workbench.analysis.signals.population import Population, Reading, Signal, percentiles
from workbench.analysis.stage import Context, Stage, StageResult, code_digest
from workbench.analysis.text.embed import embedder_digests
from workbench.domain.errors import InputError
from workbench.domain.signal import TOO_LITTLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from workbench.analysis.signals.reference import Reference
    from workbench.domain.settings import AnalysisSettings

SIGNALS: Final[tuple[Signal, ...]] = (
    distribution,
    coverage,
    templates,
    turning,
    *elicitation.CLASSES,
    near_duplicates,
    growth,
    kl_to_population,
    coverage_cost,
    novelty_of_queries,
    hardness,
    burstiness,
    hours,
    lone_requests,
    hour_concentration,
    gap_entropy,
    rate_ceiling,
    sampling_signature,
    *infrastructure.SIGNALS,
    signup_burst,
)
_SPECS = pa.schema(
    [
        ("name", pa.string()),
        ("axis", pa.string()),
        ("title", pa.string()),
        ("unit", pa.string()),
        ("formula", pa.string()),
        ("needs", pa.list_(pa.string())),
        ("source", pa.string()),
        ("evades", pa.string()),
        ("tested", pa.bool_()),
        ("not_assessed", pa.string()),
        ("fewest", pa.string()),
        ("baseline", pa.bool_()),
    ]
)


def signals_stage() -> Stage:
    """Measure what each account shows on the three axes."""
    return Stage(
        name="signals",
        step="Measuring signals",
        run=_run,
        after=INPUTS,
        settings=("seed",),
        libraries=("numpy", "numba", "pyarrow", "scipy"),
        resources=_resources,
        weight=12.0,
    )


def baseline_of(settings: AnalysisSettings) -> Baseline | None:
    """The saved baseline of a run; None where the case is its own.

    Raises:
        InputError: It cannot be read, or another embedder placed its prompts.
        VersionError: Other versions of the signals measured it.
    """
    if not settings.baseline:
        return None
    embedder = embedder_digests(settings.embedder)["embedder"]
    return read_for(Path(settings.baseline), embedder=embedder, measures=code_digest(__name__))


def _resources(settings: AnalysisSettings) -> Mapping[str, str]:
    found = baseline_of(settings)
    return {} if found is None else {"baseline": found.digest}


def _run(context: Context) -> StageResult:
    population = load_population(
        context.engine, context.artifacts, context.random(), context.job, recorded=True
    )
    baseline = baseline_of(context.settings)
    if baseline is not None:
        population = replace(population, reference=_fitting(baseline, population))
    readings: list[Reading] = []
    for number, signal in enumerate(SIGNALS):
        context.job.check()
        context.job.report(
            f"Measuring: {signal.SPEC.title.lower()}", done=0.5 + 0.5 * number / len(SIGNALS)
        )
        readings.append(assess(signal, population))
    value = np.stack([reading.value for reading in readings])
    percentile = np.stack([percentiles(reading.strength) for reading in readings])
    told, among = _told(readings, percentile, baseline)
    usual = next((reading.reference for reading in readings if reading.reference), None)
    return StageResult(
        arrays={
            "value": value,
            "strength": np.stack([reading.strength for reading in readings]),
            # Within the case: what detection reads.
            "percentile": percentile,
            # What is told: among a saved baseline's accounts where there is one.
            "told": told,
            "elicits": elicitation.packed(population.elicits, len(population.prompt)),
            **({} if usual is None else {"frequency": usual.frequency, "sums": usual.sums}),
        },
        tables={"specs": _specs(population, value, among), **_beside(readings)},
        info={
            "signals": len(SIGNALS),
            "accounts": population.n_accounts,
            "embedder": embedder_digests(context.settings.embedder)["embedder"],
            "measures": code_digest(__name__),
            "baseline": None if baseline is None else baseline.told(),
            "ordinary": None if usual is None else usual.scales(),
            "reference": next((dict(reading.info) for reading in readings if reading.info), None),
        },
    )


def _fitting(baseline: Baseline, population: Population) -> Reference | None:
    """The baseline's ordinary prompts.

    Raises:
        InputError: Its vectors are of another dimension.
    """
    usual, dimension = baseline.reference, population.vectors.shape[1]
    if usual is not None and len(population.vectors) and usual.frequency.shape[1] != dimension:
        raise InputError(
            f"The baseline's vectors have {usual.frequency.shape[1]} dimensions, the case's "
            f"{dimension}.",
            remedy="Give a baseline that was saved with the same embedder.",
        )
    return usual


def _told(
    readings: Sequence[Reading], percentile: NDArray[np.float64], baseline: Baseline | None
) -> tuple[NDArray[np.float64], list[bool]]:
    """Percentiles as they are told, f64[S, A]; which signals were ranked among the baseline."""
    told, among = percentile.copy(), [False] * len(readings)
    for row, (signal, reading) in enumerate(zip(SIGNALS, readings, strict=True)):
        found = None
        if baseline is not None:
            found = baseline.percentiles(signal.SPEC.name, reading.strength)
        if found is not None:
            told[row], among[row] = found, True
    return told, among


def assess(signal: Signal, population: Population) -> Reading:
    """The signal's reading; all NaN where the log holds none of the columns that it needs."""
    if not missing_columns(signal, population.filled):
        return signal.measure(population)
    nothing = np.full(population.n_accounts, np.nan)
    return Reading(nothing, nothing)


def missing_columns(signal: Signal, filled: Mapping[str, int]) -> tuple[str, ...]:
    """Columns for want of which a signal is not assessed; alternatives count as one."""
    spec = signal.SPEC
    missing = tuple(name for name in spec.needs if not filled.get(name, 0))
    if not spec.needs_all and len(missing) < len(spec.needs):
        return ()
    return missing


def _beside(readings: Sequence[Reading]) -> dict[str, pa.Table]:
    return {
        signal.SPEC.name: reading.beside
        for signal, reading in zip(SIGNALS, readings, strict=True)
        if reading.beside is not None
    }


def _specs(population: Population, value: NDArray[np.float64], among: Sequence[bool]) -> pa.Table:
    rows: list[dict[str, Any]] = []
    for signal, row, saved in zip(SIGNALS, value, among, strict=True):
        spec = signal.SPEC
        missing = missing_columns(signal, population.filled)
        reason = ", ".join(missing) if missing else None
        if reason is None and np.isnan(row).all():
            reason = TOO_LITTLE
        rows.append(
            {
                "name": spec.name,
                "axis": spec.axis.value,
                "title": spec.title,
                "unit": spec.unit,
                "formula": spec.formula,
                "needs": list(spec.needs),
                "source": spec.source,
                "evades": spec.evades,
                "tested": spec.tested,
                "not_assessed": reason,
                "fewest": spec.fewest,
                "baseline": saved,
            }
        )
    return pa.Table.from_pylist(rows, schema=_SPECS)
