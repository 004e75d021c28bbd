"""Everything of this program that may open a connection, and how it stands in a case.

All of it is off until a person names an address; nothing connects by itself. The import contracts
in pyproject.toml hold the rest of the program to that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from workbench.domain.text import elide, plural, visible_text

if TYPE_CHECKING:
    from workbench.services.open_case import OpenCase

OFF: Final = "off"
_DATABASES: Final = ("postgresql", "postgres")


@dataclass(frozen=True, slots=True)
class Reach:
    """One way out.

    Attributes:
        name: What it is.
        value: As it stands: ``off``, or the address.
        when: When it connects, and what is sent.
    """

    name: str
    value: str
    when: str

    def as_dict(self) -> dict[str, str]:
        """For ``--json``."""
        return {"name": self.name, "value": self.value, "when": self.when}


def network(held: OpenCase, embedder: str) -> tuple[Reach, ...]:
    """Every way out, as it stands.

    Args:
        held: The open case.
        embedder: Of the last analysis, or the one to come.
    """
    whose = "vectors of the log" if embedder.startswith("column:") else "the built-in one"
    return (
        Reach(
            "Embedder",
            OFF,
            f"No address can be set: {whose} is used, on this computer.",
        ),
        Reach(
            "Time-stamp server",
            held.policy().stamp_url or OFF,
            "Asked only when a person asks for a time stamp; sent is one SHA-256 of the journals' "
            "heads.",
        ),
        Reach("Database as a source", OFF, _databases(held)),
    )


def _databases(held: OpenCase) -> str:
    said = "Read while an import runs from an address that a person typed, and never after."
    paths = held.case.given.sources().column("path").to_pylist()
    hosts = sorted({_host(path) for path in paths} - {""})
    if not hosts:
        return f"{said} No log of this case came from one."
    n = sum(bool(_host(path)) for path in paths)
    named = elide(visible_text(", ".join(hosts), keep_newlines=False), 120)
    return f"{said} {plural(n, 'log', 'logs')} of this case came from {named}."


def _host(path: str) -> str:
    """Host and port of a database; empty for a file."""
    if not path.startswith(tuple(f"{one}://" for one in _DATABASES)):
        return ""
    # Never the part before the at sign: it may hold a password.
    return urlsplit(path.partition("#")[0]).netloc.rpartition("@")[2] or "this computer"
