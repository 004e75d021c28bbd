"""The day that an account changed what it asks, in words."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from tests.services.planted import plant
from workbench.domain.signal import Message
from workbench.services import wording
from workbench.services.findings import account_finding
from workbench.services.results import Results

DAY_US = 86_400_000_000
TURNED = {
    "turned_us": 1_772_582_400_000_000,
    "asleep_us": 6 * DAY_US,
    "before": 31,
    "after": 40,
    "distance": 0.214,
    "p": 0.0002,
}


def test_an_account_that_turned() -> None:
    assert wording.text(Message("account.turned", TURNED)) == (
        "Changed what it asks on 4 March 2026, after 6 days of silence: 31 prompts before and 40 "
        "after differ (MMD squared 0.21) more than its days in another order do (p = 0.0002). One "
        "account in a hundred does so by chance, and so does somebody who takes up other work."
    )


def test_silence_of_a_night_is_not_told() -> None:
    text = wording.text(Message("account.turned", TURNED | {"asleep_us": DAY_US // 3}))
    assert "silence" not in text


@pytest.mark.parametrize(("turned", "together"), [(1, 1), (4, 3)])
def test_members_that_turned(turned: int, together: int) -> None:
    params: dict[str, Any] = {
        "turned": turned, "n": 8, "members": 10, "together": together, "days": 7,
        "first_us": TURNED["turned_us"], "low": 0.0, "high": 1.45, "together_high": 0.95,
    }  # fmt: skip
    text = wording.text(Message("fact.turning", params))
    assert text.startswith(
        f"{turned} of 8 members with enough past changed what they ask from one day on; of as many "
        "ordinary accounts with as much past 0 to 2."
    )
    assert ("3 of them did within 7 days, from 4 March 2026" in text) == (turned > 1)
    assert text.endswith("of the ordinary ones at most 1.") == (turned > 1)


def test_the_story_of_an_account_tells_its_turn() -> None:
    planted = plant()
    silent = dict.fromkeys([*TURNED, "turned"])
    rows = [TURNED | {"turned": True}, TURNED | {"turned": False}, silent]
    rows += [silent] * (len(planted.keys) - len(rows))
    planted.artifacts.tables["signals", "turning"] = pa.Table.from_pylist(rows)
    results = Results.read(planted.artifacts)
    told = [
        [m.params for m in account_finding(results, key).story if m.key == "account.turned"]
        for key in results.keys[:3]
    ]
    assert told == [[TURNED], [], []]
    del planted.artifacts.tables["signals", "turning"]
    untold = account_finding(Results.read(planted.artifacts), results.keys[0]).story
    assert all(message.key != "account.turned" for message in untold)
