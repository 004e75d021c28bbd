"""The file of a fingerprint: canonical, whole, and checked as somebody else's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.analysis.fingerprint.made_up import fingerprint
from workbench.analysis.fingerprint.form import MOST_BYTES, Regions, decoded, read_file, unpacked
from workbench.domain.errors import InputError, VersionError

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path("partner.json")
DELETE = object()


def changed(path: str, value: Any) -> bytes:
    """The file with one field set to something else, or without it."""
    told = json.loads(fingerprint().data)
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    at = told
    for part in way:
        at = at[part]
    if value is DELETE:
        del at[last]
    else:
        at[last] = value
    return json.dumps(told).encode()


def test_what_is_written_is_read_again_and_canonical() -> None:
    made = fingerprint()
    assert decoded(made.data, HERE) == made
    assert rfc8785.dumps(json.loads(made.data)) + b"\n" == made.data
    assert fingerprint().digest == made.digest


def test_every_field_is_a_whole_number_text_list_or_nothing() -> None:
    def floats(value: Any) -> bool:
        if isinstance(value, dict):
            return any(map(floats, value.values()))
        return any(map(floats, value)) if isinstance(value, list) else isinstance(value, float)

    assert not floats(msgspec.to_builtins(fingerprint()))


def test_vectors_come_back_as_directions() -> None:
    random = np.random.default_rng(3)
    made = random.normal(size=(20, 384)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    again = unpacked(Regions.packed(made), 384)
    assert float((made * again).sum(axis=1).min()) > 0.999
    # Read and packed once more they are the same bytes: both sides place prompts alike.
    assert Regions.packed(again) == Regions.packed(unpacked(Regions.packed(again), 384))


@pytest.mark.parametrize(
    ("path", "value", "names"),
    [
        ("origin", DELETE, "origin"),
        ("origin/n_accounts", -1, "origin.n_accounts"),
        ("origin/n_accounts", "40", "origin.n_accounts"),
        ("origin/n_accounts", 1e400, "JSON"),
        ("origin/case_digest", "zz", "origin.case_digest"),
        ("origin/first_day", "May", "origin.first_day"),
        ("origin/owner", "me", "owner"),
        ("ordinary", 0, "ordinary"),
        ("ordinary", 1.5, "ordinary"),
        ("wordings/0/key", "xyz", "wordings[0].key"),
        ("wordings/0/head", 17, "wordings[0].head"),
        ("wordings/0/head", 0, "without any token"),
        ("wordings/1/seen/members", 41, "wordings"),
        ("wordings/1/seen/ordinary", 501, "wordings"),
        ("wordings", [{}] * 3, "wordings"),
        ("regions/centroids", "!!!!", "regions.centroids"),
        ("regions/centroids", "AAAA", "regions.centroids"),
        ("regions/dimension", 7, "regions.centroids"),
        ("regions/dimension", 0, "regions.dimension"),
        ("regions/prompts", [1, 2], "regions"),
        ("regions/seen", [], "regions.seen"),
        ("elicitation", [1, 2, 3], "elicitation"),
        ("pace", [1] * 22, "pace"),
        ("clients/0/family", "<script>", "clients[0].family"),
        ("pooling/network", 1_000_001, "pooling"),
        ("pooling/country", 5, "pooling"),
        ("values/0/kind", "addresses", "values[0].kind"),
        ("values/0/value", "", "values[0].value"),
        ("values/0/value", "a" * 1_001, "values[0].value"),
        ("parts", [], "parts"),
        ("parts/0/part", "country", "parts[0].part"),
        ("parts/0/kinds", [2_000_000], "parts[0].kinds"),
        ("parts/1/part", "wordings", "parts holds one twice"),
        ("threshold/nats", 10**9, "threshold.nats"),
        ("threshold", None, "threshold"),
    ],
)
def test_what_does_not_fit_is_named(path: str, value: Any, names: str) -> None:
    data = changed(path, value)
    with pytest.raises(InputError) as raised:
        decoded(data, HERE)
    assert str(raised.value).startswith("partner.json is ")
    assert names in raised.value.fact
    assert raised.value.remedy
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"format": "something else", "version": 1}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"format": 7}',
        b'{"version": 99999999999999999999999999}',
    ],
)
def test_what_is_none_is_said(data: bytes) -> None:
    with pytest.raises(InputError, match="is no fingerprint"):
        decoded(data, HERE)


def test_one_of_a_newer_program_is_told_from_a_damaged_one() -> None:
    with pytest.raises(VersionError, match="version 2"):
        decoded(changed("version", 2), HERE)


def test_a_file_that_is_not_there_or_too_large(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no file"):
        read_file(tmp_path / "none.json")
    with pytest.raises(InputError, match="cannot be read"):
        read_file(tmp_path)
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with pytest.raises(InputError, match="8 MB"):
        read_file(large)


@given(st.data())
def test_any_byte_that_is_changed_gives_a_fingerprint_or_a_clear_error(data: st.DataObject) -> None:
    made = bytearray(fingerprint().data)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(made) - 1))
        how: Callable[[], None] = data.draw(
            st.sampled_from(
                [
                    lambda at=at: made.__setitem__(at, data.draw(st.integers(0, 255))),
                    lambda at=at: made.__delitem__(slice(at, at + 3)),
                    lambda at=at: made.insert(at, data.draw(st.integers(0, 255))),
                ]
            )
        )
        how()
    try:
        found = decoded(bytes(made), HERE)
    except InputError:
        return
    except VersionError:
        return
    assert found.regions is None or len(found.regions.vectors()) == len(found.regions.prompts)
