"""Scenarios: which traffic is planted, in words and numbers. Nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What is known of publicly reported campaigns: few capabilities, many topics.
_SWEEP: Final = MappingProxyType({"code": 0.36, "maths": 0.34, "plan": 0.14, "explain": 0.16})
_REASONING: Final = MappingProxyType({"maths": 0.6, "explain": 0.25, "code": 0.15})


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of a campaign.

    Attributes:
        share: Of all accounts.
        least: Accounts it has at least.
        volume: Mean exchanges of its accounts, relative to the mean account.
        spread: Standard deviation of the logarithm of their volumes.
        capabilities: What it harvests, by share.
        languages: In which languages, by share.
        waves: How often it goes over the themes, filling the gaps of the waves before.
        pause: Share of a wave's length, at its end, in which nothing is asked: what came back is
            put to use, and shows where the gaps are.
        pooled: Share of each batch that pools a card; the same for a mail domain, for proxy
            exits and for a client build, each with other accounts of the batch.
        proxied: Share of accounts behind rotating residential proxies.
        dilution: Share of exchanges that belong to customers whom its accounts also serve.
        scripts: Prompt scripts it runs, each with wordings of its own; an account runs one.
        wordings: How many wordings of a task a script uses, roughly.
        natural: Share of harvesting prompts taken from what people ask.
        own_infrastructure: Whether no card, address, build or domain is pooled.
        aged: Share of accounts that were bought old instead of signed up in bursts.
        lived: Share of those bought that their owners used within the span, until they sold them.
        human_sessions: Whether its sittings follow people's hours and pace.
        by_topic: Whether work is sharded by topic instead of evenly.
        replaced: Share of accounts that are banned and replaced on the way.
    """

    share: float = 0.0385
    least: int = 8
    volume: float = 2.9
    spread: float = 0.35
    capabilities: Mapping[str, float] = field(default_factory=lambda: _SWEEP)
    languages: Mapping[str, float] = field(default_factory=lambda: {"en": 1.0})
    waves: int = 3
    pause: float = 0.0
    pooled: float = 0.22
    proxied: float = 0.25
    dilution: float = 0.06
    scripts: int = 3
    wordings: float = 1.6
    natural: float = 0.08
    own_infrastructure: bool = False
    aged: float = 0.15
    lived: float = 0.0
    human_sessions: bool = False
    by_topic: bool = False
    replaced: float = 0.35


@dataclass(frozen=True, slots=True)
class Scenario:
    """A whole population.

    Attributes:
        name: As in ``--scenario``.
        summary: One line for ``--help``.
        operators: Who harvests; empty for benign traffic only.
        lookalikes: Share of all accounts, by kind; fleets are among them.
        organisations: Share of all accounts that belong to declared organisations.
        hidden_fleets: Share of fleets whose keys do not show their common payer.
        firm_keys: Fewest and most keys of a firm's fleet.
        declared: Whether half of the look-alike groups name their organisation; else none does.
        matched: Share of all accounts: benign people with the operators' languages, hours and
            networks.
        days: Length of the observed span.
        exchanges: How many, unless said otherwise.
        accounts: How many, unless said otherwise.
    """

    name: str
    summary: str
    operators: tuple[Operator, ...] = (Operator(),)
    lookalikes: Mapping[str, float] = field(
        default_factory=lambda: {
            "eval_harness": 0.014,
            "translation": 0.013,
            "support_bot": 0.013,
            "labelling": 0.014,
            "fleet": 0.035,
        }
    )
    organisations: float = 0.07
    hidden_fleets: float = 0.0
    firm_keys: tuple[int, int] = (5, 14)
    declared: bool = True
    matched: float = 0.0
    days: int = 42
    exchanges: int = 55_000
    accounts: int = 3_120


