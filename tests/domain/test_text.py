import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.text import (
    discovery_text,
    elide,
    likely_text,
    percentile_text,
    plural,
    probability_text,
    visible_text,
    without_passwords,
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("a\x00b", "a<U+0000>b"),
        ("\x1b[31mred", "<U+001B>[31mred"),
        ("evil\u202egnp.exe", "evil<U+202E>gnp.exe"),
        ("\ud800 alone", "<U+D800> alone"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("two\nlines\tand tab", "two\nlines\tand tab"),
        ("<b>stays text</b>", "<b>stays text</b>"),
        ("narrow\u202fspace stays", "narrow\u202fspace stays"),
        ("ok\U000e0101\U000e01ef hidden bytes", "ok<U+E0101><U+E01EF> hidden bytes"),
        ("tag\U000e0041", "tag<U+E0041>"),
        ("filled\u3164\uffa0\u115f", "filled<U+3164><U+FFA0><U+115F>"),
        ("joined\u034fgraphemes", "joined<U+034F>graphemes"),
        ("private\U000f0000\U0010fffd", "private<U+F0000><U+10FFFD>"),
        ("emoji \u2764\ufe0f stays", "emoji \u2764\ufe0f stays"),
        ("中文 ไทย العربية", "中文 ไทย العربية"),
    ],
)
def test_what_would_drive_a_terminal_is_written_out(raw: str, shown: str) -> None:
    assert visible_text(raw) == shown


@given(st.text(st.characters(exclude_categories=()), max_size=80))
def test_nothing_invisible_survives(raw: str) -> None:
    shown = visible_text(raw)
    assert not any(
        (ord(c) < 32 and c not in "\n\t") or c in "\u202a\u202e\u2066\u200f\x7f\x9b" for c in shown
    )
    shown.encode("utf-8")


def test_every_control_format_surrogate_and_private_character_is_written_out() -> None:
    """Exhaustive: the pattern lists ranges, the Unicode database knows the characters."""
    hidden = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    passed = [
        f"U+{code:04X}"
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in hidden
        and chr(code) not in "\n\t"
        and chr(code) in visible_text(chr(code))
    ]
    assert not passed


def test_one_line_is_cut_with_an_ellipsis() -> None:
    assert elide("short", 10) == "short"
    assert elide("a b\nc", 10) == "a b c"
    assert elide("x" * 50, 10) == "x" * 9 + "…"
    assert elide("y" * 15, 10) == "y" * 9 + "…"


def test_counts_are_exact_and_agree_with_their_noun() -> None:
    assert plural(1, "account", "accounts") == "1 account"
    assert plural(0, "account", "accounts") == "0 accounts"
    assert plural(11_168_272, "exchange", "exchanges") == "11,168,272 exchanges"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (100.0, "> 99.9"),
        (99.96, "> 99.9"),
        (99.94, "99.9"),
        (50, "50.0"),
        (0.04, "< 0.1"),
        (0, "< 0.1"),
    ],
)
def test_a_percentile_claims_neither_all_nor_nothing(value: float, text: str) -> None:
    assert percentile_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "< 0.0001"), (0.0004, "0.0004"), (0.05, "0.05"), (1.0, "1")]
)
def test_probabilities_are_bounded_not_rounded_to_zero(value: float, text: str) -> None:
    assert probability_text(value) == text


@pytest.mark.parametrize(
    ("q", "level", "text"),
    [
        (0.0096, 0.05, "0.0096"),
        (0.0249, 0.05, "0.0249"),
        (0.025, 0.05, "0.025, near the limit of 0.05"),
        (0.05, 0.05, "0.05, at the limit of 0.05"),
        (0.049999, 0.05, "0.05, at the limit of 0.05"),
        (0.2, 0.05, "0.2, above the limit of 0.05"),
        (0.05, None, "0.05"),
    ],
)
def test_a_rate_near_its_limit_says_so(q: float, level: float | None, text: str) -> None:
    assert discovery_text(q, level) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "> 0.99"), (0.9951, "> 0.99"), (0.994, "0.99"), (0.5, "0.50"), (0.004, "< 0.01"),
        (0.0, "0.00"),
    ],
)  # fmt: skip
def test_how_likely_claims_no_certainty(value: float, text: str) -> None:
    assert likely_text(value) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("at postgresql://u:p@ss/w@h:5/d#t now", "at postgresql://u:***@h:5/d#t now"),
        ("POSTGRES://:a b@h", "POSTGRES://:***@h"),
        ("postgresql://u@h/d?sslpassword=x&password=y&port=1",
         "postgresql://u@h/d?sslpassword=***&password=***&port=1"),
        ("postgresql://u@h:5/d of a@b.org", "postgresql://u@h:5/d of a@b.org"),
        ("http://u:p@h", "http://u:p@h"),
    ],
)  # fmt: skip
def test_passwords_of_databases_are_left_out(text: str, shown: str) -> None:
    assert without_passwords(text) == shown
