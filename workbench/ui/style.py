"""The one style sheet of the application, made from the tokens for every standard widget.

Fonts stay out of it but for table heads and tooltips: Qt drops tabular figures from a font that
a sheet touched, so ``theme.Theme.font`` sets all others. No widget names: a widget that wants to
look different says so by a property. Properties known to the sheet:

- ``QPushButton[kind]``: "primary", "danger", "link", "chip", "quiet" (no outline until hovered);
  a checkable plain button that is on looks chosen.
- ``QPushButton[square="true"]``: an icon only, as wide as high.
- ``QPushButton[slim="true"]``: no higher than its text, for bars.
- ``QLineEdit[invalid="true"]`` (and the other fields): outlined in red.
- ``QFrame[card="true"]``: a card (bg2, line, radius 8); ``card="floating"`` lies on the map;
  ``card="against"`` holds what speaks against a finding.
- ``QWidget[surface]``: "bg0", "bg1" or "bg2", painted as background.
- ``QLabel[colour]``: name of a token of text ("t2", "t3", "red", ...).
- ``QToolBar``, ``QWidget[bar="top"|"bottom"]``: bars with a line below or above.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workbench.ui.tokens import Tokens

#: Search path under which the icons of the sheet are found (set in ``theme``).
ICON_PATH: Final = "workbenchicons"

_COLOURED_TEXT: Final = ("t1", "t2", "t3", "acc", "red", "amb", "teal", "vio", "gry")

_SHEET: Final = Template("""
QWidget { color: $t1; selection-background-color: $acc; selection-color: $onacc; }
QMainWindow, QDialog, QWizard, QMessageBox { background: $bg0; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $acc; }
QWidget[surface="bg0"] { background: $bg0; }
QWidget[surface="bg1"] { background: $bg1; }
QWidget[surface="bg2"] { background: $bg2; }
QWidget[bar="top"] { background: $bg1; border: none; border-bottom: 1px solid $line; }
QWidget[bar="bottom"] { background: $bg1; border: none; border-top: 1px solid $line; }
QFrame[card="true"] { background: $bg2; border: 1px solid $line; border-radius: 8px; }
QFrame[card="floating"] { background: $bg1; border: 1px solid $line2; border-radius: 8px; }
QFrame[card="against"] { background: $tealbg; border: 1px solid $teal; border-radius: 8px; }
QFrame[frameShape="4"], QFrame[frameShape="5"] { color: $line; background: $line; border: none;
  max-height: 1px; }
QFrame[frameShape="5"] { max-height: 16777215px; max-width: 1px; }
QLabel { background: transparent; border: none; }
QLabel:disabled { color: $t3; }

QPushButton { background: $bg2; color: $t1; border: 1px solid $edge; border-radius: 6px;
  padding: $pad_v $pad_h; min-height: $line_height; }
QPushButton, QCheckBox, QRadioButton, QTabBar, QToolButton { outline: none; }
QPushButton:hover { background: $bg3; }
QPushButton:pressed { background: $bg1; }
QPushButton:checked { background: $accbg; color: $acc; border-color: $accbg; }
QPushButton:disabled { background: $bg2; color: $t3; border-color: $line; }
QPushButton[kind="primary"] { background: $acc; color: $onacc; border-color: $acc; }
QPushButton[kind="primary"]:hover { background: $acc_hover; border-color: $acc_hover; }
QPushButton[kind="primary"]:pressed { background: $acc_down; border-color: $acc_down; }
QPushButton[kind="primary"]:disabled { background: $bg3; color: $t3; border-color: $bg3; }
QPushButton[kind="danger"] { background: $redbg; color: $red; border-color: $red; }
QPushButton[kind="danger"]:hover { background: $red; color: $bg1; }
QPushButton[kind="danger"]:disabled { background: $bg2; color: $t3; border-color: $line; }
QPushButton[kind="link"] { background: transparent; color: $acc; border-color: transparent;
  padding: $pad_v 6px; }
