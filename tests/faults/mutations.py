"""What may have happened to a log between its writer and us: each kind on its own.

A mutation takes bytes and gives bytes; it knows how JSON lies in text, so that what it makes is
nearly right. All chance comes from the generator that it is given.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import re
import zipfile
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from workbench.formats.archive import Archive
from workbench.formats.place import OnDisk, Place

if TYPE_CHECKING:
    import random
    from collections.abc import Callable
    from pathlib import Path

#: What a field may hold in a log that something went wrong with.
ODD: Final[list[Any]] = [
    None, "", 0, -1, 1.5, True, [], {}, [{}], "null", "{", "\x00", "\u202e", 2**70, 1e308,
    "2026-05-01", "1970-01-01T00:00:00Z", [[[]]], {"a": {"b": []}}, "é" * 50, [None, 1, "x"],
]  # fmt: skip
#: Numbers as no program should write them, and some that are no JSON.
NUMBERS: Final = [
    b"1" + b"0" * 400, b"1e999", b"-1e999", b"-0", b"-0.0", b"0.1e-400", b"9223372036854775807",
    b"9223372036854775808", b"-9223372036854775809", b"18446744073709551616", b"1e308", b"1E19",
    b"9" * 5000, b"0." + b"3" * 5000, b"1e" + b"9" * 50, b"NaN", b"-Infinity", b"01", b"1.", b".5",
    b"253402300800", b"-62135596801", b"1e18",
]  # fmt: skip
SPLINTERS: Final = [
    b'"', b"\n", b"\\", b"{", b"}", b"[", b",", b"\0", b"\xff", b"\r", b"", codecs.BOM_UTF8,
]  # fmt: skip
#: Single bytes, East Asian multi-byte ones, and one that shifts in and out by escapes.
ENCODINGS: Final = ("latin-1", "cp1252", "shift_jis", "gb18030", "iso2022_jp", "utf-7")
WIDE: Final = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be")

_KEY: Final = re.compile(rb'[{,]\s*("[^"\\]{1,40}")\s*:')
_NUMBER: Final = re.compile(rb"(?<=[:,\t\[ ])-?\d+(?:\.\d+)?(?=[,\t\]} \r\n])")
_LEVELS: Final = (100, 600, 1200, 5000, 100_000)


def changed(rng: random.Random, value: Any) -> Any:
    """The value with one field somewhere in it replaced, dropped or renamed."""
    if isinstance(value, dict) and value and rng.random() < 0.8:
        key = rng.choice(list(value))
        other = dict(value)
        how = rng.random()
        if how < 0.2:
            del other[key]
        elif how < 0.3:
            other["x" + key] = other.pop(key)
        else:
            other[key] = changed(rng, value[key])
        return other
    if isinstance(value, list) and value and rng.random() < 0.6:
        at = rng.randrange(len(value))
        return [*value[:at], changed(rng, value[at]), *value[at + 1 :]]
    return rng.choice(ODD)


# --- bytes ---------------------------------------------------------------------------------------
def duplicate_keys(rng: random.Random, data: bytes) -> bytes:
    """Keys that stand twice in their object, with another value or the same."""
    for found in _some(rng, list(_KEY.finditer(data)), 3):
        value = rng.choice([b"null", b"1", b'""', b'"other"', b"[]", b"{}", b'{"a":1}'])
        at = found.start(1)
        data = data[:at] + found[1] + b":" + value + b"," + data[at:]
    return data


def huge_numbers(rng: random.Random, data: bytes) -> bytes:
    """Numbers that fit nowhere, in the place of some."""
    for found in _some(rng, list(_NUMBER.finditer(data)), 4):
        data = data[: found.start()] + rng.choice(NUMBERS) + data[found.end() :]
    return data


def deep_nesting(rng: random.Random, data: bytes) -> bytes:
    """Brackets in brackets, closed again or not, in the place of a value or as a line."""
    levels = rng.choice(_LEVELS)
    opens, closes = rng.choice([(b"[", b"]"), (b'{"a":', b"}"), (b'[{"data":', b"}]")])
    whole = opens * levels + rng.choice([b"1", b'"x"', b"{}"]) + closes * levels
    nest = rng.choice([whole, whole, opens * levels, closes * levels])
    for found in _some(rng, list(_KEY.finditer(data)), 1):
        extra = rng.choice([b'"deep"', found[1]])
        at = found.start(1)
        return data[:at] + extra + b":" + nest + b"," + data[at:]
    at = data.find(b"\n") + 1
    return data[:at] + nest + b"\n" + data[at:]


def mixed_line_ends(rng: random.Random, data: bytes) -> bytes:
    """LF, CR LF and CR in one file, with lines between that are empty or blank."""
    ends = [b"\n", b"\r\n", b"\r", b"\n\n", b"\n \t\n", b"\r\r\n", b"\n\r"]
    if rng.random() < 0.2:
        return data.replace(b"\n", b"\r")
    return re.sub(rb"\n", lambda _: rng.choice(ends), data)


def byte_order_marks(rng: random.Random, data: bytes) -> bytes:
    """At the start, at the start of a line as where files were joined, or anywhere."""
    mark = rng.choice([codecs.BOM_UTF8, codecs.BOM_UTF8 * 2, codecs.BOM_UTF16_LE])
    lines = data.splitlines(keepends=True)
    where = rng.randrange(3)
    if where == 0 or not lines:
        return mark + data
    if where == 1:
        at = rng.randrange(len(lines))
        return b"".join([*lines[:at], mark, *lines[at:]])
    at = rng.randrange(len(data) + 1)
    return data[:at] + mark + data[at:]


def wide_characters(rng: random.Random, data: bytes) -> bytes:
    """UTF-16 or UTF-32, with a mark or without; all of it, or from somewhere on."""
    return _recoded(rng, data, rng.choice(WIDE))


def other_encodings(rng: random.Random, data: bytes) -> bytes:
    """Bytes of an encoding that is not UTF-8; all of it, or from somewhere on."""
    return _recoded(rng, data, rng.choice(ENCODINGS))


def nul_bytes(rng: random.Random, data: bytes) -> bytes:
    """A run of NUL: within the text, or at its end, where a crash left a block unwritten."""
    at = rng.choice([rng.randrange(len(data) + 1), len(data)])
    return data[:at] + b"\0" * rng.choice([1, 2, 511, 4096]) + data[at:]


def truncated(rng: random.Random, data: bytes) -> bytes:
    """Its end is missing; or its beginning, as where a file was rotated."""
    at = rng.randrange(len(data) + 1)
    return data[at:] if rng.random() < 0.2 else data[:at]


def spliced(rng: random.Random, data: bytes) -> bytes:
    """Two records run into one another, as where two writers had no lock."""
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return data
    at = rng.randrange(len(lines) - 1)
    one, other = lines[at], lines[at + 1]
    a, b = rng.randrange(len(one) + 1), rng.randrange(len(other) + 1)
    how = rng.randrange(4)
    both = [one[:a] + other[b:], one[:a] + other + one[a:], one[:a] + other[:b], one[a:] + other]
    return b"".join([*lines[:at], both[how], *lines[at + 2 :]])


def splintered(rng: random.Random, data: bytes) -> bytes:
    """A few pieces lost, doubled, flipped or put in."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.randrange(60))
        how = rng.randrange(4)
        piece = [b"", data[at:end] * 2, rng.choice(SPLINTERS), rng.choice(SPLINTERS) + data[at:end]]
        data = data[:at] + piece[how] + data[end:]
    return data


