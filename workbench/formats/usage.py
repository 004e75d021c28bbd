"""OpenAI's organisation usage, read as a table of accounts and as counts of requests.

It holds no exchange: each result counts the requests of one key, user, project and model in one
span of time, as far as it was asked to tell them apart. What it says of accounts is the project of
a key; what it counts is beside what a case holds. This room must not read files.

Source: platform.openai.com/docs/api-reference/usage, "Completions usage object": input_tokens,
output_tokens, num_model_requests, project_id, user_id, api_key_id, model, batch; in buckets of
start_time (inclusive) to end_time (exclusive), epoch seconds.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from workbench.domain.account import IdentityKind
from workbench.domain.added import AddedKind, Counted
from workbench.formats.added_fields import Converted, ToldShape
from workbench.formats.halves import name_of
from workbench.formats.times import read_time

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

#: The kinds of table that usage is.
KINDS: Final = (AddedKind.ACCOUNTS,)
_RESULT: Final = "organization.usage.completions.result"
_FOUND: Final = {
    "account_id": "api_key_id",
    "end_user": "user_id, where there is no key",
    "org_id": "project_id, where there is neither",
    "parent_org": "project_id of a key, or of a user",
}
#: The finest first: whose requests a result counts.
_WHOSE: Final = (
    ("api_key_id", IdentityKind.KEY),
    ("user_id", IdentityKind.USER),
    ("project_id", IdentityKind.ORGANISATION),
)
_UNGROUPED: Final = "it names neither key, user nor project: usage is asked for with group_by"
_NO_COUNT: Final = "its num_model_requests is no number of requests"


def is_usage(records: Sequence[Mapping[str, Any]]) -> bool:
    """Whether most of the first records of a file are results of usage."""
    found = sum(1 for record in records if record.get("object") == _RESULT)
    return 2 * found > len(records)


class UsageShape(ToldShape):
    """How the results of usage are read; counts what it converts.

    Args:
        zone: Of times that name none: the API's are epoch seconds.
    """

    def __init__(self, zone: dt.tzinfo | None) -> None:
        super().__init__(AddedKind.ACCOUNTS, _FOUND, zone, _told)
        self._requests: Counter[tuple[IdentityKind, str, int, int]] = Counter()

    @property
    def counted(self) -> tuple[Counted, ...]:
        """Requests by whose they were and when, of all results so far, in that order."""
        return tuple(Counted(*key, number) for key, number in sorted(self._requests.items()))

    def convert(self, records: Sequence[Mapping[str, Any]]) -> Converted:
        """Results in columns; what they count is added up."""
        done = super().convert(records)
        for index, record in enumerate(records):
            number = record.get("num_model_requests")
            if index in done.bad:
                done.bad[index] = _UNGROUPED
            elif type(number) is not int or number < 0:
                done.bad[index] = _NO_COUNT
            else:
                self._count(record, number)
        return done

    def _count(self, record: Mapping[str, Any], number: int) -> None:
        start, end = (
            read_time(record.get(name), self._zone) for name in ("start_time", "end_time")
        )
        if start is None or end is None or start >= end:
            return  # a result that was taken out of its bucket
        for field, kind in _WHOSE:
            if name := name_of(record.get(field)):
                self._requests[kind, name, start, end] += number
                return


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    project = name_of(record.get("project_id"))
    if key := name_of(record.get("api_key_id")):
        return {"account_id": key, "parent_org": project}
    if user := name_of(record.get("user_id")):
        return {"end_user": user, "parent_org": project}
    return {"org_id": project} if project else {}
