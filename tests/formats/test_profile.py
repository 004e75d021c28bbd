"""Mappings and profiles: what is refused, and that a saved profile comes back as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.errors import InputError, StorageError
from workbench.formats.mapping import parse_mapping
from workbench.formats.paths import leaves, look_up, parse_path
from workbench.formats.profile import Profile, load_profile, save_profile

if TYPE_CHECKING:
    from pathlib import Path


def test_mappings_from_the_command_line() -> None:
    assert parse_mapping(["account_id=metadata.key", " prompt = messages[-1].content "]) == {
        "account_id": "metadata.key",
        "prompt": "messages[-1].content",
    }


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (["account_id"], "CANONICAL=SOURCE"),
        (["=x"], "CANONICAL=SOURCE"),
        (["prompt="], "CANONICAL=SOURCE"),
        (["prompts=x"], "no canonical column.*prompt"),
        (["prompt=a", "prompt=b"], "twice"),
        (["prompt=a[x]"], "no path"),
        (["prompt=a[0"], "no path"),
        (["prompt=a..b"], "no path"),
        (['prompt=a["\x00"]'], "no path"),
    ],
)
def test_mappings_that_cannot_work(pairs: list[str], words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_mapping(pairs)


_RECORD = {"a": {"b.c": [10, {"d": 1}]}, "text": '{"x": [1, 2]}', "n": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a", _RECORD["a"]),
        ('a["b.c"][0]', 10),
        ('a["b.c"][-1].d', 1),
        ('a["b.c"][2]', None),
        ("text.x[1]", 2),
        ("text[0]", None),
        ("n.x", None),
        ("missing.x[3]", None),
    ],
)
def test_paths(path: str, value: object) -> None:
    assert look_up(_RECORD, parse_path(path)) == value


_KEYS = st.text(st.sampled_from('ab.[]"\\ é\ud800'), min_size=1, max_size=4)
_NESTED = st.recursive(
    st.integers() | st.text(st.sampled_from("xyz"), max_size=3),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2)
        | st.dictionaries(_KEYS, inner, min_size=1, max_size=2)
    ),
    max_leaves=6,
)


@given(st.dictionaries(_KEYS, _NESTED, max_size=3))
def test_every_offered_field_leads_to_its_value(record: dict[str, object]) -> None:
    for path, value in leaves(record):
        assert look_up(record, parse_path(path)) == value


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.dictionaries(
        st.sampled_from(["prompt", "account_id"]),
        st.sampled_from(["a.b", 'x["\x7f\\" é\\u0000"]', "m[-1]", "\x7f\t\x00"]),
    ),
)
def test_a_profile_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, name: str, mapping: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("profile") / "p.toml"
    profile = Profile(name or "x", "openai", "Europe/Berlin", mapping)
    save_profile(profile, path)
    assert load_profile(path) == profile
    assert [p.name for p in path.parent.iterdir()] == ["p.toml"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "is no profile"),
        ('colour = "red"', "unknown key: colour"),
        ("name = 3", "no text"),
        ('mapping = "x"', "no text"),
        ("[mapping]\nprompt = 3", "no text"),
        ('[mapping]\nprompts = "x"', "no canonical column"),
        ('format = "x"', "no known format"),
        ('zone = "Mars"', "no.* time zone"),
    ],
)
def test_profiles_that_cannot_work(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "p.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=words):
        load_profile(path)


def test_profiles_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        load_profile(tmp_path / "none.toml")
    with pytest.raises(StorageError, match="cannot be written"):
        save_profile(Profile("x"), tmp_path / "no folder" / "p.toml")


def test_a_profile_without_a_name_has_that_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "gateway-v3.toml"
    path.write_text('zone = "UTC"\n')
    assert load_profile(path) == Profile("gateway-v3", "", "UTC", {})
