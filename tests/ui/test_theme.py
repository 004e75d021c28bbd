"""The theme: contrast and colour-blindness of the tokens, and that Qt really uses them."""

import itertools
import re
from dataclasses import fields

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from workbench.domain.finding import Verdict
from workbench.domain.label import Label
from workbench.domain.resources import resource_path
from workbench.ui.style import mixed, style_sheet
from workbench.ui.theme import Theme, ThemeChoice, palette
from workbench.ui.tokens import DARK, LABELS, LIGHT, TEXT, VERDICTS, Tokens

THEMES = pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=lambda t: t.name)
TEXTS = ("t1", "t2", "t3", "acc", "red", "amb", "teal", "vio", "gry")
GROUNDS = ("bg0", "bg1", "bg2", "bg3", "accbg")


def linear(colour: str) -> np.ndarray:
    """Linear RGB of ``#RRGGBB`` (sRGB, IEC 61966-2-1)."""
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """WCAG 2.1 contrast ratio."""
    a, b = (float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (first, second))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


#: Machado, Oliveira and Fernandes, 2009, table 1, severity 1.0, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIELAB (D65) of linear RGB."""
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    t = to_xyz @ np.clip(rgb, 0, 1) / [0.95047, 1.0, 1.08883]
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(first: np.ndarray, second: np.ndarray) -> float:
    """CIEDE2000 (Sharma, Wu and Dalal, 2005)."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    dh = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    big_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh) / 2)
    if c1 * c2 == 0:
        mean_h = h1 + h2
    elif abs(h1 - h2) <= 180:
        mean_h = (h1 + h2) / 2
    else:
        mean_h = (h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(mean_h - 30))
        + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6))
        - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )
    sl = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    sc, sh = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    turn = 30 * np.exp(-(((mean_h - 275) / 25) ** 2))
    rt = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25.0**7)) * np.sin(np.radians(2 * turn))
    dl, dc, dh = (l2 - l1) / sl, (c2 - c1) / sc, big_h / sh
    return float(np.sqrt(dl**2 + dc**2 + dh**2 + rt * dc * dh))


def least_distance(colours: tuple[str, ...], sight: str) -> float:
    seen = [lab(SIGHT[sight] @ linear(colour)) for colour in colours]
    return min(ciede2000(a, b) for a, b in itertools.combinations(seen, 2))


def test_ciede2000_gives_the_published_values() -> None:
    """Three of the pairs of Sharma, Wu and Dalal, 2005, table 1."""
    pairs = [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ]
    for first, second, expected in pairs:
        assert ciede2000(np.array(first), np.array(second)) == pytest.approx(expected, abs=1e-4)


@THEMES
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_reads_on_every_ground(tokens: Tokens, text: str, ground: str) -> None:
    assert contrast(tokens.colour(text), tokens.colour(ground)) >= 4.5


@THEMES
@pytest.mark.parametrize("name", ["red", "amb", "teal", "vio"])
def test_text_reads_on_verdict_grounds(tokens: Tokens, name: str) -> None:
    for text in ("t1", "t2", name):
        assert contrast(tokens.colour(text), tokens.colour(f"{name}bg")) >= 4.5
    assert contrast(tokens.onacc, tokens.acc) >= 4.5


@THEMES
def test_outlines_and_marks_are_seen(tokens: Tokens) -> None:
    for ground in ("bg1", "bg2"):
        assert contrast(tokens.edge, tokens.colour(ground)) >= 3
    for colour in tokens.categories:
        assert contrast(colour, tokens.map) >= (5.15 if tokens is DARK else 3.45)


@pytest.mark.parametrize("sight", SIGHT)
@THEMES
def test_categories_differ_for_every_eye(tokens: Tokens, sight: str) -> None:
    assert least_distance(tokens.categories, sight) >= 10


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [(DARK, (26.2, 17.9, 15.8, 17.9)), (LIGHT, (25.5, 13.8, 14.7, 13.0))],
    ids=["dark", "light"],
)
def test_categories_are_as_far_apart_as_the_design_says(
    tokens: Tokens, expected: tuple[float, ...]
) -> None:
    found = [least_distance(tokens.categories, sight) for sight in SIGHT]
    assert found == pytest.approx(expected, abs=0.15)


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [(DARK, (12.9, 17.4, 11.3, 12.0)), (LIGHT, (15.9, 14.0, 5.6, 12.1))],
    ids=["dark", "light"],
)
def test_verdicts_are_as_far_apart_as_the_design_says(
    tokens: Tokens, expected: tuple[float, ...]
) -> None:
    """Light red and amber are close for deuteranopes: hence icon and word everywhere."""
    colours = (tokens.red, tokens.amb, tokens.teal, tokens.vio, tokens.gry)
    found = [least_distance(colours, sight) for sight in SIGHT]
    assert found == pytest.approx(expected, abs=0.15)


def test_every_verdict_and_label_has_a_word_and_an_icon_of_its_own() -> None:
    assert set(VERDICTS) == set(Verdict)
    assert set(LABELS) == set(Label)
    marks = [*VERDICTS.values(), *LABELS.values()]
    assert len({mark.word for mark in marks}) == len(marks)
    assert len({mark.icon for mark in marks}) == len(marks)
    # A computed finding is an outline, a person's label is filled.
    assert not any(mark.background for mark in VERDICTS.values())
    assert all(mark.background for mark in LABELS.values())


@THEMES
def test_all_colours_are_written_alike(tokens: Tokens) -> None:
    for field in fields(tokens):
        value = getattr(tokens, field.name)
        for colour in value if isinstance(value, tuple) else (value,):
            if isinstance(colour, str) and field.name != "name":
                assert re.fullmatch(r"#[0-9A-F]{6}", colour)
    assert tokens.colour("cat3") == tokens.categories[2]
    with pytest.raises(AttributeError):
        tokens.colour("cat7")


@THEMES
def test_icons_of_the_sheet_have_the_colours_of_the_theme(tokens: Tokens) -> None:
    allowed = {tokens.t2, tokens.edge, tokens.acc, tokens.onacc}
    named = set(re.findall(r"url\(workbenchicons:(\S+?)\)", style_sheet(tokens)))
    assert named
    for name in named:
        text = resource_path(f"icons/{name}").read_text("utf-8")
        assert set(re.findall(r"#[0-9A-Fa-f]{6}", text)) <= allowed


@THEMES
def test_the_sheet_uses_tokens_only(tokens: Tokens) -> None:
    allowed = {getattr(tokens, f.name) for f in fields(tokens) if f.type == "str"}
    allowed |= {mixed(tokens.acc, tokens.t1, 0.18), mixed(tokens.acc, tokens.bg0, 0.14)}
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", style_sheet(tokens))) <= allowed


def test_mixing() -> None:
    assert mixed("#000000", "#FFFFFF", 0.5) == "#808080"
    assert mixed("#102030", "#FFFFFF", 0.0) == "#102030"


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, choice=ThemeChoice.DARK)


def test_a_choice_is_applied_at_once(theme: Theme, qapp: QApplication, qtbot: object) -> None:
    changes = []
    theme.changed.connect(lambda: changes.append(theme.tokens.name))
    assert theme.tokens is DARK
    theme.set_choice(ThemeChoice.LIGHT)
    assert changes == ["light"]
    assert qapp.palette().color(qapp.palette().ColorRole.Window) == QColor(LIGHT.bg0)
    assert LIGHT.bg1 in qapp.styleSheet()
    theme.set_choice(ThemeChoice.LIGHT)
    assert changes == ["light"], "nothing changed, nothing is said"
    theme.set_choice(ThemeChoice.DARK)
    assert changes == ["light", "dark"]


def test_the_system_is_followed(
    qapp: QApplication, qtbot: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme = Theme(qapp)
    asked = {Qt.ColorScheme.Light: LIGHT, Qt.ColorScheme.Dark: DARK, Qt.ColorScheme.Unknown: DARK}
    for scheme, tokens in asked.items():

        class Hints:
            def __init__(self, now: Qt.ColorScheme) -> None:
                self._now = now

            def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802
                return self._now

        with monkeypatch.context() as patch:
            patch.setattr(qapp, "styleHints", lambda s=scheme: Hints(s), raising=False)
            theme._on_desktop_changed()
        assert theme.tokens is tokens


def test_text_scale_grows_text_and_is_clamped(theme: Theme, qtbot: object) -> None:
    before = theme.font("text").pixelSize()
    theme.set_text_scale(1.5)
    assert theme.font("text").pixelSize() == round(13 * 1.5) > before
    assert theme.px(28) == 42
    assert "min-height: 30px" in style_sheet(theme.tokens, theme.text_scale)
    theme.set_text_scale(9)
    assert theme.text_scale == 2.0
    theme.set_text_scale(0.1)
    assert theme.text_scale == 1.0


@pytest.mark.parametrize("style", TEXT)
def test_fonts_are_the_shipped_ones_with_tabular_figures(theme: Theme, style: str) -> None:
    font = theme.font(style)
    wanted = TEXT[style]
    info = QFontInfo(font)
    assert info.family() == ("JetBrains Mono" if wanted.mono else "Inter")
    assert info.pixelSize() == wanted.px
    metrics = QFontMetricsF(font)
    widths = [metrics.horizontalAdvance(figure) for figure in "0123456789"]
    assert max(widths) - min(widths) < 0.05
    assert metrics.horizontalAdvance("中") > 0


def test_a_styled_widget_keeps_tabular_figures(theme: Theme, qtbot: object) -> None:
    """Qt drops font features where a style sheet names a font: ours must not."""
    for widget in (QLabel("1"), QPushButton("1")):
        widget.ensurePolished()
        metrics = QFontMetricsF(widget.font())
        assert metrics.horizontalAdvance("1") == pytest.approx(
            metrics.horizontalAdvance("0"), abs=0.05
        )


def test_icons_take_the_colour_of_the_token(theme: Theme, qtbot: object) -> None:
    picture = theme.icon_pixmap("ph.check-circle", 16, "teal").toImage()
    solid = [
        picture.pixelColor(x, y)
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).alpha() > 180
    ]
    assert solid
    teal = QColor(DARK.teal)
    assert all(abs(c.red() - teal.red()) < 4 and abs(c.blue() - teal.blue()) < 4 for c in solid)


def test_the_palette_says_the_same_as_the_sheet() -> None:
    made = palette(LIGHT)
    roles = made.ColorRole
    assert made.color(roles.Base) == QColor(LIGHT.bg1)
    assert made.color(made.ColorGroup.Disabled, roles.Text) == QColor(LIGHT.t3)


@pytest.mark.parametrize(("reduced", "expected"), [(False, 180), (True, 0)])
def test_reduced_motion_takes_no_time(qapp: QApplication, reduced: bool, expected: int) -> None:
    assert Theme(qapp, reduced_motion=reduced).duration_ms(180) == expected


def test_ranks_beyond_six_are_grey(theme: Theme) -> None:
    assert theme.category(0) == QColor(DARK.categories[0])
    assert theme.category(6) == theme.category(-1) == QColor(DARK.bar)
