"""Addresses of databases: completed as libpq does it, and never a password in anything shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.domain.errors import InputError
from workbench.formats.postgres_address import Address, is_address, read_address

if TYPE_CHECKING:
    from pathlib import Path

NOWHERE = {"PGPASSFILE": "/nowhere"}


def test_an_address_in_full() -> None:
    text = "postgresql://ann%40corp:pa%3Ass@db.example:6543/lite?sslmode=require#LiteLLM_SpendLogs"
    found = read_address(text, NOWHERE)
    assert found == Address(
        host="db.example",
        port=6543,
        database="lite",
        user="ann@corp",
        password="pa:ss",
        schema="",
        table="LiteLLM_SpendLogs",
        tls="require",
        root="",
    )
    assert str(found) == "postgresql://ann%40corp@db.example:6543/lite"
    assert "pa:ss" not in repr(found)
    assert is_address(text)
    assert not is_address("postgresql.jsonl")


def test_what_is_left_out_comes_from_the_environment() -> None:
    said = {"PGHOST": "/run/pg", "PGPORT": "5433", "PGUSER": "u", "PGPASSWORD": "secret"}
    found = read_address("postgres://", said | NOWHERE)
    assert (found.host, found.port, found.database, found.user) == ("/run/pg", 5433, "u", "u")
    assert (found.password, found.tls, found.is_socket) == ("secret", "prefer", True)
    assert str(found) == "postgresql://u@%2Frun%2Fpg:5433/u"
    # Prisma's, as LiteLLM and Langfuse are given it.
    prisma = "postgresql://u:p@[::1]:1/d?schema=lite&connection_limit=5&password=q"
    found = read_address(prisma, said | NOWHERE)
    assert (found.host, found.schema, found.password) == ("::1", "lite", "p")
    assert str(found) == "postgresql://u@[::1]:1/d"


def test_a_password_file_as_libpq_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "pass"
    path.write_text(
        "# db:1:d:u:comment\nshort:line\ndb:2:d:u:other port\n"
        "db:1:d\\:x:u:with \\: and \\\\\n*:*:*:u:anything\n"
    )
    path.chmod(0o600)
    said = {"PGPASSFILE": str(path)}
    assert read_address("postgresql://u@db:1/d%3Ax", said).password == "with : and \\"
    assert read_address("postgresql://u@db:1/else", said).password == "anything"
    assert read_address("postgresql://v@db:1/else", said).password == ""
    assert read_address("postgresql://u@db:1/d", said | {"PGPASSWORD": "set"}).password == "set"
    path.chmod(0o644)  # others may read it: libpq passes it over
    assert read_address("postgresql://u@db:1/else", said).password == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("postgresql://u:hidden@h:port/d", "cannot be read"),
        ("postgresql://u:hidden@[::1/d", "cannot be read"),
        ("postgresql://u:hidden@one,two/d", "several servers"),
        ("postgresql://u:hidden@h/d?sslmode=maybe", "sslmode.*verify-full"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_address(text, NOWHERE)
    assert "hidden" not in str(caught.value)
