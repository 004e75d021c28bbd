"""How sure, compared with whom, and what logs cannot show: in words that need no statistics."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.domain.finding import Finding, Verdict
from workbench.domain.signal import Axis, Measured, Message
from workbench.services import wording
from workbench.services.assurance import LIMITS, sure
from workbench.services.told import Told


def finding(
    axes: dict[str, float], q: float | None = 0.0097, level: float | None = 0.05
) -> Finding:
    return Finding(
        "C-001", Verdict.TRIAGE, 0.5, q, q_nominal=True, axes=axes, level=level,
        lookalikes=(
            Message(
                "lookalike.beside",
                {"kind": "fleet", "distance": 2.53, "alike": ["days"], "unlike": ["customers"]},
            ),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("axes", "said"),
    [
        (
            {"content": 0.005, "automation": 0.4, "coordination": 0.004},
            "It stands out by content (p = 0.005) and coordination (p = 0.004); not by automation "
            "(p = 0.4).",
        ),
        (
            {"coordination": 0.3, "content": 0.2},
            "It stands out on no axis by itself: content (p = 0.2) and coordination (p = 0.3); "
            "automation could not be assessed.",
        ),
        (
            {"content": 0.05},
            "It stands out by content (p = 0.05); automation and coordination could not be "
            "assessed.",
        ),
    ],
)
def test_which_axes_stand_out(axes: dict[str, float], said: str) -> None:
    assert sure(finding(axes))[0] == f"{said} An axis stands out where p is 0.05 or less."


def test_whom_it_is_compared_with_follows_the_axis_that_forms() -> None:
    (_, both, *_) = sure(finding({"content": 0.01, "automation": 0.02, "coordination": 0.03}))
    assert "Compared by coordination with clusters that formed" in both
    assert "; by content and automation with groups of as many accounts" in both
    (_, pace, *_) = sure(finding({"content": 0.01, "automation": 0.02}))
    assert "Compared by automation with clusters that formed" in pace
    assert "; by content with groups" in pace
    (_, content, *_) = sure(finding({"content": 0.01}))
    assert content.endswith("and that ask as much alike.")
    assert "Compared by content with groups" in content
    (_, alone, *_) = sure(finding({"coordination": 0.01}))
    assert alone.endswith("so that only chance links them.")


def test_where_sign_ups_and_pace_formed_it_both_are_compared_with_chance() -> None:
    axes = {"content": 0.01, "automation": 0.02, "coordination": 0.03}
    formed = Message("against.nominal", {"forms_by": ["automation", "coordination"]})
    (_, both, *_) = sure(replace(finding(axes), against=(formed,)))
    assert "Compared by automation and coordination with clusters that formed" in both
    assert "; by content with groups" in both


def test_a_p_that_cannot_be_less_says_that_none_was_as_extreme() -> None:
    counted = Message(
        "against.nominal",
        {"by_axis": {"content": 199, "coordination": 206}, "n_looks": 2, "forms_by": []},
    )
    found = replace(finding({"content": 1 / 200, "coordination": 2 / 207}), against=(counted,))
    told = sure(found)
    assert "content (p = 0.005: none of 199 was as extreme)" in told[0]
    assert "coordination (p = 0.0097)" in told[0]
    assert any("2 looks at candidates counted" in said for said in told)


def test_q_is_told_for_somebody_who_decides() -> None:
    low = " ".join(sure(finding({"content": 0.01})))
    assert "q = 0.0097: of findings this strong up to 10 in 1,000" in low
    high = " ".join(sure(finding({"content": 0.01}, q=0.2)))
    assert "above the limit of 0.05: chance explains it too easily to call it multi-axis." in high
    assert not any(said.startswith("q =") for said in sure(finding({"content": 0.01}, q=None)))


def test_an_account_is_told_what_membership_and_percentiles_can_bear() -> None:
    assert sure(finding({})) == ()
    member = Message("account.member", {"cluster_id": "C-001", "membership": 0.987})
    signals = tuple(
        Measured(f"s{k}", Axis.CONTENT, 0.1, None if k == 15 else 97.0, member, tested=k < 16)
        for k in range(20)
    )
    likely, share = sure(Finding("key:a", Verdict.TRIAGE, 0.4, 0.1, q_nominal=True,
                                 story=(member,), signals=signals))  # fmt: skip
    assert likely.startswith("Membership 0.99: how likely it belongs to C-001")
    assert "Of 15 tested signals fewer than 1 lies above the 95th in any account on" in share
    alone = Finding("key:a", Verdict.NO_FINDING, 0.1, None, q_nominal=True, signals=signals[16:])
    assert sure(alone) == ()


def test_explain_holds_all_of_it() -> None:
    lines = Told(finding({"content": 0.01}), {}).lines()
    assert "How sure, and compared with whom" in lines
    assert (
        "  - Fleet of one customer (distance 2.5): alike in how long it lasts; unlike in how many "
        "customers it comes from."
    ) in lines
    assert lines[-len(LIMITS) - 1] == "What logs cannot show"
    assert "training" in lines[-len(LIMITS)]
    told = Told(finding({"content": 0.01}), {}).as_dict()
    assert len(told["lookalikes"]) == 1
    assert told["sure"]
    assert told["limits"] == list(LIMITS)


@pytest.mark.parametrize(
    ("showing", "said"),
    [
        (
            {"organisation": 0, "payment": 109, "network": 1},
            "Of the 116 accounts 109 show a payer and 1 shows a network; none declares an "
            "organisation.",
        ),
        (
            {"organisation": 0, "payment": 0},
            "Of the 116 accounts none declares an organisation or shows a payer.",
        ),
        ({"payment": 5}, "Of the 116 accounts 5 show a payer."),
    ],
)
def test_how_customers_are_told_apart(showing: dict[str, int], said: str) -> None:
    params = {"n_accounts": 116, "showing": showing}
    assert wording.text(Message("cluster.customers", params)).endswith(said)
