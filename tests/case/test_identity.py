"""The analyst's key, and signatures that stock ssh-keygen accepts."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from workbench.case import sshsig
from workbench.case.identity import Signer, config_folder
from workbench.domain.errors import InputError, StorageError

if TYPE_CHECKING:
    from pathlib import Path

_NAMESPACE = "distillation-workbench-bundle"

needs_ssh_keygen = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"
)


def _run(*command: str | Path, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(list(map(str, command)), input=data, capture_output=True, check=False)


def test_the_key_is_made_once_and_kept(tmp_path: Path) -> None:
    first = Signer.own(tmp_path / "config", "Ana Lyst")
    again = Signer.own(tmp_path / "config")
    assert first.analyst == again.analyst
    assert again.analyst.name == "Ana Lyst"
    assert Signer.own(tmp_path / "config", "A. Lyst\n\x00 ").analyst.name == "A. Lyst \x00"
    assert Signer.own(tmp_path / "config").fingerprint == first.fingerprint
    mode = (tmp_path / "config" / "analyst_ed25519").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert len(first.journal) == 16


def test_the_config_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CONFIG", str(tmp_path / "mine"))
    assert config_folder() == tmp_path / "mine"
    Signer.own()
    assert (tmp_path / "mine" / "analyst_ed25519").exists()
    monkeypatch.delenv("WORKBENCH_CONFIG")
    assert "distillation-workbench" in str(config_folder())


@needs_ssh_keygen
def test_the_fingerprint_is_ssh_keygens(tmp_path: Path) -> None:
    signer = Signer.own(tmp_path)
    for name in ("analyst_ed25519", "analyst_ed25519.pub"):
        assert signer.fingerprint in _run("ssh-keygen", "-lf", tmp_path / name).stdout.decode()


@needs_ssh_keygen
def test_ssh_keygen_verifies_our_signature(tmp_path: Path) -> None:
    signer = Signer.own(tmp_path)
    message = b"manifest\n" * 1000
    (tmp_path / "sig").write_text(signer.sshsig(message, _NAMESPACE))
    (tmp_path / "allowed").write_text(f"signer {signer.public_line}\n")
    command: list[str | Path] = ["ssh-keygen", "-Y", "verify", "-I", "signer"]
    command += ["-f", tmp_path / "allowed", "-n", _NAMESPACE, "-s", tmp_path / "sig"]
    assert _run(*command, data=message).returncode == 0
    assert _run(*command, data=message + b"x").returncode != 0


@needs_ssh_keygen
def test_we_verify_ssh_keygens_signature_and_use_its_keys(tmp_path: Path) -> None:
    key = tmp_path / "key"
    assert _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key).returncode == 0
    (tmp_path / "message").write_bytes(b"hello")
    _run("ssh-keygen", "-Y", "sign", "-f", key, "-n", _NAMESPACE, tmp_path / "message")
    armoured = (tmp_path / "message.sig").read_text()
    signer = Signer.from_file(key, "Ana")
    assert sshsig.verify(b"hello", armoured, _NAMESPACE) == signer.fingerprint
    # Ed25519 is deterministic: ours is the same signature.
    assert signer.sshsig(b"hello", _NAMESPACE).split() == armoured.split()


def test_a_signature_is_for_one_message_and_one_purpose(tmp_path: Path) -> None:
    signer = Signer.own(tmp_path)
    armoured = signer.sshsig(b"message", _NAMESPACE)
    assert sshsig.verify(b"message", armoured, _NAMESPACE) == signer.fingerprint
    with pytest.raises(ValueError, match="does not fit"):
        sshsig.verify(b"messag", armoured, _NAMESPACE)
    with pytest.raises(ValueError, match="another purpose"):
        sshsig.verify(b"message", armoured, "file")


def test_no_damaged_signature_verifies_or_crashes(tmp_path: Path) -> None:
    armoured = Signer.own(tmp_path).sshsig(b"message", _NAMESPACE)
    for i in range(len(armoured)):
        for other in ("A" if armoured[i] != "A" else "B", "", "\xe9"):
            damaged = armoured[:i] + other + armoured[i + 1 :]
            if "".join(damaged.split()) == "".join(armoured.split()):
                continue
            with pytest.raises(ValueError, match=r"signature|Ed25519|made here"):
                sshsig.verify(b"message", damaged, _NAMESPACE)
    for cut in range(len(armoured) - 1):
        with pytest.raises(ValueError, match=r"signature|Ed25519|made here"):
            sshsig.verify(b"message", armoured[:cut], _NAMESPACE)


@needs_ssh_keygen
def test_keys_that_cannot_be_used_are_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        Signer.from_file(tmp_path / "absent")
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"\0not a key")
    rubbish.chmod(0o600)
    with pytest.raises(InputError, match="no OpenSSH private key"):
        Signer.from_file(rubbish)
    _run("ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", tmp_path / "rsa")
    with pytest.raises(InputError, match="not an Ed25519 key"):
        Signer.from_file(tmp_path / "rsa")
    _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", tmp_path / "locked")
    with pytest.raises(InputError, match="passphrase"):
        Signer.from_file(tmp_path / "locked")
    own = Signer.own(tmp_path)
    (tmp_path / "analyst_ed25519").chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        Signer.own(tmp_path)
    assert own.analyst.name


def test_a_config_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="analyst's key"):
        Signer.own(tmp_path / "file" / "config")


def test_of_two_processes_that_make_the_key_the_first_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_fsync = os.fsync
    winner: list[str] = []

    def slow(descriptor: int) -> None:
        real_fsync(descriptor)
        if not winner:
            winner.append("")
            (tmp_path / "other").mkdir()
            other = Signer.own(tmp_path / "other")
            shutil.copy(tmp_path / "other" / "analyst_ed25519", tmp_path / "analyst_ed25519")
            winner[0] = other.fingerprint

    monkeypatch.setattr("os.fsync", slow)
    assert Signer.own(tmp_path).fingerprint == winner[0]
    assert winner[0] == Signer.own(tmp_path).fingerprint
    assert not list(tmp_path.glob("analyst_ed25519.[0-9]*"))
    assert not (tmp_path / "analyst_ed25519.pub").exists()  # it would be of the other key
