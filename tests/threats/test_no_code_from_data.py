"""Nothing that is read becomes code: no call in the program could do it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "workbench").rglob("*.py"))
#: Modules that turn bytes into objects of any kind, or text into a command.
MODULES_OF_CODE = frozenset(
    {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
)
COMMANDS = frozenset({"subprocess", "pty", "commands"})
BUILTINS = frozenset({"eval", "exec", "compile", "__import__"})
CALLS = frozenset(
    {"os.system", "os.popen", "yaml.load", "yaml.unsafe_load", "importlib.import_module"}
    | {
        f"os.{kind}{how}"
        for kind in ("exec", "spawn")
        for how in ("l", "lp", "v", "ve", "vp", "vpe")
    }
)


def found_in(source: str) -> list[str]:
    """What of the above a module has."""
    bad = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names = module + [alias.name for alias in node.names]
            bad += [n for n in names if n.split(".")[0] in MODULES_OF_CODE | COMMANDS]
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            allows = any(
                keyword.arg in {"allow_pickle", "shell"}
                and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
                for keyword in node.keywords
            )
            if called in BUILTINS | CALLS or allows:
                bad.append(called)
    return bad


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_runs_what_it_reads(path: Path) -> None:
    assert found_in(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from marshal import loads",
        "import subprocess as s",
        "eval('1')",
        "import os\nos.system('x')",
        "np.load(f, allow_pickle=True)",
        "run(x, shell=True)",
        "__import__(name)",
    ],
)
def test_the_check_sees_them(source: str) -> None:
    assert found_in(source)


def test_the_check_passes_what_only_sounds_alike() -> None:
    assert found_in("dialog.exec()\nre.compile('x')\nnp.load(f)") == []
