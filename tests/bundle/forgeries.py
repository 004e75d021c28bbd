"""What a forger does to a bundle: manifests, signatures, and folders sealed anew."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
import zipfile
from functools import partial
from typing import TYPE_CHECKING

from tests.bundle.keys import TestKey
from tests.bundle.mutation import Mutation, Outcome
from tests.bundle.signed import seal_anew, sign_anew, write_manifest
from workbench.bundle import sign
from workbench.bundle.layout import (
    ALLOWED_SIGNERS,
    BUNDLE_VERSION,
    DEEPEST,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    TAG_MANIFEST,
    tag_files,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SIGNER = TestKey()
STRANGER = TestKey("stranger")
#: The order of the group of Ed25519: a signature's second half plus this fits as well where nobody
#: looks at its size.
_ORDER = 2**252 + 27742317777372353535851937790883648493


def zip_bomb() -> bytes:
    """A megabyte of nothing in a kilobyte."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("accounts.csv", bytes(1 << 20))
    return bomb.getvalue()


# --- manifests -------------------------------------------------------------------------------
_ZERO = "0" * 64
_LINES = {
    "a parent": f"{_ZERO}  data/../../etc/passwd\n",
    "a parent first": f"{_ZERO}  ../outside\n",
    "an absolute path": f"{_ZERO}  /etc/passwd\n",
    "two slashes": f"{_ZERO}  data//x\n",
    "a dot": f"{_ZERO}  data/./x\n",
    "a backslash": f"{_ZERO}  data\\x\n",
    "a drive": f"{_ZERO}  C:/x\n",
    "a home": f"{_ZERO}  ~/x\n",
    "percent": f"{_ZERO}  data/x%0Ay\n",
    "turned round": f"{_ZERO}  data/\u202ex\n",
    "a blank": f"{_ZERO}  data/x y\n",
    "a tag file": f"{_ZERO}  VERIFY.txt\n",
    "a signature": f"{_ZERO}  signatures/x\n",
    "a binary mark": f"{_ZERO} *data/x\n",
    "a short digest": f"{_ZERO[1:]}  data/x\n",
    "capitals": f"{'A' * 64}  data/x\n",
    "nothing": "\n",
    "a comment": "# data/x\n",
    "a name alone": "data/x\n",
    "a NUL": f"{_ZERO}  data/x\0y\n",
    "a tab": f"{_ZERO}\t data/x\n",
    "a carriage return": f"{_ZERO}  data/x\r\n",
    "no line feed": f"{_ZERO}  data/x",
    "too many parts": f"{_ZERO}  data/{'a/' * DEEPEST}x\n",
    "a directory": f"{_ZERO}  data/audit\n",
    "a file that is not there": f"{_ZERO}  data/zzz\n",
}


def of_manifests(bundle: Path) -> Iterator[Mutation]:
    """Lines that lead elsewhere, as found and sealed by a stranger; rewritten to fit."""
    for word, line in _LINES.items():
        yield Mutation(f"line with {word}", partial(_add_line, line=line), (MANIFEST,))
        sealed = partial(_sealed, partial(_add_line, line=line))
        items = ("data/zzz",) if "data/zzz" in line else (MANIFEST,)
        yield Mutation(f"line with {word}, sealed", sealed, items)
    edits: dict[str, Callable[[list[str]], list[str]]] = {
        "backwards": lambda lines: lines[::-1],
        "doubled": lambda lines: [*lines[:1], *lines],
        "without its first line": lambda lines: lines[1:],
    }
    for word, edit in edits.items():
        change = partial(_edit_lines, name=MANIFEST, edit=edit)
        yield Mutation(f"manifest {word}", change, (MANIFEST,))
        items = ("data/accounts.csv",) if "without" in word else (MANIFEST,)
        yield Mutation(f"manifest {word}, sealed", partial(_sealed, change), items)
        change = partial(_edit_lines, name=TAG_MANIFEST, edit=edit)
        yield Mutation(f"tag manifest {word}", change, (TAG_MANIFEST, SIGNATURE))
        yield Mutation(f"tag manifest {word}, signed", partial(_signed, change), (TAG_MANIFEST,))
    yield Mutation("manifest rewritten to fit", _rewrite_manifest, (MANIFEST,))
    yield Mutation("both manifests rewritten to fit", _rewrite_both, (SIGNATURE,))
    yield Mutation("a file more in the tag manifest", _list_more, (TAG_MANIFEST,))


