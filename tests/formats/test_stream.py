"""Files as plain bytes: hashed in the same pass, damage said and nothing lost before it."""

import gzip
import hashlib
from pathlib import Path

import pyarrow as pa
import pytest

from workbench.formats.stream import ByteStream

_PLAIN = b"".join(b'{"prompt":"%d"}\n' % i for i in range(20_000))


def _zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


@pytest.mark.parametrize(
    ("pack", "compression"), [(bytes, ""), (gzip.compress, "gzip"), (_zstd, "zstd")]
)
@pytest.mark.parametrize("plain", [b"x", _PLAIN])
def test_bytes_and_digest_in_one_pass(
    tmp_path: Path, pack: object, compression: str, plain: bytes
) -> None:
    path = tmp_path / "log.anything"
    path.write_bytes(pack(plain))  # type: ignore[operator]
    with ByteStream(path) as stream:
        assert stream.compression == compression
        assert b"".join(stream.chunks()) == plain
        assert stream.damage == ""
        assert stream.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert stream.position == stream.size


@pytest.mark.parametrize("pack", [gzip.compress, _zstd])
def test_what_was_cut_off_gives_all_before_the_cut(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "log"
    whole = pack(_PLAIN)  # type: ignore[operator]
    path.write_bytes(whole[: len(whole) // 2])
    with ByteStream(path) as stream:
        got = b"".join(stream.chunks())
        assert _PLAIN.startswith(got)
        assert "cut off" in stream.damage
        assert stream.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
