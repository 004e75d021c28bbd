"""What is done to a bundle, and what any verifier must say of it: one list for all of them."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tests.bundle import made_up
from tests.bundle.forgeries import SIGNER, of_manifests, of_signatures, of_strangers, zip_bomb
from tests.bundle.mutation import Mutation
from tests.bundle.signed import seal_anew
from workbench.bundle.bag import write_bundle
from workbench.bundle.layout import DEEPEST, SIGNATURE, TAG_MANIFEST
from workbench.domain.progress import Job

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path


def small_bundle(folder: Path) -> Path:
    """A whole bundle of few bytes: two analysts' journals, some tables, one of them nested."""
    content = made_up.content()
    journals = (made_up.journal(), made_up.journal("osei", 2))
    content = replace(content, subjects=content.subjects[:1], journals=journals, overview=None)
    written = write_bundle(content, folder, SIGNER, Job())
    data = written.path / "data"
    for name in ("figures", "ingest", "report.pdf", "evidence.parquet", "exchanges.csv"):
        path = data / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in ("labels.jsonl", "alternatives.md"):
        (data / name).unlink()
    seal_anew(written.path, SIGNER)
    return written.path


def files_of(folder: Path) -> list[str]:
    """Names of all files, sorted."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


# --- single bytes ----------------------------------------------------------------------------
def flip(folder: Path, name: str, place: int, bit: int) -> None:
    """One bit of one byte."""
    with (folder / name).open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1 << bit]))


def byte_flips(bundle: Path, draw: random.Random) -> Iterator[Mutation]:
    """Each byte of each file, one bit of it."""
    for name in files_of(bundle):
        for place in range((bundle / name).stat().st_size):
            change = partial(flip, name=name, place=place, bit=draw.randrange(8))
            yield Mutation(f"byte {place} of {name}", change, named_for(name))


def named_for(name: str) -> tuple[str, ...]:
    """What may be named first where a file was changed."""
    # The tag manifest or its signature was changed: which of them, nobody can say.
    return (name, SIGNATURE) if name == TAG_MANIFEST else (name,)


# --- each file -------------------------------------------------------------------------------
def of_each_file(bundle: Path) -> Iterator[Mutation]:
    """Removed, renamed, cut, longer, other line ends, exchanged, doubled, linked."""
    names = files_of(bundle)
    for name, other in zip(names, names[1:] + names[:1], strict=True):
        named = named_for(name)
        both = (*named, *named_for(other))

        def rewrite(change: Callable[[bytes], bytes], folder: Path, name: str = name) -> None:
            (folder / name).write_bytes(change((folder / name).read_bytes()))

        changes: dict[str, Callable[[bytes], bytes]] = {
            "without its last byte": lambda data: data[:-1],
            "without its first byte": lambda data: data[1:],
            "cut in the middle": lambda data: data[: len(data) // 2],
            "emptied": lambda data: b"",
            "with a line feed more": lambda data: data + b"\n",
            "with a NUL more": lambda data: data + b"\0",
            "in place of which lies a zip bomb": lambda data: zip_bomb(),
            "with CR LF": lambda data: data.replace(b"\n", b"\r\n"),
            "behind a byte order mark": lambda data: b"\xef\xbb\xbf" + data,
        }
        whole = (bundle / name).read_bytes()
        for word, change in changes.items():
            if change(whole) != whole:
                yield Mutation(f"{name} {word}", partial(rewrite, change), named)
        yield Mutation(f"{name} removed", partial(_remove, name=name), (name,))
        yield Mutation(f"{name} renamed", partial(_rename, name=name, to=f"{name}.old"), (name,))
        yield Mutation(f"{name} as {_other_case(name)}", partial(_rename, name=name,
                       to=_other_case(name)), (name,))  # fmt: skip
        yield Mutation(f"{name} linked to", partial(_to_link, name=name), (name,))
        yield Mutation(f"{name} a folder", partial(_to_folder, name=name), (name,))
        yield Mutation(f"{name} and {other} swapped", partial(_swap, name=name, to=other), both)
        copy = f"{name}.copy"
        yield Mutation(f"{name} doubled", partial(_copy, name=name, to=copy), (copy,))
        yield Mutation(f"{name} over {other}", partial(_copy, name=name, to=other),
                       named_for(other))  # fmt: skip


def _other_case(name: str) -> str:
    folder, _, last = name.rpartition("/")
    return (f"{folder}/" if folder else "") + last.swapcase()


def _remove(folder: Path, name: str) -> None:
    (folder / name).unlink()


def _rename(folder: Path, name: str, to: str) -> None:
    (folder / name).rename(folder / to)


def _copy(folder: Path, name: str, to: str) -> None:
    shutil.copyfile(folder / name, folder / to)


def _swap(folder: Path, name: str, to: str) -> None:
    one, two = (folder / name).read_bytes(), (folder / to).read_bytes()
    (folder / name).write_bytes(two)
    (folder / to).write_bytes(one)


def _to_link(folder: Path, name: str) -> None:
    outside = folder.parent / f"{folder.name}.outside"
    (folder / name).rename(outside)
    (folder / name).symlink_to(outside)


def _to_folder(folder: Path, name: str) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()


# --- what does not belong --------------------------------------------------------------------
_STRANGE_NAMES = {
    "hidden": b".hidden",
    "a line feed": b"accounts.csv\nVERIFY.txt",
    "a carriage return": b"accounts.csv\r",
    "a blank": b"accounts.csv ",
    "a dash": b"-rf",
    "an option": b"--files0-from=x",
    "a tab": b"accounts\t.csv",
    "a semicolon": b"a;id",
    "a command": b"$(id)",
    "back quotes": b"`id`",
    "a quote": b"a'b",
    "a double quote": b'a"b',
    "a backslash": b"a\\b",
    "a star": b"*",
    "a drive": b"C:x",
    "a tilde": b"~",
    "percent": b"%2e%2e",
    "three dots": b"...",
    "composed (NFC)": "caf\u00e9.csv".encode(),
    "decomposed (NFD)": "cafe\u0301.csv".encode(),
    "a letter of another script": "\u0430ccounts.csv".encode(),
    "wide letters (NFKC)": "\uff41ccounts.csv".encode(),
    "turned round": "a\u202evsc.csv".encode(),
    "no UTF-8": b"\xff\xfe.csv",
    "an escape": b"\x1b[31mred",
    "long": b"a" * 254 + b"!",
}


def of_what_does_not_belong() -> Iterator[Mutation]:
    """Files, folders, links, pipes, names."""
    for name in ("README.txt", "data/more.csv", "signatures/more.sig", "data/audit/x.jsonl"):
        yield Mutation(f"{name} added", partial(_add, name=name), (name,))
    for name in ("data/more", "signatures/more", "more"):
        yield Mutation(f"{name}/ added", partial(_add_folder, name=name), (f"{name}/",))
    for word, raw in _STRANGE_NAMES.items():
        for folder in (b"", b"data/"):
            where = "data" if folder else "the top"
            yield Mutation(f"name with {word} in {where}", partial(_add_raw, name=folder + raw))
    yield Mutation("folder with a refused name", _add_strange_folder, ("data/.x",))
    yield Mutation("link to a file", partial(_link, name="data/more.csv", to="accounts.csv"),
                   ("data/more.csv",))  # fmt: skip
    yield Mutation("link to nowhere", partial(_link, name="more", to="nowhere"), ("more",))
    yield Mutation("link upwards", partial(_link, name="data/up", to=".."), ("data/up",))
    yield Mutation("link to itself", partial(_link, name="data/me", to="me"), ("data/me",))
    yield Mutation("pipe", _add_pipe, ("data/pipe",))
    yield Mutation("socket", _add_socket, ("data/socket",))
    yield Mutation("signatures/ linked to", partial(_to_link, name="signatures"))
    yield Mutation("data/ linked to", partial(_to_link, name="data"))
    yield Mutation("data/audit linked to", partial(_to_link, name="data/audit"))
    deep = "/".join(["data", *"a" * (DEEPEST + 4)])
    top = "/".join(["data", *"a" * (DEEPEST - 1)])
    yield Mutation("deep tree", partial(_add, name=f"{deep}/x"), (f"{top}/",))
    yield Mutation("all data in an archive", _archive)


def _add(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("x")


def _add_folder(folder: Path, name: str) -> None:
    (folder / name).mkdir()


def _add_raw(folder: Path, name: bytes) -> None:
    descriptor = os.open(os.fsencode(folder) + b"/" + name, os.O_CREAT | os.O_WRONLY, 0o644)
    os.close(descriptor)


def _add_strange_folder(folder: Path) -> None:
    (folder / "data" / ".x").mkdir()
    (folder / "data" / ".x" / "y").write_text("y")


def _link(folder: Path, name: str, to: str) -> None:
    (folder / name).symlink_to(to)


def _add_pipe(folder: Path) -> None:
    os.mkfifo(folder / "data" / "pipe")


def _add_socket(folder: Path) -> None:
    here = os.open(".", os.O_RDONLY)
    try:
        # A socket's path has room for a hundred bytes only.
        os.chdir(folder / "data")
        with socket.socket(socket.AF_UNIX) as end:
            end.bind("socket")
    finally:
        os.fchdir(here)
        os.close(here)


def _archive(folder: Path) -> None:
    shutil.make_archive(str(folder / "data"), "zip", folder / "data")
    shutil.rmtree(folder / "data")


def mutations(bundle: Path) -> list[Mutation]:
    """All of them but the single bytes (``byte_flips``)."""
    return [
        *of_each_file(bundle),
        *of_what_does_not_belong(),
        *of_manifests(bundle),
        *of_signatures(bundle),
        *of_strangers(),
    ]
