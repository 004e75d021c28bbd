"""Every message key of the analysis has a sentence, and every sentence reads well."""

import ast
import re
from pathlib import Path

import pytest

from workbench.domain.signal import Message
from workbench.services import wording
from workbench.services.measure_words import MEASURES
from workbench.services.sentences import LOOKALIKES, SENTENCES, TRAITS

ROOT = Path(__file__).resolve().parents[2] / "workbench"

SIZE = {"n_accounts": 112, "n_customers": 94, "n_exchanges": 3492}
TIMES = {"first_us": 1_772_412_792_108_000, "last_us": 1_776_037_617_698_000}
ONE_DAY = {"first_us": TIMES["first_us"], "last_us": TIMES["first_us"]}
NO_TIMES = {"first_us": None, "last_us": None}


def keys_in_code() -> set[str]:
    """First arguments of every ``Message(...)`` below the window."""
    keys = set()
    for folder in ("analysis", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "Message"
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                ):
                    keys.add(str(node.args[0].value))
    return keys


def test_every_key_that_is_made_has_a_sentence() -> None:
    keys = keys_in_code()
    assert "cluster.size" in keys
    assert sorted(keys - set(SENTENCES)) == []


def test_no_sentence_is_left_over() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "analysis").rglob("*.py"))
    unused = [key for key in set(SENTENCES) - keys_in_code() if f'"{key}"' not in code]
    assert unused == []


def test_every_lookalike_measure_and_trait_has_words() -> None:
    from workbench.analysis.clusters.lookalikes import KINDS
    from workbench.analysis.signals.content.elicitation_patterns import PATTERNS

    assert set(KINDS) <= set(LOOKALIKES)
    assert {trait for traits in KINDS.values() for trait in traits} <= set(TRAITS)
    assert set(PATTERNS) <= set(MEASURES)


