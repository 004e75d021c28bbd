"""The first two stages: who sent, and what each sent in order of time.

Integer codes are the case's; later stages use the dense index, the position in ``code``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from workbench.analysis.stage import Context, Stage, StageResult
from workbench.domain.account import AccountKey, IdentityKind
from workbench.domain.ports import Statement

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SUMMARY = Statement.read(__file__, "account_summary")
_NAMES = Statement.read(__file__, "account_names")
_ORGANISATIONS = Statement.read(__file__, "organisation_names")
_ROWS = Statement.read(__file__, "exchange_rows")

#: What a NULL time becomes, so that it sorts first.
NO_TIME: Final = np.iinfo(np.int64).min

ACCOUNTS_TABLE: Final = pa.schema(
    [
        ("code", pa.int32()),
        ("account_key", pa.string()),
        ("value", pa.string()),
        ("org", pa.string()),
        ("n_exchanges", pa.int64()),
        ("n_prompts", pa.int64()),
        ("first_us", pa.int64()),
        ("last_us", pa.int64()),
        ("in_tok", pa.int64()),
        ("out_tok", pa.int64()),
        ("reasoning_tok", pa.int64()),
    ]
)


def accounts_stage() -> Stage:
    """Every account, with its key and its totals."""
    return Stage("accounts", "Counting accounts", accounts, libraries=("pyarrow",), weight=2.0)


def exchanges_stage() -> Stage:
    """Exchanges by account and time."""
    return Stage(
        "exchanges", "Sorting exchanges", exchanges, after=("accounts",),
        libraries=("numpy", "pyarrow"), added=False, weight=2.0,
    )  # fmt: skip


def accounts(context: Context) -> StageResult:
    """Sum up what each account sent.

    Returns:
        ``code`` i32[A], ascending; table ``accounts`` (``ACCOUNTS_TABLE``, A rows). ``org`` is
        NULL where none was declared, and where an account declared several.
    """
    summary = context.engine.table(_SUMMARY)
    codes = summary.column("code").to_numpy().astype(np.int32)
    names = context.engine.table(_NAMES)
    known = names.column("code").to_numpy()
    rows = pa.array(np.searchsorted(known, codes))
    names = names.take(rows)
    keys = [
        str(AccountKey(IdentityKind(kind), namespace or "", value))
        for kind, namespace, value in zip(
            *(names.column(c).to_pylist() for c in ("kind", "namespace", "value")), strict=True
        )
    ]
    organisations = context.engine.table(_ORGANISATIONS)
    value_of = dict(
        zip(*(organisations.column(c).to_pylist() for c in ("org_id", "org")), strict=True)
    )
    orgs = [
        value_of.get(org_id) if n_orgs == 1 else None
        for org_id, n_orgs in zip(
            *(summary.column(c).to_pylist() for c in ("org_id", "n_orgs")), strict=True
        )
    ]
    columns = {
        "code": pa.array(codes, pa.int32()),
        "account_key": pa.array(keys, pa.string()),
        "value": names.column("value"),
        "org": pa.array(orgs, pa.string()),
    }
    columns |= {name: summary.column(name) for name in ACCOUNTS_TABLE.names[4:]}
    table = pa.table(columns).cast(ACCOUNTS_TABLE).combine_chunks()
    return StageResult(
        arrays={"code": codes}, tables={"accounts": table}, info={"n_accounts": len(codes)}
    )


def exchanges(context: Context) -> StageResult:
    """Sort the exchanges by account, time and id.

    Returns:
        ``offsets`` i64[A+1] into the other arrays; ``ts`` i64[N] (UTC microseconds, INT64_MIN
        for NULL), ``prompt`` i32[N] (-1 for NULL), ``exchange_id`` i64[N]. N counts exchanges
        that have an account.
    """
    codes = context.artifacts.array("accounts", "code")
    n = int(context.artifacts.table("accounts", "accounts").column("n_exchanges").to_numpy().sum())
    columns: dict[str, NDArray[Any]] = {
        "account": np.empty(n, np.int32),
        "ts": np.empty(n, np.int64),
        "prompt": np.empty(n, np.int32),
        "exchange_id": np.empty(n, np.int64),
    }
    at = 0
    for batch in context.engine.scan(_ROWS, rows=262_144):
        context.job.check()
        upto = at + batch.num_rows
        columns["account"][at:upto] = np.searchsorted(codes, batch.column("account_id").to_numpy())
        columns["ts"][at:upto] = _filled(batch, "ts_us", NO_TIME)
        columns["prompt"][at:upto] = _filled(batch, "prompt_id", -1)
        columns["exchange_id"][at:upto] = batch.column("exchange_id").to_numpy()
        at = upto
        context.job.report("Sorting exchanges", count=at, total=n, unit="exchanges")
    # Stable and by id already: two keys are enough.
    order = np.lexsort((columns["ts"], columns["account"]))
    offsets = np.zeros(len(codes) + 1, np.int64)
    np.cumsum(np.bincount(columns.pop("account"), minlength=len(codes)), out=offsets[1:])
    return StageResult(
        arrays={"offsets": offsets, **{name: values[order] for name, values in columns.items()}},
        info={"n_exchanges": n},
    )


def _filled(batch: pa.RecordBatch, name: str, fill: int) -> NDArray[Any]:
    values: NDArray[Any] = batch.column(name).fill_null(fill).to_numpy(zero_copy_only=False)
    return values
