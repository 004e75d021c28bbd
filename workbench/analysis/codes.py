"""Columns of codes in a case without texts: what is a word of a program stays, what is said goes.

An error's type, a stop reason or a model is named by a program; but gateways write messages of
errors there, and whoever asks may write anything as a model. What is no code gets a name by a key
outside the case: equal values stay equal, and that is all that the analysis reads of them, but for
what errors of suspended accounts are called. Of an endpoint its shape stays. A single word looks
like a code, and is kept: docs/privacy.md says so. Must not touch columns of people's names, which
go by pseudonyms (``domain.door``).
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable

#: What errors of suspended accounts are called, in lower case.
SUSPENDED: Final = ("suspend", "deactivat", "banned")

#: Words of programs have no blanks and few digits: no sentence, key or number of a person is one.
_WORD: Final = r"^[A-Za-z0-9_.:#*-]{1,64}$"
_MANY_DIGITS: Final = r"^([^0-9]*[0-9]){6}"
#: What names one thing among many has digits, and paths of registries.
_NAME: Final = r"^[A-Za-z0-9_.:/@+=#~|-]{1,200}$"
_NAMES: Final = frozenset({"model", "session_id"})

_METHOD: Final = re.compile(r"(?:(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )?(.*)", re.DOTALL)
_VERSION: Final = re.compile(r"v\d{1,2}((alpha|beta|preview)\d{0,2})?")
#: Parts of paths of the interfaces of OpenAI, Anthropic, Azure, Bedrock, Vertex AI, Gemini, Cohere,
#: vLLM and LiteLLM, in lower case; anything else is a name that somebody gave.
_PARTS: Final = frozenset((
    "anthropic", "api", "assistants", "async-invoke", "audio", "azure", "batch", "batches",
    "batchgeneratecontent", "bedrock", "beta", "cancel", "chat", "complete", "completion",
    "completions", "content", "converse", "converse-stream", "count-tokens", "count_tokens",
    "counttokens", "deployments", "detokenize", "edits", "embed", "embedcontent", "embeddings",
    "endpoints", "engines", "extensions", "files", "fine_tuning", "gateway", "generate",
    "generatecontent", "generations", "global", "health", "images", "inference", "input_items",
    "input_tokens", "invoke", "invoke-with-response-stream", "jobs", "locations", "messages",
    "metrics", "model", "models", "moderations", "openai", "organization", "predict", "projects",
    "proxy", "publishers", "rawpredict", "realtime", "rerank", "responses", "results", "runs",
    "score", "serverless", "sessions", "speech", "steps", "streamgeneratecontent",
    "streamrawpredict", "threads", "tokenize", "tools", "transcriptions", "translations", "usage",
    "variations", "vector_stores", "vertex", "vertex_ai",
))  # fmt: skip


class Codes:
    """Replaces what is no code.

    Args:
        secret: The key; names are made with one that is derived from it.
    """

    def __init__(self, secret: bytes) -> None:
        self._key = hmac.digest(secret, b"workbench names of what is no code", "sha256")

    def of(self, column: str, values: pa.StringArray) -> pa.StringArray:
        """The values of a column of ``domain.door.CODES`` as the case keeps them.

        Args:
            column: Its name.
            values: As the log has them.
        """
        if column == "endpoint":
            return _each(values, lambda value: self._endpoint(value))
        good = _are_codes(column, values)
        if pc.all(good, min_count=0).as_py() is not False:
            return values
        rest = pc.if_else(good, pa.scalar(None, pa.string()), values)
        named = _each(rest, lambda value: self._name(column, value))
        return pc.if_else(pc.fill_null(good, True), values, named)

    def _name(self, column: str, value: str) -> str:
        digest = hmac.digest(self._key, f"{column}\0{value}".encode(), "sha256")
        told = [word for word in SUSPENDED if column == "error_type" and word in value.lower()]
        return "-".join(["left-out", digest[:8].hex(), *told])

    def _endpoint(self, value: str) -> str:
        """Method, version and known parts of a path, without its query; ``*`` for others."""
        found = _METHOD.fullmatch(value)
        assert found is not None, "anything is a path, or none"
        method, path = found[1], found[2].partition("?")[0].partition("#")[0]
        if "/" not in path:
            is_code = _are_codes("endpoint", pa.array([path]))[0].as_py()
            return value if is_code and path == value else self._name("endpoint", value)
        scheme, there, rest = path.rpartition("://")
        shape = "/".join(map(_part, rest.split("/")))
        if there:
            shape = ("https" if scheme.lower() == "https" else "http") + "://" + shape
        return f"{method} {shape}" if method else shape


def _part(part: str) -> str:
    """A part of a path; what is done with a model stands behind a colon."""
    name, colon, verb = part.rpartition(":")
    if colon and verb.lower() in _PARTS:
        return f"{_part(name)}:{verb}"
    known = not part or part.lower() in _PARTS or _VERSION.fullmatch(part)
    return part if known else "*"


def _are_codes(column: str, values: pa.StringArray) -> pa.BooleanArray:
    if column in _NAMES:
        return pc.match_substring_regex(values, _NAME)
    few = pc.invert(pc.match_substring_regex(values, _MANY_DIGITS))
    return pc.and_(pc.match_substring_regex(values, _WORD), few)


def _each(values: pa.StringArray, what: Callable[[str], str]) -> pa.StringArray:
    """Each distinct value once; NULL stays NULL."""
    local = values.dictionary_encode()
    changed = pa.array([what(value) for value in local.dictionary.to_pylist()], pa.string())
    return changed.take(local.indices)
