"""Tables of LiteLLM and Langfuse as their programs make them in PostgreSQL, and some of ours."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.postgres import Server, served

if TYPE_CHECKING:
    from collections.abc import Iterator

SPEND_LOGS = """
CREATE TABLE "LiteLLM_SpendLogs" (
    request_id text, call_type text NOT NULL, api_key text NOT NULL DEFAULT '',
    spend double precision, prompt_tokens integer, completion_tokens integer,
    "startTime" timestamp(3) NOT NULL, "endTime" timestamp(3), model text, "user" text,
    metadata jsonb, messages json, response jsonb, request_tags jsonb, status text,
    PRIMARY KEY (request_id, "startTime")
) PARTITION BY RANGE ("startTime")
"""
ROWS = """
INSERT INTO "LiteLLM_SpendLogs"
SELECT 'r' || lpad(g::text, 6, '0'), 'acompletion', 'hash-' || g % 5, 0.1, g, 2,
    timestamp '2026-05-01 12:00:00.250' + g * interval '1 second',
    timestamp '2026-05-01 12:00:01.250' + g * interval '1 second', 'gpt-4o', 'ann',
    '{"user_api_key_org_id": "o"}',
    (E'[{"role": "user",\\n  "content": "question ' || g || E' \\\\u00e9"}]')::json,
    '{"choices": [{"message": {"content": "answer"}}]}', '[]', 'success'
FROM generate_series(1, 3000) g
"""
LANGFUSE = (
    """CREATE TABLE observations (
        id text PRIMARY KEY, trace_id text, project_id text NOT NULL, type text,
        start_time timestamp(3), end_time timestamp(3), parent_observation_id text, level text,
        status_message text, model text, "modelParameters" jsonb, input jsonb, output jsonb,
        prompt_tokens integer, completion_tokens integer, completion_start_time timestamp(3))""",
    """CREATE TABLE traces (
        id text PRIMARY KEY, timestamp timestamp(3), name text, user_id text, metadata jsonb,
        project_id text NOT NULL, public boolean NOT NULL, bookmarked boolean NOT NULL,
        tags text[], session_id text, input jsonb, output jsonb)""",
    """INSERT INTO observations SELECT 'o' || g, 't' || g % 10, 'p', 'GENERATION',
        timestamp '2026-05-01 12:00' + g * interval '1 s', NULL, NULL, 'DEFAULT', NULL, 'm', '{}',
        json_build_array(json_build_object('role', 'user', 'content', 'q' || g)), '"a"', 3, 4
        FROM generate_series(1, 40) g""",
    """INSERT INTO traces SELECT 't' || g, timestamp '2026-05-01 12:00', 'chat', 'user-' || g,
        '{}', 'p', false, false, '{a,b}', 's' || g FROM generate_series(0, 9) g""",
)
VALUES = """
CREATE TABLE shapes (
    id uuid PRIMARY KEY, prompt text, happened timestamptz, naive timestamp, n numeric, b bytea,
    f double precision, list text[], nothing text, flag boolean, day date)
"""


@contextmanager
def filled() -> Iterator[Server]:
    """A server with the databases lite, lang and other."""
    with served() as running:
        running.run(
            *("CREATE DATABASE lite", "CREATE DATABASE lang", "CREATE DATABASE other"),
            "CREATE ROLE guest LOGIN PASSWORD 'guest'",
        )
        parts = 'CREATE TABLE part PARTITION OF "LiteLLM_SpendLogs" DEFAULT'
        running.run(SPEND_LOGS, parts, ROWS, database="lite")
        running.run(*LANGFUSE, database="lang")
        deep = ("CREATE SCHEMA deep", "CREATE TABLE deep.calls (a int)")
        running.run(VALUES, *deep, database="other")
        yield running
