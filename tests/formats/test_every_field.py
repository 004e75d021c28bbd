"""docs/formats.md tells of every field: which column it fills, or that it fills none, truly."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.formats.bodies_of import BODIES
from tests.formats.known_fields import DOCUMENTED, RECORDS
from workbench.formats.known import KNOWN, format_named
from workbench.formats.paths import embedded_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.formats.shape import RecordFormat

Path = tuple[str | int, ...]

#: Whose bodies the others hold.
PROVIDERS = ("openai", "openai-responses", "anthropic")
#: What the record around the bodies has of its own.
OWN = ("request_id", "ts")
#: The program's own columns, and lines of text, which have no fields.
WITHOUT_FIELDS = {"canonical", "vllm", "uvicorn"}
#: Where LiteLLM keeps what else belongs to its request.
ALSO: dict[str, dict[Path, Path]] = {
    "litellm": {("messages",): ("request", "messages"), ("model_parameters",): ("request",)}
}


def flat(path: str | Path) -> str:
    """Keys joined by dots, without places in lists: attributes have dots in their names."""
    text = path if isinstance(path, str) else ".".join(map(str, path))
    text = re.sub(r'\["([^"]*)"\]', r".\1", re.sub(r"\[-?\d*\]", "", text))
    return ".".join(step for step in text.split(".") if step and step != "N" and not _is_int(step))


def _is_int(step: str) -> bool:
    return step.removeprefix("-").isdecimal()


def read_by(known: RecordFormat) -> set[str]:
    """Fields that fill columns, as the page names them."""
    names = {flat(source) for rule in known.rules for source in rule.sources}
    names |= {flat(name) for rule in known.rules for name in re.findall(r"`([^`]+)`", rule.how)}
    if _holds_bodies(known):
        names |= {
            flat(name)
            for provider in map(format_named, PROVIDERS)
            for rule in provider.rules
            if rule.column not in OWN
            for name in (*rule.sources, *re.findall(r"`([^`]+)`", rule.how))
            if name.startswith(("request.", "response."))
        }
    return names


def unread_by(known: RecordFormat) -> set[str]:
    """Fields that fill none."""
    formats = [known]
    if _holds_bodies(known):
        formats += map(format_named, PROVIDERS)
    return {
        flat(name.removesuffix(".*"))
        for each in formats
        for unread in each.unread
        for name in unread.fields
    }


def _holds_bodies(known: RecordFormat) -> bool:
    return any("of the bodies" in rule.how for rule in known.rules)


def is_told(field: str, names: set[str]) -> bool:
    """Whether one of the names is the field's, of what it lies in, or of what lies in it."""
    if any(name.startswith(f"{field}.") for name in names):
        return True  # it is empty here
    steps = field.split(".")
    around = {".".join(steps[:n]) for n in range(1, len(steps))} - {"request", "response"}
    return not names.isdisjoint({field, *around})


def opened(value: Any) -> Any:
    """With all JSON text inside as what it holds."""
    if isinstance(value, str):
        inner = embedded_json(value)
        return value if inner is value else opened(inner)
    if isinstance(value, dict):
        return {key: opened(each) for key, each in value.items()}
    return [opened(each) for each in value] if isinstance(value, list) else value


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Paths to all that holds nothing further."""
    if not isinstance(value, dict | list) or not value:
        yield path
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    else:
        for place, each in enumerate(value):
            yield from leaves(each, (*path, place))


def on_the_page(known: str, record: dict[str, Any], path: Path) -> str:
    """The field as its table names it."""
    if known == "opentelemetry":
        if path[:1] == ("events",) and path[2:3] == ("attributes",):
            return flat((record["events"][path[1]]["name"], *path[3:]))
        return flat(path[1:] if path[0] == "attributes" else path)
    roots = {root: (name,) for name, root in BODIES.get(known, {}).items()}
    for root, name in (roots | ALSO.get(known, {})).items():
        if path[: len(root)] == root:
            return flat((*name, *path[len(root) :]))
    return flat(path)


def test_every_format_has_records_here() -> None:
    assert RECORDS.keys() == {known.name for known in KNOWN} - WITHOUT_FIELDS == DOCUMENTED.keys()


@pytest.mark.parametrize("name", RECORDS)
def test_every_field_of_its_records_is_told(name: str) -> None:
    known = format_named(name)
    told = read_by(known) | unread_by(known)
    fields = {
        on_the_page(name, each, path)
        for each in map(opened, RECORDS[name])
        for path in leaves(each)
    }
    assert sorted(field for field in fields if not is_told(field, told)) == []


@pytest.mark.parametrize("name", DOCUMENTED)
def test_every_documented_field_is_told(name: str) -> None:
    known = format_named(name)
    told = read_by(known) | unread_by(known)
    assert [each for each in DOCUMENTED[name].split() if not is_told(flat(each), told)] == []


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.name)
def test_what_is_unread_is_no_source(known: RecordFormat) -> None:
    read = {flat(source) for rule in known.rules for source in rule.sources}
    for unread in known.unread:
        assert unread.why
        for name in unread.fields:
            own = flat(name)
            assert own not in read, name
            assert name.endswith(".*") or not any(s.startswith(f"{own}.") for s in read), name


@pytest.mark.parametrize("name", RECORDS)
def test_what_is_unread_changes_nothing(name: str) -> None:
    """Each such field with other content, in every record that can have it: the same columns."""
    known = format_named(name)
    put = set()
    for record in map(opened, RECORDS[name]):
        columns = known.convert(record)
        assert columns is not None
        for field in _changing_nothing(known):
            for content in (7, "word", {"key": ["value"]}):
                other = copy.deepcopy(record)
                if _put(other, _place_of(name, field), content):
                    put.add(field)
                    assert known.convert(other) == columns, field
    assert put == set(_changing_nothing(known))


def _changing_nothing(known: RecordFormat) -> list[str]:
    return [name for each in known.unread if not each.looked_at for name in each.fields]


def _place_of(known: str, field: str) -> list[str]:
    """Steps to the field in a record; ``[]`` for every element."""
    field = field.replace(".*", ".not_named")
    if known == "opentelemetry" and "." in field and not field.startswith("events"):
        return ["attributes", field]
    steps = [a or b or "[]" for a, b in re.findall(r'\["([^"]+)"\]|([^.\[\]]+)|\[\]', field)]
    return [*map(str, BODIES.get(known, {}).get(steps[0], steps[:1])), *steps[1:]]


def _put(value: Any, steps: list[str], content: Any) -> bool:
    """Whether there was a place for it."""
    step, *rest = steps
    if step == "[]":
        put = [_put(each, rest, content) for each in value] if isinstance(value, list) else []
        return any(put)
    if not isinstance(value, dict):
        return False
    if not rest:
        value[step] = content
        return True
    return _put(value.get(step), rest, content)
