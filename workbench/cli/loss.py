"""``workbench loss``: what clusters were delivered, and what it costs by a list the user gives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
import typer

from workbench.cli.output import (
    CaseArgument,
    JsonOption,
    emit_json,
    say,
    show_table,
    warn_if_overtaken,
    write_csv,
)
from workbench.domain.errors import InputError, NotAssessedError
from workbench.domain.text import plural

if TYPE_CHECKING:
    from workbench.domain.prices import Bill, PriceList
    from workbench.services.loss import Loss
    from workbench.services.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("loss")
    def loss(
        case: CaseArgument,
        cluster: Annotated[
            str | None, typer.Option(metavar="ID", help="One cluster, such as C-001; all without.")
        ] = None,
        prices: Annotated[
            Path | None,
            typer.Option(metavar="FILE", help="Price list, TOML or CSV; else the one kept."),
        ] = None,
        keep: Annotated[
            bool, typer.Option("--keep", help="Keep the list: window and report price by it.")
        ] = False,
        forget: Annotated[
            bool, typer.Option("--forget", help="Keep no price list any more.")
        ] = False,
        csv: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Write every row to a CSV file.")
        ] = None,
        as_json: JsonOption = False,
    ) -> None:
        """Say what clusters were delivered: by what was asked for, by model, refusals, price.

        Example: workbench loss harbour.case --cluster C-001 --prices may.toml
        """
        from workbench.services.loss import NOT_COUNTED, table
        from workbench.services.loss_words import lines, without_price
        from workbench.services.workspace import Workspace

        if keep and prices is None:
            raise InputError("There is no list to keep.", remedy="Name it: --prices FILE.")
        if keep and forget:
            raise InputError("--keep and --forget say the contrary.", remedy="Give one of them.")
        with Workspace.open(case, write=keep or forget) as workspace:
            warn_if_overtaken(workspace)
            listed = _prices(workspace, prices, keep=keep, forget=forget)
            if cluster is None:
                losses = workspace.losses.every(listed)
            else:
                losses = workspace.losses.of(cluster, listed)
                if not losses:
                    raise NotAssessedError(NOT_COUNTED, remedy=f"Run: workbench analyse {case}")
        if csv is not None:
            write_csv(table(losses), csv)
        if as_json:
            emit_json({"losses": [_object(one) for one in losses], "prices": _list(listed)})
        elif csv is not None:
            say(f"{plural(table(losses).num_rows, 'row', 'rows')} written to {csv}")
        elif cluster is not None:
            for line in lines(losses):
                say(line)
        elif losses:
            show_table(_overview(losses), whole="--csv FILE or --json")
            for line in without_price(losses):
                say(line)
        else:
            say("No clusters: the analysis found none.")


def _prices(
    workspace: Workspace, path: Path | None, *, keep: bool, forget: bool
) -> PriceList | None:
    from workbench.services.price_lists import read_prices

    if forget:
        workspace.losses.forget_prices()
    if path is not None:
        if keep:
            workspace.losses.keep_prices(path)
        return read_prices(path)
    return workspace.losses.prices()


def _overview(losses: tuple[Loss, ...]) -> pa.Table:
    """A row a cluster and part."""
    names = ("n_exchanges", "out_tok", "reasoning_tok", "in_tok", "n_refused", "n_retried")
    rows: list[dict[str, Any]] = []
    for one in losses:
        row: dict[str, Any] = {"cluster_id": one.cluster_id, "part": one.part}
        row |= {name: one.totals[name] for name in names}
        if not one.totals["n_judged"]:
            row |= {"n_refused": None, "n_retried": None}
        if one.bill is not None:
            amount = one.bill.amount
            row |= {
                "price": None if amount is None else float(amount),
                "currency": one.bill.list.currency,
                "models_without_price": len(one.bill.unpriced),
            }
        rows.append(row)
    return pa.Table.from_pylist(rows)


def _object(one: Loss) -> dict[str, Any]:
    """A loss for ``--json``; names as they are in the tables, None = not in the log."""
    return {
        "cluster_id": one.cluster_id,
        "part": one.part,
        "totals": {k: v for k, v in one.totals.items() if k not in ("cluster_id", "part")},
        "capabilities": [_bare(row) for row in one.capabilities],
        "models": list(one.models()),
        "price": None if one.bill is None else _bill(one.bill),
    }


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    from workbench.services.loss_words import capability

    bare = {k: v for k, v in row.items() if k not in ("cluster_id", "part", "code")}
    return bare | {"name": capability(row)}


def _bill(bill: Bill) -> dict[str, Any]:
    return {
        "amount": None if bill.amount is None else float(bill.amount),
        "currency": bill.list.currency,
        "models": [
            {
                "model": cost.model,
                "amount": None if cost.amount is None else float(cost.amount),
                "priced_tokens": cost.priced,
                "unpriced_tokens": cost.unpriced,
                "exchanges_without_tokens": cost.untold,
            }
            for cost in bill.costs
        ],
        "exchanges_that_contradict_the_list": bill.contradicted,
    }


def _list(listed: PriceList | None) -> dict[str, Any] | None:
    if listed is None:
        return None
    return {
        "name": listed.name,
        "sha256": listed.digest,
        "currency": listed.currency,
        "reasoning_counted": listed.reasoning.value,
    }
