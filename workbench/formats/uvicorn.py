"""uvicorn's access log: ``INFO:     1.2.3.4:56789 - "POST /v1/chat/completions HTTP/1.1" 200 OK``.

Says who asked, where and how it ended; with a time before the line it is an exchange. Must not be
counted beside the request log of the server behind it: that tells of the same requests.

Source: uvicorn, ``logging.py`` (``AccessFormatter``, ``%(client_addr)s - "%(request_line)s"
%(status_code)s``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

from workbench.formats.shape import Record, RecordFormat, Rule, Unread
from workbench.formats.text_logs import BEFORE, DATED, line_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCESS: Final = re.compile(
    rf"{BEFORE}\bINFO\b:?\s+(?P<ip>\[?[0-9A-Fa-f:.]{{2,45}}\]?):(?P<port>\d{{1,5}})"
    r'(?: \d+)? - "(?P<method>[A-Z]{3,10}) (?P<path>\S+) HTTP/\d(?:\.\d)?" (?P<status>\d{3})\b'
)
_ASKS: Final = re.compile(
    r"/(chat/completions|completions|responses|messages|generate|embeddings|complete)/?$"
)


class UvicornAccess(RecordFormat):
    """A line of uvicorn's access log."""

    name: ClassVar[str] = "uvicorn"
    about: ClassVar[str] = (
        "uvicorn's access log as text. A POST to completions, responses, messages, generate or "
        "embeddings is an exchange where something has put a date before the line (a container's "
        "log, a format of one's own); uvicorn itself writes no time, and such lines are none."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule("ts", (), "the date with a year before it"),
        Rule("ip", (), "the address that connected: a proxy's, where one stands before it"),
        Rule("endpoint", (), "the path, without its query"),
        Rule("status", (), "the status"),
    )
    unread: ClassVar[tuple[Unread, ...]] = (
        Unread(("port",), "of the client: another with each connection"),
        Unread(("query",), "what follows the path: keys are sent in it"),
        Unread(("protocol",), "the version of HTTP"),
        Unread(("method",), "whether it asked anything", looked_at=True),
    )
    of_text: ClassVar[bool] = True

    def matches(self, record: Mapping[str, Any]) -> bool:
        """A line that tells of a request over HTTP."""
        return _accessed(line_of(record)) is not None

    def signature(self, _record: Mapping[str, Any]) -> str:
        """The words of the line."""
        return 'lines INFO: address:port - "POST path" status'

    def convert(self, record: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Columns of one line; None when it is no request to a model, or says no time."""
        found = _accessed(line_of(record))
        if found is None or found["method"] != "POST":
            return None
        path = found["path"].partition("?")[0]
        dated = DATED.search(found["before"])
        if dated is None or not _ASKS.search(path):
            return None
        columns: Record = {
            "ts": dated[0].replace(",", "."),
            "ip": found["ip"].strip("[]"),
            "endpoint": path,
            "status": int(found["status"]),
        }
        return columns


def _accessed(line: str) -> re.Match[str] | None:
    return _ACCESS.match(line) if " HTTP/" in line else None
