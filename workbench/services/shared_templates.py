"""The templates of what is shared: which there are, and their words where several have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from workbench.bundle.share.content import TEMPLATES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from workbench.case.share_key import ShareKey
    from workbench.domain.ports import Artifacts
    from workbench.services.export_scope import Group
    from workbench.services.results import Results
    from workbench.services.scrubbing import Scrubber
    from workbench.services.skeletons import Skeletons

#: Prompts and accounts of a subject that must share a skeleton before its words are shown.
LEAST_PROMPTS: Final = 6
LEAST_ACCOUNTS: Final = 3
#: Templates of a subject that are listed, those of most prompts.
_MOST: Final = 200


@dataclass(frozen=True)
class SharedTemplates:
    """Templates by name.

    Attributes:
        table: Rows of ``TEMPLATES``: by subject, most prompts first.
        rare: How many have no words because too few share them.
        hidden: How many have none because prompts of theirs are withheld.
        exchange_id: i64[n], ascending: exchanges that have a listed template.
        name: Names of theirs, string[n].
    """

    table: pa.Table
    rare: int
    hidden: int
    exchange_id: NDArray[np.int64]
    name: pa.Array

    @classmethod
    def read(
        cls,
        results: Results,
        artifacts: Artifacts,
        groups: Sequence[Group],
        key: ShareKey,
        scrubber: Scrubber,
        words: Skeletons,
    ) -> SharedTemplates:
        """Count them, and scrub the words of those that several share."""
        nothing = cls(
            TEMPLATES.empty_table(), 0, 0, np.empty(0, np.int64), pa.array([], pa.string())
        )
        points = results.points
        if points is None:
            return nothing
        try:
            template = np.asarray(artifacts.array("text.templates", "template"))
            skeletons = artifacts.table("text.templates", "templates").column("skeleton")
        except KeyError:
            return nothing
        rows, ids, names = [], [], []
        rare = hidden = 0
        for group in groups:
            mine = np.flatnonzero(points.of(group.marks(results.n_accounts)) & (points.prompt >= 0))
            of = template[points.prompt[mine]]
            mine, of = mine[of >= 0], of[of >= 0]
            prompts = _distinct(of, points.prompt[mine])
            accounts = _distinct(of, points.account[mine])
            exchanges = np.bincount(of)
            listed = np.flatnonzero(exchanges)
            listed = listed[np.lexsort((listed, -prompts[listed]))][:_MOST]
            word = {}
            for number in listed.tolist():
                skeleton = str(skeletons[number].as_py())
                word[number] = key.word("template", skeleton)
                enough = prompts[number] >= LEAST_PROMPTS and accounts[number] >= LEAST_ACCOUNTS
                withheld = words.why(skeleton) is not None
                rare += not enough
                hidden += enough and withheld
                rows.append(
                    {
                        "cluster_id": group.id if group.row >= 0 else None,
                        "template": word[number],
                        "n_prompts": int(prompts[number]),
                        "n_exchanges": int(exchanges[number]),
                        "n_accounts": int(accounts[number]),
                        "skeleton": scrubber.text(skeleton) if enough and not withheld else None,
                    }
                )
            known = np.isin(of, listed)
            ids.append(points.exchange_id[mine[known]])
            names += [word[number] for number in of[known].tolist()]
        exchange_id = np.concatenate(ids) if ids else np.empty(0, np.int64)
        order = np.argsort(exchange_id)
        return cls(
            pa.Table.from_pylist(rows, schema=TEMPLATES),
            rare,
            hidden,
            exchange_id[order],
            pa.array(names, pa.string()).take(pa.array(order)),
        )

    def of(self, exchange_id: NDArray[np.int64]) -> pa.Array:
        """The template of each exchange, NULL where none is listed."""
        if not len(self.exchange_id):
            return pa.nulls(len(exchange_id), pa.string())
        at = np.minimum(np.searchsorted(self.exchange_id, exchange_id), len(self.exchange_id) - 1)
        there = self.exchange_id[at] == exchange_id
        return self.name.take(pa.array(at, mask=~there))


def _distinct(of: NDArray[np.int32], what: NDArray[np.int32]) -> NDArray[np.int64]:
    """By template: how many different things."""
    pairs = np.unique(np.column_stack((of, what)), axis=0)
    return np.bincount(pairs[:, 0], minlength=int(of.max(initial=-1)) + 1)