QPushButton[kind="link"]:hover { background: $accbg; }
QPushButton[kind="quiet"] { background: transparent; color: $t1; border-color: transparent; }
QPushButton[kind="quiet"]:hover { background: $bg3; color: $t1; }
QPushButton[kind="quiet"]:checked { background: $accbg; color: $acc; }
QPushButton[kind="quiet"]:disabled { color: $t3; background: transparent; }
QPushButton[square="true"] { padding: 4px; min-width: $line_height; }
QPushButton[align="left"] { text-align: left; }
QPushButton[slim="true"] { padding: 0 4px; min-height: 0; }
QPushButton[kind="row"] { background: $bg1; border: 1px solid $line; text-align: left;
  min-height: $two_lines; }
QPushButton[kind="row"]:hover { background: $bg3; }
QPushButton[kind="chip"] { background: transparent; color: $t1; border: 1px solid $line2;
  border-radius: $chip_radius; padding: 2px 10px; }
QPushButton[kind="chip"]:hover { background: $bg3; }
QPushButton[kind="chip"]:checked { background: $accbg; color: $acc; border-color: $accbg; }
QPushButton::menu-indicator { image: url($icons/down.svg); subcontrol-position: right center;
  right: 8px; }
QToolButton { background: transparent; color: $t2; border: 1px solid transparent;
  border-radius: 6px; padding: 4px 6px; }