def _add_line(folder: Path, line: str) -> None:
    with (folder / MANIFEST).open("a", encoding="utf-8", newline="") as file:
        file.write(line)


def _edit_lines(folder: Path, name: str, edit: Callable[[list[str]], list[str]]) -> None:
    lines = (folder / name).read_text("utf-8").splitlines(keepends=True)
    (folder / name).write_text("".join(edit(lines)), "utf-8")


def _sealed(change: Callable[[Path], None], folder: Path) -> None:
    """The change, then tag manifest and signature made to fit it."""
    change(folder)
    write_manifest(folder, TAG_MANIFEST, [folder / name for name in tag_files(BUNDLE_VERSION)])
    sign_anew(folder, STRANGER)


def _signed(change: Callable[[Path], None], folder: Path) -> None:
    change(folder)
    sign_anew(folder, STRANGER)


def _rewrite_manifest(folder: Path) -> None:
    table = folder / "data" / "accounts.csv"
    old = hashlib.sha256(table.read_bytes()).hexdigest()
    table.write_bytes(b"account_id\n")
    new = hashlib.sha256(table.read_bytes()).hexdigest()
    (folder / MANIFEST).write_text((folder / MANIFEST).read_text().replace(old, new))


def _rewrite_both(folder: Path) -> None:
    _rewrite_manifest(folder)
    write_manifest(folder, TAG_MANIFEST, [folder / name for name in tag_files(BUNDLE_VERSION)])


def _list_more(folder: Path) -> None:
    (folder / "README.txt").write_text("x")
    names = [*tag_files(BUNDLE_VERSION), "README.txt"]
    write_manifest(folder, TAG_MANIFEST, [folder / name for name in names])
    sign_anew(folder, STRANGER)


# --- signatures ------------------------------------------------------------------------------
def of_signatures(bundle: Path) -> Iterator[Mutation]:
    """Of another bundle, key, purpose or hash; written in another way."""
    signed = (bundle / TAG_MANIFEST).read_bytes()
    text = (bundle / SIGNATURE).read_text()
    begin, *body, end, _ = text.split("\n")
    blob = base64.b64decode("".join(body))
    second = int.from_bytes(blob[-32:], "little") + _ORDER
    loose = "".join(body).replace("==", "")
    bits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other_bits = loose[:-1] + bits[bits.index(loose[-1]) + 1] + "=="
    texts = {
        "over something else": SIGNER.sshsig(b"something else", sign.NAMESPACE),
        "for another purpose": SIGNER.sshsig(signed, "file"),
        "with another hash": _armoured(_with_sha256(signed)),
        "twice": text + text,
        "with a line after it": text + "x\n",
        "with CR LF": text.replace("\n", "\r\n"),
        "in lines of 64": _armoured(blob, 64),
        "in one line": _armoured(blob, 1_000),
        "with a blank": text.replace("\n", " \n", 2),
        "with bits that say nothing": "\n".join([begin, *_wrapped(other_bits), end, ""]),
        "without padding": "\n".join([begin, *_wrapped(loose), end, ""]),
        "with another number of the same kind": _armoured(
            blob[:-32] + second.to_bytes(32, "little")
        ),
        "with the bytes alone": base64.b64encode(blob).decode() + "\n",
    }
    for word, made in texts.items():
        yield Mutation(f"signature {word}", partial(_write, name=SIGNATURE, text=made),
                       (SIGNATURE,))  # fmt: skip
    by_stranger = STRANGER.sshsig(signed, sign.NAMESPACE)
    yield Mutation("signature by a stranger, beside the signer's key",
                   partial(_write, name=SIGNATURE, text=by_stranger),
                   (ALLOWED_SIGNERS,))  # fmt: skip
    stranger = f"signer {STRANGER.public_line}\n"
    listed = (bundle / ALLOWED_SIGNERS).read_text()
    for word, made in {
        "of a stranger": stranger,
        "of two": listed + stranger,
        "for any purpose": f"signer {SIGNER.public_line}\n",
        "for anybody": listed.replace("signer", "*", 1),
        "with a comment": f"# a comment\n{listed}",
    }.items():
        yield Mutation(f"allowed signers {word}", partial(_write, name=ALLOWED_SIGNERS, text=made),
                       (ALLOWED_SIGNERS,))  # fmt: skip
    for word, made in {
        "of a stranger": f"{STRANGER.public_line}\n",
        "with a comment": f"{SIGNER.public_line} keller\n",
    }.items():
        yield Mutation(f"public key {word}", partial(_write, name=PUBLIC_KEY, text=made),
                       (PUBLIC_KEY,))  # fmt: skip


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, "utf-8", newline="")


