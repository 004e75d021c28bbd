"""What a stage of the analysis is, and what makes its last result current.

A stage reads what was given (port ``Engine``) and what earlier stages published (port
``Artifacts``), and returns arrays and tables. Everything that can change its result enters
its key; a stage whose key is the published one is skipped. This room runs nothing itself
(``analysis.run`` does) and knows no particular stage.
"""

from __future__ import annotations

import ast
import hashlib
import platform
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from workbench.domain.ports import Arrays, Artifacts, Engine, Tables
    from workbench.domain.progress import JobContext
    from workbench.domain.settings import AnalysisSettings

#: Modules that carry results about but never shape them: editing one makes nothing stale.
_NEUTRAL: Final = frozenset({"workbench.analysis.stage", "workbench.analysis.run"})
#: Source of these packages counts as code of a stage that imports it. Domain is left out on
#: purpose: it holds words, and a new docstring there must not recompute every case.
_CODE: Final = ("workbench.analysis", "workbench.kernels")


@dataclass(frozen=True, slots=True)
class StageResult:
    """What a stage publishes.

    Attributes:
        arrays: Numpy arrays by name.
        tables: Arrow tables by name.
        info: Small JSON facts (counts, notes). No times and no machine names: they would
            make two equal runs differ.
    """

    arrays: Arrays = field(default_factory=dict)
    tables: Tables = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What a running stage may use.

    Attributes:
        stage: Name of the running stage.
        settings: Parameters of the run; a stage reads only those that it names.
        engine: Statements over what was given; belongs to the thread that runs the stage.
        artifacts: What earlier stages published, and this stage's own last result.
        job: Progress (0..1 of this stage) and cancellation.
    """

    stage: str
    settings: AnalysisSettings
    engine: Engine
    artifacts: Artifacts
    job: JobContext

    def random(self) -> np.random.Generator:
        """The stage's own generator: SeedSequence(seed, stage); the same at every call."""
        return np.random.default_rng(seed_sequence(self.settings.seed, self.stage))


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the analysis.

    Attributes:
        name: As in the manifest ("space.place").
        step: What it does, for the status bar ("Placing prompts").
        run: Does it. Its module, and what that imports, is the stage's code.
        after: Earlier stages that it reads; the digests of what they published enter the key.
        settings: Fields of ``AnalysisSettings`` that it reads; they enter the key.
        libraries: Distributions whose versions enter the key.
        resources: Name -> digest of shipped files and embedders, given the settings.
        added: It reads columns that added tables fill, or their events; where it says False, a
            table that is added or taken out leaves it current.
        decisions: It reads what people decided; the digest of the decisions enters the key.
        pinned: For a stage whose result should outlive later imports: says whether the last
            result still serves. Batch set, code, libraries and inputs do not enter such a
            stage's key; it runs again for other settings, other resources, a new
            ``version``, or when this says False.
        version: Raised by hand when a pinned stage must be computed anew.
        weight: Expected share of the run's time, in seconds at a million exchanges.
    """

    name: str
    step: str
    run: Callable[[Context], StageResult]
    after: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ("numpy", "numba", "pyarrow")
    resources: Callable[[AnalysisSettings], Mapping[str, str]] | None = None
    added: bool = True
    decisions: bool = False
    pinned: Callable[[Context], bool] | None = None
    version: int = 1
    weight: float = 1.0

    def key(
        self,
        settings: AnalysisSettings,
        *,
        batches: str,
        inputs: Mapping[str, str],
        decisions: str = "",
    ) -> str:
        """Digest of everything that the result depends on.

        Args:
            settings: Parameters of the run.
            batches: Digest of the batch set, from ``analysis.run``.
            inputs: Stage -> digest of what it published, for every stage in ``after``.
            decisions: Digest of the decision entries.

        Returns:
            SHA-256, hex.
        """
        values = asdict(settings)
        parts: dict[str, object] = {
            "name": self.name,
            "version": self.version,
            "settings": {name: values[name] for name in self.settings},
            "resources": dict(self.resources(settings)) if self.resources else {},
        }
        if self.pinned is None:
            parts |= {
                "code": code_digest(self.run.__module__),
                "libraries": {name: version(name) for name in self.libraries},
                "python": platform.python_version(),
                "batches": batches,
                "inputs": {name: inputs[name] for name in self.after},
            }
        if self.decisions:
            parts["decisions"] = decisions
        return hashlib.sha256(_canonical(parts).encode()).hexdigest()


def seed_sequence(seed: int, stage: str) -> np.random.SeedSequence:
    """SeedSequence(seed, stage): independent streams for every pair of the two."""
    words = np.frombuffer(hashlib.sha256(stage.encode()).digest(), dtype=np.uint32)
    return np.random.SeedSequence([seed & 0xFFFF_FFFF_FFFF_FFFF, *(int(word) for word in words)])


@cache
def code_digest(module: str) -> str:
    """SHA-256 (hex) of a module's source, of what it imports, and of the statements beside it.

    Follows imports inside ``workbench.analysis`` and ``workbench.kernels`` only; libraries
    enter a key by their version.
    """
    digest = hashlib.sha256()
    for name, path in sorted(_reach(module).items()):
        digest.update(f"{name}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
        for statement in sorted(path.parent.glob("*.sql")):
            digest.update(hashlib.sha256(statement.read_bytes()).digest())
    return digest.hexdigest()


def _reach(module: str) -> dict[str, Path]:
    """The module and every module of ours that it imports, directly or not, with its file."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name in _NEUTRAL:
            continue
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            continue
        found[name] = Path(spec.origin)
        waiting.extend(_imports(found[name]))
    return found


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            # ``from package import module`` may name a module or a thing inside one.
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            if name.startswith(_CODE) and _is_module(name):
                yield name


def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _canonical(value: object) -> str:
    """Plain values as text, the same for equal values: dictionaries in sorted order."""
    if isinstance(value, dict):
        inner = ",".join(f"{_canonical(k)}:{_canonical(value[k])}" for k in sorted(value))
        return f"{{{inner}}}"
    return f"{type(value).__name__}:{value!r}"
