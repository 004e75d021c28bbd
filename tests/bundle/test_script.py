"""``verify.sh``: in each bundle, the one that docs/verify.md names, and what it asks and says."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bundle.keys import TestKey
from tests.bundle.signed import seal_anew
from tests.bundle.verifiers import SCRIPT, Answer, by_script, shells
from workbench.bundle import layout
from workbench.bundle.sign import NAMESPACE

if TYPE_CHECKING:
    from workbench.bundle.bag import Written

_ROOT = Path(__file__).parents[2]
_BUNDLE_1 = _ROOT / "tests" / "compat" / "bundle_1"


def ask(*arguments: str | Path, cwd: Path | None = None) -> tuple[int, str, str]:
    done = subprocess.run(
        ["sh", *arguments], cwd=cwd, capture_output=True, text=True, check=False, timeout=600
    )
    return done.returncode, done.stdout, done.stderr


def test_each_bundle_brings_it_and_it_verifies_that(pristine: Written) -> None:
    assert (pristine.path / "verify.sh").read_bytes() == SCRIPT.read_bytes()
    status, said, _ = ask("verify.sh", cwd=pristine.path)
    assert status == 0
    assert said.splitlines()[:2] == [
        ".: intact, signer unknown",
        f"  signed by {pristine.fingerprint}",
    ]
    assert by_script(pristine.path, pristine.fingerprint) == Answer(0)
    assert by_script(pristine.path, TestKey("osei").fingerprint).trouble == "signer not trusted"


def test_the_documents_name_the_very_script() -> None:
    digest = hashlib.sha256(SCRIPT.read_bytes()).hexdigest()
    assert digest in (_ROOT / "docs" / "verify.md").read_text("utf-8")


def test_it_holds_the_names_and_bounds_of_the_layout() -> None:
    text = SCRIPT.read_text("ascii")
    blocks = layout.LONGEST_TAG_FILE // 512
    deep = "./" + "/".join("*" * layout.DEEPEST)
    for line in (
        f"VERSION={layout.BUNDLE_VERSION} ",
        f"MOST={layout.MOST_ENTRIES} ",
        f"LONGEST={blocks} ",
        f"DEEP='{deep}' ",
        f'split(name, parts, "/") <= {layout.DEEPEST}',
        f"SPACE={NAMESPACE}\n",
        f"MANIFEST={layout.MANIFEST}\n",
        f"TAGS={layout.TAG_MANIFEST}\n",
        f"SIGNERS={layout.ALLOWED_SIGNERS}\n",
        f"KEY={layout.PUBLIC_KEY}\n",
    ):
        assert line in text
    one, two = layout.tag_files(1), layout.tag_files(2)
    names = " ".join(one).replace(layout.MANIFEST, "$MANIFEST")
    assert f'required="{names}"\n' in text
    assert f'allowed="$required {" ".join(two[len(one) :])}"\n' in text


def test_it_verifies_a_bundle_of_version_1(tmp_path: Path) -> None:
    copy = tmp_path / "bundle"
    shutil.copytree(_BUNDLE_1, copy)
    assert by_script(copy) == Answer(0)
    (copy / "verify.sh").write_text("true\n")
    assert by_script(copy) == Answer(1, "added", "verify.sh")


def test_what_is_no_bundle_and_no_fingerprint_is_two(pristine: Written, tmp_path: Path) -> None:
    for arguments, words in (
        ((tmp_path,), "is not a bundle"),
        ((tmp_path / "nowhere",), "is not a folder"),
        ((pristine.path / "VERIFY.txt",), "is not a folder"),
        (("--trust",), "comes a fingerprint"),
        (("--trust", "SHA256:short", pristine.path), "no fingerprint"),
        (("--trust", "MD5:" + "0" * 46, pristine.path), "no fingerprint"),
        (("--trust", "SHA256:" + "é" * 43, pristine.path), "no fingerprint"),
        (("--help",), "usage"),
    ):
        status, said, complaint = ask(SCRIPT, *arguments)
        assert (status, said) == (2, ""), arguments
        assert complaint.startswith("verify.sh: ")
        assert words in complaint


def test_it_says_which_tool_is_not_here(pristine: Written, tmp_path: Path) -> None:
    for tools, words in (((), "ssh-keygen"), (("ssh-keygen",), "sha256sum")):
        folder = tmp_path / str(len(tools))
        folder.mkdir()
        for tool in tools:
            (folder / tool).symlink_to(shutil.which(tool) or "")
        done = subprocess.run(
            [shutil.which("sh") or "sh", SCRIPT, pristine.path],
            env={"PATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert words in done.stderr


def test_a_path_that_looks_like_an_option_or_a_command_is_a_path(
    pristine: Written, tmp_path: Path
) -> None:
    for name in ("a b", "$(id)", "--trust"):
        shutil.copytree(pristine.path, tmp_path / name)
        assert by_script(tmp_path / name) == Answer(0)
        assert ask("verify.sh", cwd=tmp_path / name)[0] == 0


def test_nothing_of_the_bundle_is_run_and_nothing_written(bundle: Path) -> None:
    names = ["$(touch x)", "`touch x`", "a;touch x", "a\ntouch x", "-exec", "a'b", "*"]
    for name in names:
        (bundle / "data" / name).write_text("touch x\n")
    before = sorted(bundle.rglob("*"))
    status, said, complaint = ask("verify.sh", cwd=bundle)
    assert (status, complaint) == (1, "")
    assert said.isascii()
    # "a;touch x" and the one with a line feed are written alike.
    assert said.count("name refused") == len(names) - 1
    assert sorted(bundle.rglob("*")) == before


def test_more_files_than_bundles_hold_are_not_listed(bundle: Path, tmp_path: Path) -> None:
    script = tmp_path / "few.sh"
    script.write_text(SCRIPT.read_text().replace(f"MOST={layout.MOST_ENTRIES}", "MOST=20"))
    status, said, _ = ask(script, bundle)
    assert (status, said.splitlines()[0]) == (1, ".: added (more than 20 files)")


def test_a_sparse_tag_file_is_not_read(bundle: Path) -> None:
    for name in (layout.MANIFEST, layout.TAG_MANIFEST, layout.ALLOWED_SIGNERS, "bag-info.txt"):
        whole = (bundle / name).read_bytes()
        with (bundle / name).open("r+b") as file:
            file.truncate(layout.LONGEST_TAG_FILE + 1)
        assert by_script(bundle).item == name
        (bundle / name).write_bytes(whole)
    assert by_script(bundle) == Answer(0)


def test_a_journal_that_a_stranger_altered_is_for_the_program(bundle: Path) -> None:
    (journal,) = (bundle / "data" / "audit").glob("*.jsonl")
    journal.write_bytes(b"{}\n")
    seal_anew(bundle, TestKey("stranger"))
    assert by_script(bundle) == Answer(0)


@pytest.mark.parametrize("name", ["sh", "bash", "dash", "busybox"])
def test_every_shell_that_is_here_runs_it(pristine: Written, tmp_path: Path, name: str) -> None:
    shell = shells(tmp_path).get(name, ("sh",))
    assert by_script(pristine.path, pristine.fingerprint, shell) == Answer(0)
