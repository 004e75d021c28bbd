import base64
import subprocess
from pathlib import Path

import pytest

from tests.bundle.conftest import TestKey, ssh_string
from workbench.bundle import sign


def test_ssh_keygen_accepts_what_our_key_signs(tmp_path: Path, key: TestKey) -> None:
    armoured = key.sshsig(b"what is signed", sign.NAMESPACE)
    line = sign.parse(armoured.encode()).public_line
    (tmp_path / "sig").write_text(armoured)
    (tmp_path / "allowed").write_text(sign.allowed_signers_line(line))
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", sign.PRINCIPAL]
    command += ["-n", sign.NAMESPACE, "-s", "sig"]
    good = subprocess.run(command, cwd=tmp_path, input=b"what is signed", capture_output=True)
    assert good.returncode == 0
    assert key.fingerprint in good.stdout.decode()
    bad = subprocess.run(command, cwd=tmp_path, input=b"something else", capture_output=True)
    assert bad.returncode != 0


def test_we_accept_what_ssh_keygen_signs(tmp_path: Path) -> None:
    keygen = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "key"]
    subprocess.run(keygen, cwd=tmp_path, check=True)
    (tmp_path / "data").write_bytes(b"what is signed")
    command = ["ssh-keygen", "-Y", "sign", "-f", "key", "-n", sign.NAMESPACE, "data"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    armoured = (tmp_path / "data.sig").read_bytes()
    signature = sign.parse(armoured)
    sign.check(signature, b"what is signed")
    assert signature.armoured.encode() == armoured
    listed = subprocess.run(["ssh-keygen", "-lf", "key.pub"], cwd=tmp_path, capture_output=True)
    assert signature.fingerprint in listed.stdout.decode()
    with pytest.raises(sign.BadSignatureError, match="does not fit"):
        sign.check(signature, b"what is signed!")


def test_another_purpose_is_refused(key: TestKey) -> None:
    signature = sign.parse(key.sshsig(b"x", "file").encode())
    with pytest.raises(sign.BadSignatureError, match="another purpose"):
        sign.check(signature, b"x")


def test_another_key_is_refused(key: TestKey) -> None:
    mine = sign.parse(key.sshsig(b"x", sign.NAMESPACE).encode())
    other = TestKey("stranger")
    forged = sign.SshSignature(other.public_blob, mine.namespace, mine.hash_name, mine.signature)
    with pytest.raises(sign.BadSignatureError, match="does not fit"):
        sign.check(forged, b"x")


def wrap(blob: bytes) -> bytes:
    body = base64.b64encode(blob).decode()
    return f"-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n".encode()


def fields(**changes: bytes) -> bytes:
    parts = {
        "key": ssh_string(b"ssh-ed25519") + ssh_string(b"k" * 32),
        "namespace": sign.NAMESPACE.encode(),
        "reserved": b"",
        "hash": b"sha512",
        "signature": ssh_string(b"ssh-ed25519") + ssh_string(b"s" * 64),
    } | changes
    return b"SSHSIG" + (1).to_bytes(4, "big") + b"".join(ssh_string(p) for p in parts.values())


@pytest.mark.parametrize(
    ("armoured", "reason"),
    [
        (b"", "not an SSH signature"),
        (b"\xff", "not text"),
        (b"x" * 5_000, "too long"),
        (wrap(b"").replace(b"\n\n", b"\n!\n"), "base64"),
        (wrap(b"XXXXXX"), "not an SSH signature"),
        (wrap(b"SSHSIG" + (2).to_bytes(4, "big")), "version"),
        (wrap(b"SSHSIG\x00"), "cut short"),
        (wrap(fields()[:-1]), "cut short"),
        (wrap(fields() + b"x"), "left over"),
        (wrap(fields(reserved=b"x")), "Ed25519"),
        (wrap(fields(hash=b"md5")), "Ed25519"),
        (wrap(fields(namespace=b"\xff")), "namespace"),
        (wrap(fields(signature=ssh_string(b"ssh-rsa") + ssh_string(b"s" * 64))), "Ed25519"),
    ],
)
def test_what_is_no_signature_says_why(armoured: bytes, reason: str) -> None:
    with pytest.raises(sign.BadSignatureError, match=reason):
        sign.parse(armoured)


def test_a_key_of_another_kind_is_refused() -> None:
    blob = fields(key=ssh_string(b"ssh-rsa") + ssh_string(b"k" * 32))
    with pytest.raises(sign.BadSignatureError, match="Ed25519"):
        sign.check(sign.parse(wrap(blob)), b"x")
