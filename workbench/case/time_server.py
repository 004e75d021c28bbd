"""Asks a time-stamp authority over HTTP (RFC 3161, section 3.4).

Opens a connection only to the address that a person named, and only when asked: nothing here is
done by itself, follows a redirection or goes through a proxy.
"""

from __future__ import annotations

import http.client
import ssl
from contextlib import closing
from typing import Final
from urllib.parse import urlsplit

from workbench.case.stamps import LONGEST_ANSWER
from workbench.domain.errors import InputError
from workbench.domain.text import elide

#: How long a server may take for each step.
_SECONDS: Final = 20.0
_REMEDY: Final = "It waits: try again later, or carry the request there (--request FILE)."


def ask(url: str, request: bytes) -> bytes:
    """Send a request; returns the answer, unread.

    Raises:
        InputError: The address is none, the server cannot be reached, or it does not answer as a
            time-stamp server does.
    """
    try:
        address = urlsplit(url)
        port = address.port
    except ValueError:
        address, port = urlsplit(""), None
    if address.scheme not in {"http", "https"} or not address.hostname or address.username:
        raise InputError(
            f"{elide(url, 200)!r} is no address of a time-stamp server.",
            remedy="Give one that begins with http:// or https://, without a password.",
        )
    what = f"The time-stamp server {elide(address.hostname, 100)}"
    connection = (
        http.client.HTTPSConnection(
            address.hostname, port, timeout=_SECONDS, context=ssl.create_default_context()
        )
        if address.scheme == "https"
        else http.client.HTTPConnection(address.hostname, port, timeout=_SECONDS)
    )
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    try:
        with closing(connection):
            connection.request(
                "POST", path, request, {"Content-Type": "application/timestamp-query"}
            )
            response = connection.getresponse()
            if response.status != http.client.OK:
                raise InputError(
                    f"{what} answered {response.status} {elide(response.reason, 100)}.",
                    remedy=_REMEDY,
                )
            return response.read(LONGEST_ANSWER + 1)
    except (OSError, http.client.HTTPException) as error:
        raise InputError(
            f"{what} cannot be reached ({elide(str(error) or type(error).__name__, 200)}).",
            remedy=_REMEDY,
        ) from error
