"""The words of the house keep their promises."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain.account import AccountKey, IdentityKind
from workbench.domain.errors import InputError, KnownError
from workbench.domain.exchange import (
    CANONICAL_SCHEMA,
    RECORD_SCHEMA,
    Accounting,
    Fate,
)
from workbench.domain.ports import Statement
from workbench.domain.resources import resource_path, sample_path
from workbench.domain.selection import (
    AccountSet,
    Combine,
    Polygon,
    Selection,
    SelectionDefinition,
)

_counts = st.builds(Accounting, **{fate.value: st.integers(0, 10**9) for fate in Fate})


@given(_counts, _counts)
def test_records_are_the_sum_of_the_fates(a: Accounting, b: Accounting) -> None:
    both = a + b
    assert both.records == a.records + b.records
    assert both.as_dict()["records"] == sum(both.as_dict()[fate.value] for fate in Fate)
    assert both.exchanges == both.loaded + both.conflict


def test_coerced_fields_are_no_fate() -> None:
    assert Accounting(loaded=2, coerced=5).records == 2


def test_accounting_reads_in_the_order_of_the_contract() -> None:
    assert list(Accounting().as_dict()) == [
        "records", "loaded", "joined", "rejected", "blank", "duplicate", "conflict", "header",
        "coerced",
    ]  # fmt: skip


@given(st.sampled_from(IdentityKind), st.text().filter(lambda s: ":" not in s), st.text())
def test_an_account_key_survives_its_text(kind: IdentityKind, namespace: str, value: str) -> None:
    key = AccountKey(kind, namespace, value)
    assert AccountKey.parse(str(key)) == key


@pytest.mark.parametrize("text", ["", "key", "key:only", "planet:ns:value"])
def test_what_is_no_account_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        AccountKey.parse(text)


def test_a_bitmask_holds_every_canonical_column() -> None:
    assert len(CANONICAL_SCHEMA) <= 64
    assert RECORD_SCHEMA.names[-len(CANONICAL_SCHEMA) :] == CANONICAL_SCHEMA.names
    assert RECORD_SCHEMA.field("coerced").type == pa.uint64()


def test_replace_starts_a_selection_anew_and_others_go_on() -> None:
    square = Polygon(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)))
    definition = SelectionDefinition().then(Combine.ADD, square)
    definition = definition.then(Combine.SUBTRACT, AccountSet(()))
    assert [step.combine for step in definition.steps] == [Combine.ADD, Combine.SUBTRACT]
    assert len(definition.then(Combine.REPLACE, square).steps) == 1


def test_the_digest_of_a_selection_knows_its_accounts_and_not_their_order() -> None:
    a = AccountKey(IdentityKind.KEY, "", "a")
    b = AccountKey(IdentityKind.KEY, "", "b")
    assert Selection.digest_of((a, b)) == Selection.digest_of((b, a))
    assert Selection.digest_of((a,)) != Selection.digest_of((b,))
    assert len(Selection.digest_of(())) == 64


def test_an_error_reads_fact_safety_remedy() -> None:
    error = InputError("Disk is full.", safe="The case is as before.", remedy="Free 3 GB.")
    assert str(error) == "Disk is full. The case is as before. Free 3 GB."
    assert isinstance(error, KnownError)


def test_a_statement_is_the_file_beside_its_module(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "count.sql").write_text("SELECT 1", "utf-8")
    assert Statement.read(folder / "module.py", "count") == Statement("count", "SELECT 1")


def test_what_is_not_shipped_is_named() -> None:
    assert sample_path().is_dir()
    with pytest.raises(FileNotFoundError, match="no such thing"):
        resource_path("no such thing")
