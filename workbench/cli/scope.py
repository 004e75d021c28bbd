"""Which accounts a command speaks of: clusters, one label, or accounts by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.domain.errors import InputError
from workbench.domain.label import Label

if TYPE_CHECKING:
    from workbench.services.export_scope import Scope

ClusterOption = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="A cluster; may be repeated.")
]
LabelOption = Annotated[Label | None, typer.Option(help="Accounts on which this label stands.")]
AccountOption = Annotated[
    list[str] | None, typer.Option(metavar="ID", help="An account; may be repeated.")
]


def scope_of(
    command: str, cluster: list[str] | None, label: Label | None, account: list[str] | None
) -> Scope:
    """The scope that was chosen.

    Raises:
        InputError: None was chosen, or more than one kind.
    """
    from workbench.services.export_scope import Scope

    if sum(map(bool, (cluster, label, account))) != 1:
        raise InputError(
            f"{command} takes clusters, one label, or accounts.",
            remedy="Give one of --cluster ID, --label LABEL, --account ID.",
        )
    return Scope(tuple(cluster or ()), label, tuple(account or ()))
