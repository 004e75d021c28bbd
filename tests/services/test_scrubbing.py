"""Scrubbing takes what names people and opens doors, and leaves what a prompt asks."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.services.scrubbing import LONGEST, RULES, Scrubber


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("scrubbing opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("+49 30 901820", "telephone number"),
        ("(212) 555-0142", "telephone number"),
        ("\u0661\u0662 +44 20 7946 0958", "telephone number"),
        ("a.b+c@example.co.uk", "e-mail address"),
        ("a\u200bb@example.com", "e-mail address"),
        ("\uff41@\uff42.example", "e-mail address"),
        ("AKIAIOSFODNN7EXAMPLE", "secret"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "secret"),
        ("password: hunter22", "secret"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----", "secret"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcDEF123", "secret"),
        ("https://example.com/u/17?x=1", "link"),
        ("/home/kim/notes.txt", "path"),
        ("C:\\Users\\kim\\notes.txt", "path"),
        ("198.51.100.7", "network address"),
        ("2001:db8::1", "network address"),
        ("00:1b:44:11:3a:b7", "network address"),
        ("221B Baker Street", "postal address"),
        ("Hauptstra\u00dfe 12a", "postal address"),
        ("NW1 6XE", "postal address"),
        ("4111 1111 1111 1111", "long number"),
        ("ACME-Corp", "known name"),
        ("Jos\u00e9 M\u00fcller", "known name"),
    ],
)
def test_each_rule_takes_its_own(text: str, rule: str) -> None:
    scrubber = Scrubber(["acme-corp", "jos\u00e9 m\u00fcller", "abc"])
    found = scrubber.text(f"Rate {text} now")
    assert f"[{rule}]" in found
    assert text not in found
    assert found.startswith("Rate ")
    assert found.endswith(" now")
    assert scrubber.taken[rule] >= 1


def test_what_a_prompt_asks_stays() -> None:
    scrubber = Scrubber(["org"])
    for text in (
        "Show the reasoning step by step: <*> and rate it from 1 to 10.",
        "Solve 3/4 + 12.5 = x and/or explain at 12:30:15 on 2026-05-01",
        "Write std::vector<int> v; for (auto x : v) { f(x); }",
        "\u8bf7\u4e00\u6b65\u4e00\u6b65\u5730\u63a8\u7406 <*>",
    ):
        assert scrubber.text(text) == text
    assert not scrubber.taken


def test_every_rule_has_its_name_and_a_long_text_is_cut() -> None:
    scrubber = Scrubber()
    assert len(scrubber.text("a " * LONGEST)) == LONGEST
    assert len(set(RULES)) == len(RULES) == 9


@given(
    st.text(max_size=200),
    st.sampled_from(["kim@example.com", "AKIAIOSFODNN7EXAMPLE", "https://kim.example/x"]),
    st.text(max_size=200),
)
def test_what_stands_around_it_hides_nothing(before: str, planted: str, after: str) -> None:
    assert planted not in Scrubber().text(f"{before} {planted} {after}")
