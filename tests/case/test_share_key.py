"""The keys of share editions: one file outside every case, one key for each case and recipient."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from workbench.case.identity import config_folder
from workbench.case.share_key import ShareKey
from workbench.domain.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


def test_each_case_and_recipient_has_its_own_and_always_the_same() -> None:
    one = ShareKey.own("case", "A")
    others = [ShareKey.own("case", "B"), ShareKey.own("other", "A"), ShareKey.own("cas", "eA")]
    assert ShareKey.own("case", "A") == one
    assert len({one.secret, *(other.secret for other in others)}) == 4
    assert len({one.id, *(other.id for other in others)}) == 4
    assert one.word("account", "key::a") == one.word("account", "key::a")
    assert one.word("account", "key::a") != one.word("account", "key::b")
    assert one.word("account", "x")[8:] != one.word("prompt", "x")[7:]
    assert one.secret.hex() not in repr(one)


def test_the_file_is_its_owners_alone() -> None:
    ShareKey.own("case", "A")
    path = config_folder() / "share_key"
    assert path.stat().st_mode & 0o777 == 0o600
    if os.name == "posix":
        path.chmod(0o640)
        with pytest.raises(InputError, match="may be read by others"):
            ShareKey.own("case", "A")


@pytest.mark.parametrize("text", [b"", b"x", b"distillation-workbench share key 1: 00\n", b"\xff"])
def test_a_file_that_is_no_key_is_refused_and_kept(text: bytes) -> None:
    path: Path = config_folder() / "share_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(InputError, match="is no share key"):
        ShareKey.own("case", "A")
    assert path.read_bytes() == text