QToolButton:hover { background: $bg3; color: $t1; }
QToolButton:checked { background: $accbg; color: $acc; }
QToolButton:disabled { color: $t3; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QDoubleSpinBox, QDateTimeEdit, QDateEdit,
QComboBox { background: $bg2; color: $t1; border: 1px solid $edge; border-radius: 6px;
  padding: $pad_v 10px; min-height: $line_height; placeholder-text-color: $t3; }
QPlainTextEdit, QTextEdit { padding: 6px 8px; }
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus,
QDateTimeEdit:focus, QDateEdit:focus, QComboBox:focus { border: 2px solid $acc;
  padding: $pad_v_focus 9px; }
QPlainTextEdit:focus, QTextEdit:focus { padding: 5px 7px; }
QPlainTextEdit[reader="true"], QPlainTextEdit[reader="true"]:focus { background: $bg1;
  border: none; border-radius: 0; padding: 6px 8px; }
*[invalid="true"] { border: 2px solid $red; padding: $pad_v_focus 9px; }
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QSpinBox:disabled,
QDoubleSpinBox:disabled, QDateTimeEdit:disabled, QComboBox:disabled { color: $t3;
  border-color: $line; }
QLineEdit:read-only { background: $bg1; border-color: $line; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { background: transparent; border: none;
  padding: 0; min-height: 0; }
QSpinBox, QDoubleSpinBox { qproperty-alignment: "AlignRight | AlignVCenter"; }
QDateTimeEdit, QDateEdit { qproperty-alignment: "AlignCenter"; }
QComboBox { padding-right: 26px; }
QComboBox:hover { background: $bg3; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url($icons/down.svg); width: 12px; height: 12px; }
QComboBox::down-arrow:disabled { image: url($icons/down-off.svg); }
QComboBox QAbstractItemView { background: $bg1; border: 1px solid $line2; border-radius: 6px;
  outline: none; padding: 4px; }
QComboBox QAbstractItemView::item { min-height: $row_height; padding: 0 8px; border-radius: 4px; }
QComboBox QAbstractItemView::item:hover, QComboBox QAbstractItemView::item:selected {
  background: $accbg; color: $t1; }
QSpinBox::up-button, QDoubleSpinBox::up-button, QDateTimeEdit::up-button { border: none;
  width: 20px; subcontrol-position: top right; }
QSpinBox::down-button, QDoubleSpinBox::down-button, QDateTimeEdit::down-button { border: none;
  width: 20px; subcontrol-position: bottom right; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow, QDateTimeEdit::up-arrow {
  image: url($icons/up.svg); width: 10px; height: 10px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow, QDateTimeEdit::down-arrow {
  image: url($icons/down.svg); width: 10px; height: 10px; }

QCheckBox, QRadioButton { background: transparent; spacing: 8px; min-height: $line_height; }
QCheckBox:disabled, QRadioButton:disabled { color: $t3; }
QCheckBox::indicator, QRadioButton::indicator, QGroupBox::indicator,
QAbstractItemView::indicator { width: $box; height: $box; background: $bg2;
  border: 1px solid $edge; border-radius: 4px; }
QRadioButton::indicator { border-radius: $box_radius; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover,
QAbstractItemView::indicator:hover { border-color: $acc; }
QCheckBox::indicator:checked, QGroupBox::indicator:checked,
QAbstractItemView::indicator:checked { background: $acc; border-color: $acc;
  image: url($icons/check.svg); }
QCheckBox::indicator:indeterminate, QAbstractItemView::indicator:indeterminate {
  background: $acc; border-color: $acc; image: url($icons/partly.svg); }
QRadioButton::indicator:checked { background: $acc; border-color: $acc;
  image: url($icons/dot.svg); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: $bg3;
  border-color: $line; }
QGroupBox { border: 1px solid $line; border-radius: 8px; margin-top: 10px; padding: 12px; }
QGroupBox::title { subcontrol-origin: margin; left: 12px; padding: 0 4px; color: $t2; }

QScrollArea, QAbstractItemView { background: $bg1; border: none; outline: none; }
QTableView, QTreeView, QListView { background: $bg1; alternate-background-color: $bg1;
  gridline-color: transparent; border: 1px solid $line; border-radius: 8px; }
QTableView[inset="true"], QTreeView[inset="true"], QListView[inset="true"] { border: none;
  border-radius: 0; }
QTableView::item, QTreeView::item, QListView::item { padding: 0 8px; border: none;
  border-bottom: 1px solid $line; color: $t1; }
QListView::item { min-height: $row_height; }
QTableView::item:hover, QTreeView::item:hover, QListView::item:hover { background: $bg3; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected {
  background: $accbg; color: $t1; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: $accbg; }
QTreeView::branch:has-children:closed { image: url($icons/right.svg); }
QTreeView::branch:has-children:open { image: url($icons/down.svg); }
QHeaderView { font-size: $small; font-weight: 600; background: $bg2; border: none;
  border-top-left-radius: 8px; border-top-right-radius: 8px; }
QHeaderView::section { background: $bg2; color: $t2; border: none;
  border-bottom: 1px solid $line; padding: 0 11px; min-height: $row_height; }
QHeaderView::section:hover { background: $bg3; color: $t1; }
QHeaderView::section:first { border-top-left-radius: 8px; }
QHeaderView::section:last { border-top-right-radius: 8px; }
QHeaderView::down-arrow { image: url($icons/sort-down.svg); width: 12px; height: 12px;
  subcontrol-position: right center; right: 4px; }
QHeaderView::up-arrow { image: url($icons/sort-up.svg); width: 12px; height: 12px;
  subcontrol-position: right center; right: 4px; }
QTableCornerButton::section { background: $bg2; border: none; }

QTabWidget::pane { border: none; border-top: 1px solid $line; background: $bg1; }
QTabBar { background: $bg1; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $t2; border: none; padding: 0 12px;
  min-height: $tab_height; border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $t1; background: $bg2; }
QTabBar::tab:selected { color: $t1; border-bottom: 2px solid $acc; }
QTabBar::tab:disabled { color: $t3; }
QTabBar::close-button { image: url($icons/close.svg); }
QDockWidget { color: $t1; titlebar-close-icon: url($icons/close.svg);
  titlebar-normal-icon: url($icons/float.svg); }
QDockWidget::title { background: $bg1; padding: 8px 14px; text-align: left;
  border-bottom: 1px solid $line; }
QDockWidget::close-button, QDockWidget::float-button { border: none; border-radius: 4px;
  padding: 2px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $bg3; }

QMenuBar { background: $bg1; border-bottom: 1px solid $line; }
QWidget[bar="top"] QMenuBar { border: none; }
QMenuBar::item { background: transparent; padding: 6px 10px; border-radius: 4px; }
QMenuBar::item:selected { background: $bg3; }
QMenu { background: $bg1; border: 1px solid $line2; border-radius: 8px; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 4px; color: $t1; }
QMenu::item:selected { background: $accbg; }
QMenu::item:disabled { color: $t3; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; border-radius: 4px; }
QMenu::indicator:checked { background: $acc; image: url($icons/check.svg); }
QMenu::right-arrow { image: url($icons/right.svg); width: 12px; height: 12px; right: 8px; }
QToolTip { font-size: $small; background: $bg1; color: $t1; border: 1px solid $line2;
  padding: 6px 8px; }

QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; margin: 0; }
QScrollBar:horizontal { height: 10px; margin: 0; }
QScrollBar::handle { background: $line2; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 28px; margin: 2px; }
QScrollBar::handle:horizontal { min-width: 28px; margin: 2px; }
QScrollBar::handle:hover, QScrollBar::handle:pressed { background: $edge; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QDialog QScrollArea { background: transparent; }
QAbstractScrollArea::corner { background: $bg1; border: none; }
QProgressBar { background: $bg3; border: none; border-radius: 3px; max-height: 6px;
  min-height: 6px; color: transparent; }
QProgressBar::chunk { background: $acc; border-radius: 3px; }
QSlider::groove:horizontal { height: 4px; background: $bg3; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $acc; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px;
  background: $acc; border: none; }
QSplitter::handle { background: $line; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $acc; }
QStatusBar { background: $bg1; border-top: 1px solid $line; color: $t2; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $t2; }
QToolBar { background: $bg1; border: none; border-bottom: 1px solid $line; spacing: 4px;
  padding: 4px 8px; }
QToolBar::separator { background: $line; width: 1px; margin: 6px 4px; }
""")


def style_sheet(tokens: Tokens, scale: float = 1.0) -> str:
    """The style sheet of one theme.

    Args:
        tokens: Colours.
        scale: Text scale, 1.0 to 2.0: everything that holds text grows with it.
    """
    values: dict[str, str] = {
        name: getattr(tokens, name)
        for name in tokens.__slots__
        if isinstance(getattr(tokens, name), str)
    }
    values |= {
        "icons": f"{ICON_PATH}:{tokens.name}",
        "acc_hover": mixed(tokens.acc, tokens.t1, 0.18),
        "acc_down": mixed(tokens.acc, tokens.bg0, 0.14),
        "line_height": f"{round(20 * scale)}px",
        "two_lines": f"{round(44 * scale)}px",
        "row_height": f"{round(28 * scale)}px",
        "tab_height": f"{round(34 * scale)}px",
        "small": f"{round(12 * scale)}px",
        "pad_v": "4px",
        "pad_v_focus": "3px",
        "pad_h": "14px",
        "chip_radius": f"{round((20 * scale + 6) / 2)}px",
        "box": f"{round(14 * scale)}px",
        "box_radius": f"{round(14 * scale / 2) + 1}px",
    }
    coloured = "".join(
        f'QLabel[colour="{name}"] {{ color: {getattr(tokens, name)}; }}\n'
        for name in _COLOURED_TEXT
    )
    return _SHEET.substitute(values) + coloured


def mixed(first: str, second: str, share: float) -> str:
    """A colour between two ``#RRGGBB``: ``share`` of the second, in sRGB."""
    parts = (
        round((1 - share) * int(first[i : i + 2], 16) + share * int(second[i : i + 2], 16))
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in parts)
