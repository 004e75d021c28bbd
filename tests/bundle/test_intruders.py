"""What does not belong into a bundle is named: files, folders, links, pipes, names."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.bundle.verify import verify


def add_copy(bundle: Path) -> str:
    shutil.copy(bundle / "data" / "accounts.csv", bundle / "data" / "accounts2.csv")
    return "data/accounts2.csv"


def add_beside(bundle: Path) -> str:
    (bundle / "README.txt").write_text("x")
    return "README.txt"


def add_signature(bundle: Path) -> str:
    (bundle / "signatures" / "other.sig").write_text("x")
    return "signatures/other.sig"


def add_folder(bundle: Path) -> str:
    (bundle / "data" / "more").mkdir()
    return "data/more/"


def add_hidden(bundle: Path) -> str:
    (bundle / "data" / ".hidden").write_text("x")
    return "data/.hidden"


def add_lookalike_name(bundle: Path) -> str:
    (bundle / "data" / "\u0430ccounts.csv").write_text("x")
    return "data/\u0430ccounts.csv"


def add_newline_name(bundle: Path) -> str:
    (bundle / "data" / "a\nb").write_text("x")
    return "data/a b"


def add_link(bundle: Path) -> str:
    (bundle / "data" / "link").symlink_to("accounts.csv")
    return "data/link"


def add_folder_link(bundle: Path) -> str:
    (bundle / "data" / "up").symlink_to("..")
    return "data/up"


def add_pipe(bundle: Path) -> str:
    os.mkfifo(bundle / "data" / "pipe")
    return "data/pipe"


def file_to_link(bundle: Path) -> str:
    path = bundle / "data" / "accounts.csv"
    path.rename(bundle.parent / "outside.csv")
    path.symlink_to(bundle.parent / "outside.csv")
    return "data/accounts.csv"


def folder_to_link(bundle: Path) -> str:
    path = bundle / "data" / "figures"
    path.rename(bundle.parent / "figures")
    path.symlink_to(bundle.parent / "figures")
    return "data/figures"


@pytest.mark.parametrize(
    "change",
    [
        add_copy,
        add_beside,
        add_signature,
        add_folder,
        add_hidden,
        add_lookalike_name,
        add_newline_name,
        add_link,
        add_folder_link,
        add_pipe,
        file_to_link,
        folder_to_link,
    ],
)
def test_what_does_not_belong_is_named(bundle: Path, change: Callable[[Path], str]) -> None:
    name = change(bundle)
    assert name in {problem.item for problem in verify(bundle).problems}
