import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from workbench.domain.exchange import Accounting, Fate
from workbench.ui.dialogs.accounting import AccountingView, equation, part_widths
from workbench.ui.theme import Theme


def test_the_equation_adds_up() -> None:
    accounting = Accounting(loaded=193_402, duplicate=4_120, blank=1_466, rejected=1_012)
    assert equation(accounting) == (
        "Loaded 193,402 + Duplicate 4,120 + Blank 1,466 + Rejected 1,012 = 200,000 records"
    )
    assert equation(Accounting(loaded=1)) == "Loaded 1 = 1 record"
    assert equation(Accounting()) == "No records read yet"


@given(
    st.builds(Accounting, **{fate.value: st.integers(0, 10**9) for fate in Fate}).filter(
        lambda a: a.records > 0
    )
)
@example(Accounting(joined=1, conflict=11_266_369, header=875_157_427))
def test_every_fate_that_occurs_can_be_seen(accounting: Accounting) -> None:
    parts = part_widths(accounting, 800.0)
    assert [fate for fate, _ in parts if getattr(accounting, fate.value) == 0] == []
    assert len(parts) == sum(getattr(accounting, fate.value) > 0 for fate in Fate)
    assert all(width >= 9.99 for _, width in parts)
    assert sum(width for _, width in parts) + 2 * (len(parts) - 1) <= 800.01


@pytest.mark.parametrize(
    "accounting", [Accounting(), Accounting(loaded=1), Accounting(loaded=10**6, rejected=1)]
)
def test_the_bar_is_drawn_empty_full_and_lopsided(
    qtbot: QtBot, theme: Theme, accounting: Accounting
) -> None:
    view = AccountingView(theme)
    qtbot.addWidget(view)
    view.resize(600, 60)
    view.show()
    view.set_accounting(accounting)
    assert not view.grab().isNull()
    assert ("wider" in view.note.text()) == (accounting.rejected == 1)
