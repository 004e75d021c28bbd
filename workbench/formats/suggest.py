"""Which field of an unknown shape could be which column, told by its name and by its values.

A suggestion for a person to confirm, with what it rests on. Must not decide anything: where
neither names nor values say enough, nothing is suggested.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.text import plural
from workbench.formats.paths import leaves, parse_path
from workbench.formats.text import is_absent
from workbench.formats.times import read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    Records = Sequence[Mapping[str, Any]]

#: Column -> names that others give it, the likeliest first; without case, blanks and signs.
_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "account_id": ("accountid", "account", "keyid", "apikeyid", "apikey", "customerid", "key"),
    "ts": ("timestamp", "ts", "datetime", "requesttime", "starttime", "createdat", "time", "when"),
    "prompt": ("prompt", "userprompt", "question", "usermessage", "query", "input"),
    "completion": ("completion", "answer", "response", "output", "reply"),
    "system": ("systemprompt", "systemmessage", "system", "instructions"),
    "model": ("model", "modelname", "modelid"),
    "ip": ("ip", "ipaddress", "clientip", "sourceip", "remoteaddr", "remoteip"),
    "request_id": ("requestid", "reqid"),
    "session_id": ("sessionid", "conversationid", "session"),
    "org_id": ("orgid", "organizationid", "organisationid", "tenantid", "org"),
    "end_user": ("enduser", "enduserid"),
    "user_agent": ("useragent",),
    "country": ("country", "countrycode"),
    "in_tok": ("inputtokens", "prompttokens", "tokensin"),
    "out_tok": ("outputtokens", "completiontokens", "tokensout"),
    "latency_ms": ("latencyms",),
    "account_created_at": ("accountcreatedat", "accountcreated", "signupdate", "signedupat"),
}
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
#: Words that a name may carry without meaning another thing.
_FILLERS: Final = frozenset({"asked", "given", "text", "raw", "value", "field", "sent"})
#: Names that say nothing without the one around them: ``key.alias``, ``prompt.text``.
_OF_PARENT: Final = frozenset({"id", "alias", "name", "value", "text", "content"})

#: Records that are looked at, and characters of each text.
_LOOKED_AT: Final = 64
_CHARACTERS: Final = 400
#: Free text: so many words at least, and letters mostly.
_WORDS: Final = 3
_LONGEST_KEY: Final = 256
#: Below so many records, that all of them say the same says nothing.
_FEW: Final = 4
#: How programs name themselves: ``Mozilla/5.0 (X11; Linux)``.
_AGENT: Final = re.compile(r"[\w.-]+/\d")
_TIME_TEXT: Final = re.compile(r"\s*\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Guess:
    """A field that could be a column.

    Attributes:
        path: As ``--map`` takes it.
        why: What it rests on: "times in 32 of 32 records, and its name".
    """

    path: str
    why: str


def suggested(fields: Iterable[str]) -> dict[str, str]:
    """Canonical column -> path, where a name alone says so; no field serves two columns.

    Args:
        fields: Paths, as ``--map`` takes them.
    """
    return {column: paths[0] for column, paths in _named(fields).items()}


def guesses(records: Records, fields: Collection[str]) -> dict[str, Guess]:
    """Canonical column -> the field that it could be; no field serves two columns.

    A name counts where the values go with it. Without a name that says so, values alone give the
    prompt, the time or the address, where exactly one field has such.

    Args:
        records: The first records of the file.
        fields: Paths that may be suggested, also of columns that are empty in all of them.
    """
    looked_at = records[:_LOOKED_AT]
    seen: dict[str, list[Any]] = {path: [] for path in fields}
    for record in looked_at:
        for path, value in leaves(record):
            if path in seen and not (value is None or value == ""):
                seen[path].append(value)
    found: dict[str, Guess] = {}
    for column, paths in _named(fields).items():
        # A field that is empty here may be filled later; one with values goes before it.
        for path in sorted(paths, key=lambda each: not seen[each]):
            said = _said_of(column, seen[path], len(looked_at))
            if said:
                found[column] = Guess(path, f"{said}, and its name")
                break
    for column, is_such in (("ts", _is_time_text), ("ip", _is_address), ("prompt", _is_free_text)):
        taken = {guess.path for guess in found.values()}
        telling = [path for path in fields if path not in taken and _all_such(is_such, seen[path])]
        if column != "ip":  # one of few dates is when an account was made
            telling = [p for p in telling if _is_varied(seen[p]) and _often(seen[p], looked_at)]
        if column not in found and len(telling) == 1:
            said = _said_of(column, seen[telling[0]], len(looked_at))
            found[column] = Guess(telling[0], said)
    return found


def _named(fields: Iterable[str]) -> dict[str, list[str]]:
    """Columns -> paths whose names say so, the likeliest first; no path is there twice."""
    by_name: dict[str, list[str]] = {}
    for path in fields:
        for name in _names_of(path):
            by_name.setdefault(name, []).append(path)
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for column, names in _NAMES.items():
        fitting = dict.fromkeys(path for name in names for path in by_name.get(name, ()))
        paths = [path for path in fitting if path not in taken]
        if paths:
            found[column] = paths
            taken.update(paths)
    return found


def _names_of(path: str) -> tuple[str, ...]:
    """What a path is called: ``meta["Key ID"]`` is ``keyid``, ``key.alias`` also ``key``."""
    keys = [step for step in parse_path(path) if isinstance(step, str)]
    name = _plain(keys[-1]) if keys else ""
    if name not in _OF_PARENT or len(keys) == 1:
        return (name,)
    around = _plain(keys[-2])
    return name, around + name, around


def _plain(key: str) -> str:
    """The words of a key, joined."""
    words = [word.lower() for word in _WORD.findall(key)]
    return "".join([word for word in words if word not in _FILLERS] or words)


def _said_of(column: str, values: Sequence[Any], n_records: int) -> str:
    """What values say for their column; empty where they speak against it."""
    records = plural(n_records, "record", "records")
    if not values:
        return f"no value in {records}"
    of = f"of {records}"
    if column in {"ts", "account_created_at"}:
        return _share(values, _is_time, f"times in {{}} {of}")
    if column in {"in_tok", "out_tok", "latency_ms"}:
        return _share(values, _is_number, f"numbers in {{}} {of}")
    if column == "ip" and _all_such(_is_address, values):
        return f"addresses in {len(values)} {of}"
    if column in {"prompt", "completion", "system"}:
        free = _share(values, _is_free_text, f"free text in {{}} {of}")
        if free or column == "system":  # one word names a system; it is no prompt of one
            return free
        return _share(values, _is_text, f"short text in {{}} {of}")
    if not _share(values, _is_key, "{}"):
        return ""
    distinct = len({str(value) for value in values})
    like = ", like keys" if column == "account_id" and 1 < distinct < len(values) else ""
    within = records if len(values) == n_records else f"{len(values)} {of}"
    return f"{plural(distinct, 'distinct value', 'distinct values')} in {within}{like}"


def _share(values: Sequence[Any], is_such: Callable[[Any], bool], said: str) -> str:
    """What is said where half of the values are such, with how many; else nothing."""
    count = sum(map(is_such, values))
    return said.format(count) if 2 * count >= len(values) else ""


def _all_such(is_such: Callable[[Any], bool], values: Sequence[Any]) -> bool:
    return bool(values) and all(map(is_such, values))


def _is_varied(values: Sequence[Any]) -> bool:
    """Whether they are not the same again and again, as system prompts and agents are."""
    return len(values) < _FEW or 2 * len(set(values)) >= len(values)


def _often(values: Sequence[Any], records: Records) -> bool:
    return 2 * len(values) >= len(records)


def _is_time(value: Any) -> bool:
    return read_time(value, dt.UTC) is not None


def _is_time_text(value: Any) -> bool:
    """Numbers may be anything."""
    return isinstance(value, dt.datetime) or (
        isinstance(value, str) and _TIME_TEXT.match(value) is not None and _is_time(value)
    )


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return is_absent(value)
        return True
    return not isinstance(value, bool) and isinstance(value, int | float)


def _is_address(value: Any) -> bool:
    try:
        ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not _is_number(value) and not _is_time_text(value)


def _is_free_text(value: Any) -> bool:
    """Several words, of letters mostly: no key, no time, no program's name."""
    if not isinstance(value, str) or _AGENT.match(value):
        return False
    text = value[:_CHARACTERS]
    words = text.split()
    signs = sum(map(len, words))
    spread = len(words) >= _WORDS or _is_unspaced(text)
    return spread and 2 * sum(map(str.isalpha, text)) >= signs


def _is_unspaced(text: str) -> bool:
    """A sentence of a script that puts no blanks between words."""
    return sum(character >= "\u0e00" and character.isalpha() for character in text) >= 2 * _WORDS


def _is_key(value: Any) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, int) or (
        isinstance(value, str) and len(value) <= _LONGEST_KEY and "\n" not in value.strip()
    )
