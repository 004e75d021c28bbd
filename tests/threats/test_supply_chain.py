"""What comes from others is pinned by hashes and under free licences; what is not so is told."""

from __future__ import annotations

from importlib.metadata import distributions
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_everything_locked_is_installed_as_locked_and_free(audit: ModuleType) -> None:
    lock = audit.locked((ROOT / "requirements.lock").read_text("utf-8"))
    installed = {audit.normal(one.name): one for one in distributions()}
    assert len(lock) > 60
    for name in sorted(lock.keys() & installed.keys()):
        package = installed[name]
        assert audit.wrong_with(name, package.version, audit.licence(package), lock) == [], name


def test_a_lock_holds_for_this_python(audit: ModuleType) -> None:
    lock = audit.locked(
        "one==1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "two==1 ; python_full_version < '3' \\\n    --hash=sha256:aa\n"
        "Two_x==2 ; python_full_version >= '3' \\\n    --hash=sha256:aa\n"
        "bare==3\n"
    )
    assert lock == {"one": ("1", 2), "two-x": ("2", 1), "bare": ("3", 0)}


@pytest.mark.parametrize(
    ("name", "version", "licence", "wrong"),
    [
        ("one", "1", "MIT", []),
        ("one", "1", "GPL-3.0-only OR Apache-2.0", []),
        ("one", "2", "MIT", ["is locked as 1"]),
        ("other", "1", "BSD License", ["is not locked"]),
        ("bare", "3", "ISC License (ISCL)", ["has no hash"]),
        ("one", "1", "AGPL-3.0", ["has no licence that is known to be free: AGPL-3.0"]),
        ("one", "1", "GNU General Public License v3 (GPLv3)", ["has no licence that is known"]),
        ("one", "1", "", ["has no licence that is known to be free: none told"]),
        ("shiboken6", "1", "LGPL-3.0-only OR GPL-2.0-only", ["is not locked"]),
    ],
)
def test_what_is_wrong_is_told(
    audit: ModuleType, name: str, version: str, licence: str, wrong: list[str]
) -> None:
    found = audit.wrong_with(name, version, licence, {"one": ("1", 2), "bare": ("3", 0)})
    assert len(found) == len(wrong)
    for said, part in zip(found, wrong, strict=True):
        assert part in said
