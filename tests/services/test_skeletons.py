"""Templates whose words are kept back are told apart all the same."""

from __future__ import annotations

from workbench.domain.finding import Finding, Verdict
from workbench.domain.signal import Message
from workbench.domain.withheld import Withheld
from workbench.services import wording
from workbench.services.skeletons import Skeletons

_ROWS = [
    {"kind": "region", "name": "a region", "code": 3},
    {"kind": "template", "name": "Explain <*>", "code": 7},
    {"kind": "template", "name": "Grade <*>", "code": 9},
    {"kind": "template", "name": "", "code": -1},
]


def test_what_is_told_stays_as_it_is() -> None:
    assert Skeletons().in_rows(_ROWS) == _ROWS
    some = Skeletons({"Grade <*>": Withheld.QUARANTINE})
    assert [row["name"] for row in some.in_rows(_ROWS)] == [
        "a region",
        "Explain <*>",
        "Template 9, its words in quarantine",
        "",
    ]


def test_rows_whose_words_are_kept_back_have_a_name_each() -> None:
    kept = Skeletons(others=Withheld.HIDDEN)
    assert [row["name"] for row in kept.in_rows(_ROWS)] == [
        "a region",
        "Template 7, its words kept back",
        "Template 9, its words kept back",
        "",
    ]


def test_a_sentence_says_that_words_are_kept_back() -> None:
    story = (
        Message("cluster.cells", {"names": ["a"]}),
        Message("cluster.template", {"skeleton": "Explain <*>", "share": 0.5}),
    )
    finding = Finding("C-1", Verdict.TRIAGE, 0.5, 0.1, q_nominal=True, story=story)
    told = Skeletons(others=Withheld.HIDDEN).in_finding(finding)
    assert told.story[0] == story[0]
    said = wording.text(told.story[1])
    assert said == "50 % of its prompts share one template, its words kept back."
    assert Skeletons().in_finding(finding) == finding