#: By the name that the corpus knows them by.
MUTATIONS: Final[dict[str, Callable[[random.Random, bytes], bytes]]] = {
    "duplicate-keys": duplicate_keys,
    "huge-numbers": huge_numbers,
    "deep-nesting": deep_nesting,
    "mixed-line-ends": mixed_line_ends,
    "byte-order-marks": byte_order_marks,
    "wide-characters": wide_characters,
    "other-encodings": other_encodings,
    "nul-bytes": nul_bytes,
    "truncated": truncated,
    "spliced": spliced,
    "splintered": splintered,
}
#: What may happen to a file that is no text.
_ANY_FILE: Final = ("truncated", "splintered", "nul-bytes")


def spoilt(rng: random.Random, data: bytes, *, text: bool = True) -> tuple[bytes, list[str]]:
    """The bytes after none to three mutations, and which these were."""
    kinds = rng.choices(list(MUTATIONS) if text else _ANY_FILE, k=rng.choice([0, 1, 1, 1, 2, 3]))
    for kind in kinds:
        data = MUTATIONS[kind](rng, data)
    return data, kinds


def shelled(rng: random.Random, path: Path, plain: bytes) -> tuple[Place, bool]:
    """The log in a shell, cut off or damaged or whole; and whether it came to harm."""
    kind = rng.choice(["gzip", "bzip2", "zstd", "zip"])
    torn = rng.random() < 0.5
    if kind == "zip":
        with zipfile.ZipFile(path, "w", rng.choice([0, 8, 12])) as archive:
            archive.writestr("log", plain)
        data = bytearray(path.read_bytes())
        if torn:
            data[rng.randrange(34, max(35, data.rindex(b"PK\x01\x02")))] ^= rng.randrange(1, 256)
            path.write_bytes(data)
        return Archive(OnDisk(path)).members[0], torn
    if kind == "zstd":
        packed: bytes = pa.Codec("zstd").compress(plain, asbytes=True)
    else:
        packed = gzip.compress(plain) if kind == "gzip" else bz2.compress(plain)
    if torn and rng.random() < 0.5:
        at = rng.randrange(4, len(packed))
        packed = packed[:at] + bytes([packed[at] ^ rng.randrange(1, 256)]) + packed[at + 1 :]
    elif torn:
        packed = packed[: -rng.randrange(1, 40)]
    path.write_bytes(packed)
    return OnDisk(path), torn


def _some(rng: random.Random, found: list[re.Match[bytes]], most: int) -> list[re.Match[bytes]]:
    """At most so many, the last ones first: what is put into one moves no other."""
    few = rng.sample(found, min(len(found), rng.randrange(1, most + 1)))
    return sorted(few, key=lambda each: -each.start())


def _recoded(rng: random.Random, data: bytes, encoding: str) -> bytes:
    at = 0 if rng.random() < 0.5 else rng.randrange(len(data) + 1)
    # Something that the encodings write otherwise.
    text = data[at:].decode("utf-8", "replace").replace("First", "Früh 例")
    return data[:at] + text.encode(encoding, "replace")