@pytest.mark.parametrize(
    ("key", "params", "said"),
    [
        (
            "cluster.size",
            SIZE | TIMES,
            "112 accounts that present themselves as 94 different customers sent 3,492 exchanges, "
            "from 2 March 2026 to 12 April 2026.",
        ),
        (
            "cluster.size",
            {"n_accounts": 1, "n_customers": 1, "n_exchanges": 1} | NO_TIMES,
            "1 account of one customer sent 1 exchange; the log has no times for them.",
        ),
        (
            "cluster.size",
            {"n_accounts": 2, "n_customers": 2, "n_exchanges": 3, "at_begin": True, "at_end": True}
            | ONE_DAY,
            "2 accounts that present themselves as 2 different customers sent 3 exchanges, all on "
            "2 March 2026. They were active where the log begins and where the log ends: what they "
            "did beyond is not in it.",
        ),
        (
            "cluster.size",
            {"n_accounts": 1, "n_customers": 1, "n_exchanges": 3, "at_end": True} | ONE_DAY,
            "1 account of one customer sent 3 exchanges, all on 2 March 2026. They were active "
            "where the log ends: what they did beyond is not in it.",
        ),
        (
            "account.volume",
            {"n_exchanges": 2, "n_prompts": 2, "n_undated": 1} | ONE_DAY,
            "Sent 2 exchanges with 2 distinct prompts, on 2 March 2026; 1 of them without a time.",
        ),
        (
            "account.volume",
            {"n_exchanges": 2, "n_prompts": 2, "n_undated": 0} | ONE_DAY,
            "Sent 2 exchanges with 2 distinct prompts, all on 2 March 2026.",
        ),
        (
            "cluster.template",
            {"share": 0.0272, "skeleton": "Implement <*>"},
            "3 % of its prompts share the template: Implement <*>",
        ),
        (
            "cluster.template",
            {"share": 0.0272, "skeleton": "Implement <*>", "n_accounts": 1} | ONE_DAY,
            "3 % of its prompts, by 1 account, on 2 March 2026, share the template: Implement <*>",
        ),
        (
            "cluster.template",
            {"share": 0.5, "skeleton": "Implement <*>", "n_accounts": 94} | NO_TIMES,
            "50 % of its prompts, by 94 accounts, share the template: Implement <*>",
        ),
        (
            "cluster.template",
            {"share": 0.053, "skeleton": "Implement <*>", "n_accounts": 94, "n_fillings": 1_212}
            | {"share_others": 0.00314}
            | NO_TIMES,
            "5 % of its prompts (of everybody else's 0.31 %), by 94 accounts, share the template, "
            "filled in 1,212 ways: Implement <*>",
        ),
        (
            "cluster.template",
            {"share": 1.0, "skeleton": "Hi", "n_accounts": 2, "n_fillings": 1}
            | {"share_others": 0.00001}
            | NO_TIMES,
            "100 % of its prompts (of everybody else's less than 0.01 %), by 2 accounts, share the "
            "template: Hi",
        ),
        ("cluster.cells", {"names": ["a", "b"]}, "Places of the map where it asked most: a; b."),
        (
            "cluster.measure",
            {"measure": "signed_up_together", "z": 4.29},
            "More pairs of members signed up within five days of each other than in ordinary "
            "groups (4.3 standard deviations above).",
        ),
        (
            "cluster.measure",
            {
                "measure": "signed_up_together",
                "z": 6.9,
                "n_known": 117,
                "n_pairs": 410,
                "n_all": 6786,
            }
            | TIMES,
            "More pairs of members signed up within five days of each other than in ordinary "
            "groups (6.9 standard deviations above): 410 of 6,786 pairs did; they signed up from "
            "2 March 2026 to 12 April 2026.",
        ),
        (
            "cluster.measure",
            {
                "measure": "shared_payment",
                "z": 5.7,
                "n_known": 111,
                "n_values": 92,
                "n_sharing": 29,
                "most": 3,
                "values": [["ab12", 3], ["cd34", 2]],
            },
            "Members share payment hashes more often than those of ordinary groups (5.7 standard "
            "deviations above): 29 of 111 accounts with a payment hash share one with another "
            "member, of 92 different payment hashes; the most shared: ab12 (3 accounts), cd34 "
            "(2 accounts).",
        ),
        (
            "measure.cluster",
            {
                "measure": "lone_requests",
                "z": 3.6,
                "percentile": 99.98,
                "mean": 0.247,
                "mean_all": 0.1101,
                "unit": "share",
            },
            "Requests without a session: +3.6 standard deviations from ordinary groups of like "
            "interest, as if above more than 99.9 % of them: 24.7 % on average, 11.0 % over all "
            "accounts.",
        ),
        (
            "cluster.measure",
            {"measure": "interchange", "z": 3.2, "effect": -0.03},
            "Beside prompts of one member, prompts of different members are more alike than in "
            "ordinary groups (3.2 standard deviations above): prompts of different members are "
            "97 % as alike as those of one.",
        ),
        (
            "cluster.loss",
            {"out_tok": 1_131_917, "reasoning_tok": None},
            "They were delivered 1,131,917 output tokens.",
        ),
        (
            "cluster.loss",
            {"out_tok": 1_254_701, "reasoning_tok": 429_373},
            "They were delivered 1,254,701 output tokens; the logs count 429,373 reasoning tokens.",
        ),
        (
            "against.below",
            {"n": 2, "measures": ["same_group", "same_template"]},
            "2 measures are lower than in ordinary groups: same wordings and same templates.",
        ),
        (
            "against.ordinary",
            {"n": 5, "measures": ["same_group", "same_template", "burstiness"]},
            "5 measures are as in ordinary groups: same wordings, same templates and regular pace, "
            "among others.",
        ),
        (
            "against.near",
            {"n_accounts": 1},
            "1 account stands near it, below the membership that binds: bystanders of the same "
            "interest, or members that were missed.",
        ),
        ("against.nothing", {"n_kinds": 6}, "Nothing found; 6 benign explanations tried."),
        (
            "against.lookalike",
            {"kind": "eval_harness", "distance": 0.4, "alike": ["days", "repeats"]},
            "It resembles a benign evaluation harness (distance 0.40): alike in how long it lasts "
            "and how many accounts ask one prompt.",
        ),
        (
            "against.not_assessed",
            {"axes": ["automation", "coordination"]},
            "Automation and coordination were not assessed: the log lacks the columns.",
        ),
        (
            "against.told_apart",
            {"n_others": 1},
            "It was tested as one with 1 other cluster, and p and q are of all of them. They are "
            "told apart because accounts that ask alike share values and sign-ups with each other "
            "and not with the rest; one operator whose accounts have scripts and means of their "
            "own, batch by batch, would look the same.",
        ),
        (
            "against.unstable",
            {"stability": 0.651},
            "Only 65 % of it stays together when a fifth of the accounts is left out.",
        ),
        (
            "against.unstable",
            {"stability": 0.0},
            "None of it stays together when a fifth of the accounts is left out.",
        ),
        (
            "against.unstable",
            {"stability": 0.004},
            "Only 1 % of it stays together when a fifth of the accounts is left out.",
        ),
        (
            "signal.not_assessed",
            {"title": "Shared payers", "reason": "payment_hash", "fewest": ""},
            "Shared payers is not assessed: the log has no payment_hash.",
        ),
        (
            "signal.not_assessed",
            {"title": "Regular pace", "reason": None, "fewest": "4 pauses between exchanges"},
            "Regular pace is not assessed: it takes 4 pauses between exchanges.",
        ),
        (
            "signal.not_assessed",
            {"title": "Regular pace", "reason": "volume", "fewest": "4 pauses between exchanges"},
            "Regular pace is not assessed: it takes 4 pauses between exchanges.",
        ),
        (
            "signal.not_assessed",
            {"title": "Shared payers", "reason": None},
            "Shared payers is not assessed: too little of it is recorded.",
        ),
    ],
)
def test_sentences(key: str, params: dict, said: str) -> None:
    assert wording.text(Message(key, params)) == said


