import base64
import subprocess
from pathlib import Path

import pytest

from tests.bundle.keys import TestKey
from workbench.bundle import sign


def test_ssh_keygen_accepts_what_we_accept(tmp_path: Path, key: TestKey) -> None:
    armoured = key.sshsig(b"what is signed", sign.NAMESPACE)
    seal = sign.check(armoured.encode(), b"what is signed")
    (tmp_path / "sig").write_text(armoured)
    (tmp_path / "allowed").write_text(seal.allowed_signers)
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", sign.PRINCIPAL]
    command += ["-n", sign.NAMESPACE, "-s", "sig"]
    good = subprocess.run(command, cwd=tmp_path, input=b"what is signed", capture_output=True)
    assert good.returncode == 0
    assert seal.fingerprint in good.stdout.decode()
    bad = subprocess.run(command, cwd=tmp_path, input=b"something else", capture_output=True)
    assert bad.returncode != 0


def test_we_accept_what_ssh_keygen_signs(tmp_path: Path) -> None:
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key"]
    subprocess.run(keygen, cwd=tmp_path, check=True)
    (tmp_path / "data").write_bytes(b"what is signed")
    command = ["ssh-keygen", "-Y", "sign", "-f", "key", "-n", sign.NAMESPACE, "data"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    armoured = (tmp_path / "data.sig").read_bytes()
    seal = sign.check(armoured, b"what is signed")
    listed = subprocess.run(["ssh-keygen", "-lf", "key.pub"], cwd=tmp_path, capture_output=True)
    assert seal.fingerprint in listed.stdout.decode()
    assert seal.public_line in (tmp_path / "key.pub").read_text()
    with pytest.raises(sign.BadSignatureError, match="does not fit"):
        sign.check(armoured, b"what is signed!")


def test_another_purpose_is_refused(key: TestKey) -> None:
    with pytest.raises(sign.BadSignatureError, match="for bundles"):
        sign.check(key.sshsig(b"x", "file").encode(), b"x")


def test_another_kind_of_key_is_refused(tmp_path: Path) -> None:
    keygen = ["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", "key"]
    subprocess.run(keygen, cwd=tmp_path, check=True)
    (tmp_path / "data").write_bytes(b"x")
    command = ["ssh-keygen", "-Y", "sign", "-f", "key", "-n", sign.NAMESPACE, "data"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    with pytest.raises(sign.BadSignatureError, match="for bundles"):
        sign.check((tmp_path / "data.sig").read_bytes(), b"x")


@pytest.mark.parametrize(
    "armoured",
    [b"", b"\xff", b"x\n!\ny\n", b"\n\n\n", b"a\n" + base64.b64encode(b"SSHSIG") + b"\n\n"],
)
def test_what_is_no_signature_is_refused(armoured: bytes) -> None:
    with pytest.raises(sign.BadSignatureError):
        sign.check(armoured, b"x")


def test_every_bit_of_the_file_matters(key: TestKey) -> None:
    armoured = key.sshsig(b"x", sign.NAMESPACE).encode()
    sign.check(armoured, b"x")
    for place in range(len(armoured)):
        for bit in (1, 32, 128):
            changed = bytearray(armoured)
            changed[place] ^= bit
            with pytest.raises(sign.BadSignatureError):
                sign.check(bytes(changed), b"x")
    for other in (armoured + b"\n", armoured[:-1], armoured.replace(b"\n", b"\r\n")):
        with pytest.raises(sign.BadSignatureError):
            sign.check(other, b"x")
