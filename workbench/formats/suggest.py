"""Which field of an unknown shape could be which column, told by its name alone.

A suggestion for a person to confirm. Must not decide anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from workbench.formats.paths import parse_path

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def suggested(fields: Iterable[str]) -> dict[str, str]:
    """Canonical column -> path, where a name says so; no field serves two columns.

    Args:
        fields: Paths, as ``--map`` takes them.
    """
    by_name: dict[str, str] = {}
    for path in fields:
        by_name.setdefault(_plain(path), path)
    found: dict[str, str] = {}
    for column, names in _NAMES.items():
        fitting = [by_name[name] for name in names if name in by_name]
        if fitting:
            found[column] = fitting[0]
    return found


def _plain(path: str) -> str:
    """The words of a path's last key, joined: ``meta["Key ID"]`` is ``keyid``."""
    key = next((step for step in reversed(parse_path(path)) if isinstance(step, str)), "")
    words = [word.lower() for word in _WORD.findall(key)]
    return "".join([word for word in words if word not in _FILLERS] or words)
