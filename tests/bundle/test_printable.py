import unicodedata

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from tests.bundle.made_up import MENAGERIE
from workbench.bundle.printable import Printer, font_folder, markdown_text

PRINTER = Printer.of_shipped_fonts()


@pytest.mark.parametrize(
    ("raw", "printed"),
    [
        ("plain text, été, Ω, ж", "plain text, été, Ω, ж"),
        ("中文 한국어 かな", "中文 한국어 かな"),
        ("😀", "<U+1F600>"),
        ("ไทย", "<U+0E44><U+0E17><U+0E22>"),
        ("a\u202eb", "a<U+202E>b"),
        ("\u05d0", "<U+05D0>"),
        ("a\x1b[31m", "a<U+001B>[31m"),
        ("\ud800", "<U+D800>"),
        ("\u3164\u2800\ufe0f", "<U+3164><U+2800><U+FE0F>"),
        ("tab\tline\n", "tab    line\n"),
    ],
)
def test_what_no_font_draws_is_written_out(raw: str, printed: str) -> None:
    assert PRINTER.text(raw) == printed


def test_a_stack_of_marks_cannot_paint_over_its_neighbours() -> None:
    printed = PRINTER.text("Z" + "\u0301" * 40)
    assert sum(1 for c in printed if unicodedata.combining(c)) <= 3
    assert printed.count("<U+0301>") == 37


def glyphs(name: str) -> set[int]:
    """An independent reading of what a font draws."""
    with TTFont(font_folder() / name) as font:
        return set(font.getBestCmap())


GLYPHS = glyphs("Inter-Regular.otf") | glyphs("DroidSansFallback.ttf")


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_everything_printed_has_a_glyph_and_a_direction(raw: str) -> None:
    printed = PRINTER.text(raw)
    assert all(c == "\n" or ord(c) in GLYPHS for c in printed)
    assert not any(unicodedata.bidirectional(c) in {"R", "AL", "AN", "RLO"} for c in printed)


@pytest.mark.parametrize("weight", ["Inter-Medium.otf", "Inter-SemiBold.otf", "Inter-Bold.otf"])
def test_every_weight_draws_what_the_regular_one_draws(weight: str) -> None:
    assert glyphs("Inter-Regular.otf") <= glyphs(weight)


def test_every_string_inside_data_is_printable() -> None:
    data = PRINTER.data({"a": ["\u202e", 1, None], "b": {"c": ("\x00",)}})
    assert data == {"a": ["<U+202E>", 1, None], "b": {"c": ["<U+0000>"]}}


@pytest.mark.parametrize("hostile", MENAGERIE)
def test_nothing_in_markdown_links_or_begins_a_tag(hostile: str) -> None:
    text = markdown_text(hostile)
    assert "\n" not in text
    for mark in "<[!`*#_":
        assert all(
            i and text[i - 1] == "\\" for i, character in enumerate(text) if character == mark
        )
    assert "http://" not in text