def _wrapped(text: str, width: int = 70) -> list[str]:
    return [text[i : i + width] for i in range(0, len(text), width)]


def _armoured(blob: bytes, width: int = 70) -> str:
    lines = _wrapped(base64.b64encode(blob).decode(), width)
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def _with_sha256(message: bytes) -> bytes:
    """A signature that ssh-keygen takes, over the other hash that it knows."""

    def string(data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + data

    about = string(sign.NAMESPACE.encode()) + string(b"") + string(b"sha256")
    hashed = string(hashlib.sha256(message).digest())
    signature = STRANGER.private.sign(b"SSHSIG" + about + hashed)
    wrapped = string(string(b"ssh-ed25519") + string(signature))
    return b"SSHSIG" + struct.pack(">I", 1) + string(STRANGER.wire) + about + wrapped


# --- sealed by a stranger --------------------------------------------------------------------
def of_strangers() -> Iterator[Mutation]:
    """Changed and sealed anew: honest in form, so that only the key tells."""
    forged: dict[str, Callable[[Path], None]] = {
        "nothing": lambda folder: None,
        "a table": partial(_write, name="data/accounts.csv", text="account_id\n"),
        "a file more": partial(_write, name="data/more.csv", text="x\n"),
        "a file less": lambda folder: (folder / "data" / "clusters.csv").unlink(),
        "a zip bomb": _add_bomb,
        "another script": partial(_write, name="verify.sh", text="echo intact\n"),
        "version 1": _as_version_1,
    }
    for word, change in forged.items():
        yield Mutation(f"sealed by a stranger, {word}", partial(_resealed, change), (SIGNATURE,),
                       Outcome.STRANGER)  # fmt: skip
    yield Mutation("sealed by a stranger, version 3", partial(_resealed, partial(_version, "3")),
                   outcome=Outcome.NEWER)  # fmt: skip
    for version in ("", "0", "01", "x", "2 ", "2\r", "-2", "1e1", "9" * 30):
        change = partial(_resealed, partial(_version, version))
        yield Mutation(f"sealed by a stranger, version {version!r}", change, ("bag-info.txt",))
    for word, text in {"version 0.97": "0.97", "other words": "1.0\nx"}.items():
        bagit = f"BagIt-Version: {text}\nTag-File-Character-Encoding: UTF-8\n"
        change = partial(_resealed, partial(_write, name="bagit.txt", text=bagit))
        yield Mutation(f"sealed by a stranger, bagit.txt of {word}", change, ("bagit.txt",))
    yield Mutation("sealed by a stranger, another sum", _wrong_sum, ("data/",))
    yield Mutation("sealed by a stranger, no script", partial(
        _resealed, lambda folder: (folder / "verify.sh").unlink()), (TAG_MANIFEST,))  # fmt: skip
    yield Mutation("sealed by a stranger, a tag file more", partial(_resealed, partial(
        _write, name="README.txt", text="x\n")), (TAG_MANIFEST,))  # fmt: skip
    change = partial(_resealed, _too_deep)
    yield Mutation("sealed by a stranger, one file deep", change, (MANIFEST,))


def _add_bomb(folder: Path) -> None:
    (folder / "data" / "b.zip").write_bytes(zip_bomb())


def _resealed(change: Callable[[Path], None], folder: Path) -> None:
    change(folder)
    seal_anew(folder, STRANGER)


def _version(version: str, folder: Path) -> None:
    info = (folder / "bag-info.txt").read_text("utf-8")
    line = f"Bundle-Version: {BUNDLE_VERSION}\n"
    _write(folder, "bag-info.txt", info.replace(line, f"Bundle-Version: {version}\n"))


def _as_version_1(folder: Path) -> None:
    _version("1", folder)
    (folder / "verify.sh").unlink()


def _wrong_sum(folder: Path) -> None:
    info = (folder / "bag-info.txt").read_text("utf-8")
    head = info[: info.index("Payload-Oxum")]
    _write(folder, "bag-info.txt", head + "Payload-Oxum: 1.1\n")
    write_manifest(folder, TAG_MANIFEST, [folder / name for name in tag_files(BUNDLE_VERSION)])
    sign_anew(folder, STRANGER)


def _too_deep(folder: Path) -> None:
    place = folder / "data" / "/".join("a" * DEEPEST)
    place.mkdir(parents=True)
    (place / "x").write_text("x")