def test_an_unknown_key_is_spelled_out_and_loses_no_figure() -> None:
    assert wording.text(Message("new.thing", {"n_accounts": 1234})) == (
        "new: thing (n accounts 1,234)."
    )
    assert wording.text(Message("new.thing")) == "new: thing."


def test_parameters_of_another_version_lose_no_figure_and_raise_nothing() -> None:
    assert wording.text(Message("cluster.size", {"n_accounts": 7})) == (
        "cluster: size (n accounts 7)."
    )
    for key, sentence in SENTENCES.items():
        if callable(sentence):
            assert wording.text(Message(key, {"other": 1}))


def test_what_is_missing_is_said_to_be_missing() -> None:
    said = wording.text(Message("against.unstable", {"stability": float("nan")}))
    said += wording.text(Message("cluster.template", {"share": None, "skeleton": "x"}))
    assert "not assessed" in said
    assert "nan" not in said
    assert "None" not in said


def test_text_from_logs_is_not_a_template() -> None:
    said = wording.text(
        Message("cluster.template", {"share": 0.5, "skeleton": "{x.__class__} {0} %s"})
    )
    assert said.endswith("{x.__class__} {0} %s")


def test_templates_name_only_plain_parameters() -> None:
    for sentence in SENTENCES.values():
        if isinstance(sentence, str):
            for name in re.findall(r"\{([^}:]*)", sentence):
                assert re.fullmatch(r"[a-z_]+", name)


def test_counts_have_their_nouns() -> None:
    assert wording.accounts(1) == "1 account"
    assert wording.exchanges(520_000) == "520,000 exchanges"
    assert wording.prompts(0) == "0 prompts"
    assert wording.lookalike(None) == "none near"
    assert wording.lookalike("none near") == "none near"
    assert wording.lookalike("new_kind") == "new kind"
