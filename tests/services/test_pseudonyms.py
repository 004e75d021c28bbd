"""Pseudonyms: the same name the same word, networks kept, nothing told without the key."""

import hashlib
import hmac
import ipaddress

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.signals.ties import network_of
from workbench.domain.door import ALPHABET, PSEUDONYMS
from workbench.domain.exchange import CANONICAL_SCHEMA, RECORD_SCHEMA, REJECT_SCHEMA
from workbench.domain.ports import Parsed
from workbench.services.pseudonyms import Pseudonyms

SECRET = bytes(range(32))
EVERY = Pseudonyms(SECRET, PSEUDONYMS)

addresses = st.one_of(
    st.ip_addresses().map(str),
    st.ip_addresses(v=4).map(lambda a: f"::ffff:{a}"),
    st.ip_addresses(v=4).map(lambda a: f"{ipaddress.ip_network((a, 24), strict=False)}"),
    st.text(min_size=1, max_size=20),
)


def parsed(**columns: list[str | None]) -> Parsed:
    n = len(next(iter(columns.values())))
    arrays = [pa.array(columns.get(field.name, [None] * n), field.type) for field in RECORD_SCHEMA]
    records = pa.RecordBatch.from_arrays(arrays, schema=RECORD_SCHEMA)
    return Parsed(records, pa.RecordBatch.from_pylist([], schema=REJECT_SCHEMA))


def test_the_construction_is_the_one_that_is_documented() -> None:
    digest = hmac.new(SECRET, b"account_id\0jane", hashlib.sha256).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)
    groups = [bits[5 * n : 5 * n + 5] for n in range(16)]
    assert EVERY.of("account_id", "jane") == "acc-" + "".join(ALPHABET[int(g, 2)] for g in groups)


@given(st.lists(st.text(max_size=8), min_size=1), st.sampled_from(sorted(PSEUDONYMS)))
def test_equal_names_have_equal_pseudonyms_and_no_others(names: list[str], column: str) -> None:
    found = [EVERY.of(column, name) for name in names]
    # Addresses of one spelling are one.
    distinct = {name.strip() if column == "ip" else name for name in names}
    assert len(set(found)) == len(distinct)
    assert all(word.startswith(f"{PSEUDONYMS[column]}-") for word in found)
    assert found == [EVERY.of(column, name) for name in names]
    other = Pseudonyms(b"x" * 32, PSEUDONYMS)
    assert not set(found) & {other.of(column, name) for name in names}


@given(st.lists(addresses, min_size=2, max_size=8))
def test_pseudonyms_lie_in_one_network_where_addresses_do(them: list[str]) -> None:
    replaced = [EVERY.of("ip", one) for one in them]
    for one, its in zip(them, replaced, strict=True):
        for other, theirs in zip(them, replaced, strict=True):
            same = network_of(one) == network_of(other)
            assert (network_of(its) == network_of(theirs)) is same
    for its in replaced:
        with pytest.raises(ValueError, match="does not appear to be"):
            ipaddress.ip_address(its)  # nobody's address


def test_neighbours_of_one_network_are_told_apart() -> None:
    one, two = EVERY.of("ip", "192.0.2.1"), EVERY.of("ip", "192.0.2.2")
    far = EVERY.of("ip", "192.0.3.1")
    assert network_of(one) == network_of(two) != network_of(far)
    assert (
        len({one, two, far, EVERY.of("ip", " 192.0.2.1 "), EVERY.of("ip", "::ffff:192.0.2.1")}) == 3
    )


def test_only_the_columns_that_were_named_are_replaced() -> None:
    some = Pseudonyms(SECRET, ("ip", "account_id"))
    assert some.columns == ("account_id", "ip")
    before = parsed(
        account_id=["jane", None, "joe", "jane"], ip=["192.0.2.1", "", None, "192.0.2.1"],
        org_id=["acme", None, None, "acme"], prompt=["a", "b", "c", None],
    )  # fmt: skip
    after = some.records(before).records
    assert after.schema.equals(RECORD_SCHEMA)
    for name in CANONICAL_SCHEMA.names:
        if name not in some.columns:
            assert after.column(name).equals(before.records.column(name))
    ids = after.column("account_id").to_pylist()
    assert ids == [some.of("account_id", "jane"), None, some.of("account_id", "joe"), ids[0]]
    assert after.column("ip").to_pylist()[2] is None
