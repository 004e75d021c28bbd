"""The house rules that a linter cannot say alone."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "workbench").rglob("*.py"))
LONGEST = 400


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_each_file_has_one_subject(path: Path) -> None:
    assert path.name not in {"utils.py", "helpers.py", "misc.py", "common.py"}
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), "a module says what it is for"


def test_no_file_is_long() -> None:
    files = [
        path
        for room in ("workbench", "tests", "benchmarks")
        for path in ROOT.glob(f"{room}/**/*.py")
    ]
    assert len(files) > len(MODULES)
    long = [
        str(path.relative_to(ROOT))
        for path in files
        if len(path.read_text("utf-8").splitlines()) > LONGEST
    ]
    assert not long, "split it: a file holds one subject"


def test_heavy_libraries_are_imported_late() -> None:
    """The window is up within a second: nothing on its way may import these at module level."""
    heavy = {
        "umap", "sklearn", "faiss", "matplotlib", "scipy", "sknetwork", "typst",
        "stix2", "stix2patterns", "requests", "detect_secrets", "phonenumbers",
    }  # fmt: skip
    offenders = []
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        for node in tree.body:
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            found = heavy & {name.split(".")[0] for name in names}
            top = path.relative_to(ROOT / "workbench").parts[0]
            if found and top in {"ui", "cli", "services", "domain", "kernels", "case"}:
                offenders.append(f"{path.relative_to(ROOT)}: {sorted(found)}")
    assert not offenders


def test_the_lock_names_no_address_and_hashes_everything() -> None:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    assert not [line for line in lines if "://" in line or line.startswith(("-i", "--index", "-f"))]
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert pins
    assert all("==" in pin for pin in pins)
    hashes = [line for line in lines if line.strip().startswith("--hash=sha256:")]
    assert len(hashes) >= len(pins)


def test_the_lock_pins_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lock = (ROOT / "requirements.lock").read_text("utf-8").lower()
    for requirement in project["project"]["dependencies"] + project["dependency-groups"]["dev"]:
        name = requirement.split(">")[0].split("=")[0].split(";")[0].strip().lower()
        assert f"\n{name}==" in f"\n{lock}", name


def test_no_committed_text_carries_a_merge_conflict_or_an_index_address() -> None:
    import subprocess

    files = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
        .stdout.decode()
        .split("\0")
    )
    hosts = (
        "pypi." + "org",
        "pythonhosted." + "org",
        "registry.npmjs." + "org",
        "deb.debian." + "org",
    )
    for name in filter(None, files):
        path = ROOT / name
        if (
            path.suffix in {".png", ".npy", ".ttf", ".otf", ".zst", ".gz", ".parquet", ".npz"}
            or not path.is_file()
        ):
            continue
        text = path.read_text("utf-8", errors="replace")
        assert "<" * 7 + " " not in text, name
        assert not [host for host in hosts if host in text], name
