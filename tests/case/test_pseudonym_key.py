"""The key of pseudonyms: made once, readable by its owner alone, found again by its id."""

import stat
from pathlib import Path

import pytest

from workbench.case.identity import config_folder
from workbench.case.pseudonym_key import PseudonymKey
from workbench.domain.errors import InputError, StorageError


def test_a_key_is_made_once_and_others_may_not_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "of-harbour"
    made = PseudonymKey.own(path)
    assert made.made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = PseudonymKey.own(path)
    assert (again.secret, again.id, again.made) == (made.secret, made.id, False)
    assert len(made.secret) == 32
    assert [one.name for one in path.parent.iterdir()] == ["of-harbour"]
    assert made.secret.hex() not in repr(made)
    assert PseudonymKey.own(tmp_path / "another").id != made.id


def test_without_a_name_it_lies_in_the_configuration_folder() -> None:
    key = PseudonymKey.own()
    assert key.path.parent == config_folder()
    found = PseudonymKey.known(key.id)
    assert found is not None
    assert found.secret == key.secret
    assert PseudonymKey.known("0" * 16) is None


def test_a_key_that_was_named_is_found_by_its_id_until_it_is_gone(tmp_path: Path) -> None:
    key = PseudonymKey.own(tmp_path / "named")
    found = PseudonymKey.known(key.id)
    assert found is not None
    assert found.path == key.path
    key.path.unlink()
    assert PseudonymKey.known(key.id) is None


@pytest.mark.parametrize("text", ["", "distillation-workbench pseudonym key 1: abcd\n", "\0" * 99])
def test_what_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "k"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(InputError, match="is no pseudonym key"):
        PseudonymKey.own(path)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    key = PseudonymKey.own(tmp_path / "k")
    key.path.chmod(0o640)
    with pytest.raises(InputError, match=r"may be read by others.*chmod 600"):
        PseudonymKey.read(key.path)


def test_a_key_that_cannot_be_read_or_made_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        PseudonymKey.read(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises((StorageError, InputError)):
        PseudonymKey.own(tmp_path / "file" / "key")