_BASE: Final = Operator()
#: The campaign of the sample: plainer than the others, for a reader who meets the program first.
_PLAIN: Final = replace(
    _BASE,
    capabilities=MappingProxyType({"code": 0.34, "write": 0.22, "extract": 0.2, "explain": 0.24}),
    volume=2.6,
    natural=0.05,
    dilution=0.04,
    aged=0.1,
)
_SCENARIOS: Final = (
    Scenario(
        "sample",
        "one plain campaign, benign fleets and four kinds of look-alike: sample_data/",
        (_PLAIN,),
    ),
    Scenario("hydra", "a network of many accounts with pooled cards, networks and clients"),
    Scenario(
        "waves",
        "a campaign in five waves with pauses, each filling the gaps of the ones before",
        (replace(_BASE, waves=5, pause=0.35, replaced=0.6),),
    ),
    Scenario(
        "two-operators",
        "two operators at once, with different plans and infrastructure",
        (
            replace(_BASE, share=0.02),
            replace(_BASE, share=0.02, capabilities={"write": 0.4, "roleplay": 0.3, "chat": 0.3}),
        ),
    ),
    Scenario(
        "lookalikes-only",
        "benign fleets and look-alikes of every kind, no campaign",
        (),
        {
            "eval_harness": 0.04,
            "translation": 0.04,
            "support_bot": 0.04,
            "labelling": 0.04,
            "reseller": 0.04,
            "fleet": 0.06,
        },
    ),
    Scenario("benign", "ordinary traffic, benign fleets and look-alikes, no campaign", ()),
    Scenario(
        "reasoning",
        "a few accounts that collect reasoning traces",
        (replace(_BASE, share=0.006, least=14, volume=5.0, capabilities=_REASONING, waves=1),),
    ),
    Scenario(
        "diluted",
        "a proxy network: 60 % of each account's traffic is its customers' own",
        (replace(_BASE, dilution=0.6),),
    ),
    Scenario(
        "slow",
        "low and slow: fewer exchanges an account than ordinary users",
        (replace(_BASE, volume=0.8, waves=1),),
    ),
    Scenario(
        "bought",
        "bought old accounts, most with a past of their owners, used at people's hours and pace",
        (replace(_BASE, aged=1.0, lived=0.8, human_sessions=True),),
    ),
    Scenario(
        "own-infrastructure",
        "no card, address, build or mail domain is pooled",
        (replace(_BASE, own_infrastructure=True),),
    ),
    Scenario(
        "natural",
        "half of the harvesting prompts are what people ask",
        (replace(_BASE, natural=0.5),),
    ),
    Scenario(
        "sharded",
        "work split by topic: each account sees a part of the plan",
        (replace(_BASE, by_topic=True),),
    ),
    Scenario(
        "hidden-fleets",
        "a campaign beside firms whose keys hide their common payer",
        hidden_fleets=1.0,
    ),
    Scenario(
        "fleets",
        "a campaign beside twenty firms of ten scripted keys; no look-alike names its organisation",
        lookalikes={
            "eval_harness": 0.025,
            "translation": 0.025,
            "support_bot": 0.025,
            "labelling": 0.025,
            "fleet": 200 / 3_120,
        },
        firm_keys=(10, 10),
        declared=False,
    ),
    Scenario(
        "unfamiliar",
        "a campaign beside kinds of benign automation that no development has seen",
        lookalikes={"build_agents": 0.05, "page_digests": 0.05, "fleet": 0.035},
    ),
    Scenario(
        "matched",
        "a campaign beside benign people with its language, hours and networks",
        matched=0.1,
    ),
    Scenario(
        "stealth",
        "every evasion at once; expected to be undetectable",
        (
            replace(
                _BASE,
                dilution=0.6,
                natural=0.5,
                own_infrastructure=True,
                aged=1.0,
                human_sessions=True,
                by_topic=True,
                volume=0.8,
                waves=1,
                replaced=0.0,
            ),
        ),
    ),
)
#: Every scenario by name, in the order of ``--help``.
SCENARIOS: Final = MappingProxyType({s.name: s for s in _SCENARIOS})
