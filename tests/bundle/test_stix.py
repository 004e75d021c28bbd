"""STIX 2.1 out and in: stable, marked, valid for the library, careful with what is read."""

from __future__ import annotations

import base64
import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import rfc8785
import stix2

from tests.analysis.fingerprint.made_up import fingerprint
from workbench.bundle.stix import (
    FINGERPRINT_TYPE,
    OWN_PATTERN,
    TLP_EXTENSION,
    TLP_MARKS,
    Campaign,
    stix_bundle,
)
from workbench.bundle.stix_reading import MOST_OBJECTS, is_stix, read_stix
from workbench.domain.errors import InputError
from workbench.services.partners import campaign_of, indicators_of

if TYPE_CHECKING:
    from collections.abc import Mapping

AT_US = 1_777_593_600_123_456
HERE = Path("partner.json")


def campaign(marking: str = "TLP:AMBER+STRICT") -> Campaign:
    return campaign_of(fingerprint(), "Harbour Models", marking, AT_US)


def objects(data: bytes, kind: str) -> list[dict[str, Any]]:
    return [one for one in json.loads(data)["objects"] if one["type"] == kind]


def bundle(*indicators: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": "bundle", "id": "bundle--1", "objects": indicators}).encode()


def indicator(pattern: Any, kind: str = "stix") -> dict[str, Any]:
    return {"type": "indicator", "id": "indicator--1", "pattern": pattern, "pattern_type": kind}


# --- out ---------------------------------------------------------------------------------------
def test_the_same_campaign_gives_the_same_bytes_and_ids() -> None:
    first, again = stix_bundle(campaign()), stix_bundle(campaign())
    assert first == again
    assert rfc8785.dumps(json.loads(first)) + b"\n" == first
    ids = [one["id"] for one in json.loads(first)["objects"]]
    assert len(set(ids)) == len(ids)


def test_the_library_takes_every_object() -> None:
    found = stix2.parse(stix_bundle(campaign()).decode(), allow_custom=False, version="2.1")
    kinds = {one["type"] for one in found.objects}
    assert kinds == {
        "artifact", "campaign", "identity", "indicator", "marking-definition", "relationship",
        "sighting",
    }  # fmt: skip


@pytest.mark.parametrize("mark", TLP_MARKS)
def test_every_object_bears_the_mark_of_tlp_2(mark: str) -> None:
    data = stix_bundle(campaign(mark))
    (definition,) = objects(data, "marking-definition")
    assert definition == {
        "type": "marking-definition",
        "spec_version": "2.1",
        "id": TLP_MARKS[mark],
        "created": "2022-10-01T00:00:00.000Z",
        "name": mark,
        "extensions": {
            TLP_EXTENSION: {
                "extension_type": "property-extension",
                "tlp_2_0": mark.removeprefix("TLP:").lower(),
            }
        },
    }
    for one in json.loads(data)["objects"]:
        if one["type"] != "marking-definition":
            assert one["object_marking_refs"] == [TLP_MARKS[mark]]


def test_marks_are_those_that_oasis_published() -> None:
    assert TLP_EXTENSION == "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
    assert {mark: name.split("--")[1][:8] for mark, name in TLP_MARKS.items()} == {
        "TLP:CLEAR": "94868c89",
        "TLP:GREEN": "bab4a63c",
        "TLP:AMBER": "55d920b0",
        "TLP:AMBER+STRICT": "939a9414",
        "TLP:RED": "e828b379",
    }


def test_each_indicator_is_sighted_and_leads_to_the_campaign() -> None:
    data = stix_bundle(campaign())
    (told,) = objects(data, "campaign")
    indicators = objects(data, "indicator")
    assert len(indicators) == 5
    assert "accuses nobody" in told["description"]
    assert {one["source_ref"] for one in objects(data, "relationship")} == {
        one["id"] for one in indicators
    }
    assert {one["target_ref"] for one in objects(data, "relationship")} == {told["id"]}
    counts = {one["sighting_of_ref"]: one["count"] for one in objects(data, "sighting")}
    by_pattern = {one["pattern"]: counts[one["id"]] for one in indicators}
    assert by_pattern["[ipv4-addr:value ISSUBSET '203.0.113.0/24']"] == 6
    assert by_pattern["wordings 5 0 00ff00ff00ff00ff"] == 30


# --- in ----------------------------------------------------------------------------------------
def test_what_was_written_is_read_again() -> None:
    data = stix_bundle(campaign())
    assert is_stix(data)
    found = read_stix(data, HERE)
    made = fingerprint()
    assert found.fingerprints == (made.data,)
    assert not found.unread
    assert set(found.values) == {
        *((value.kind, value.value) for value in made.values),
        *(("wordings", f"{w.head} {w.tail} {w.key}") for w in made.wordings),
    }
    looked, others = indicators_of(found, HERE)
    assert not others
    assert len(looked.skeletons) == 2
    assert looked.values["networks"] == ("203.0.113.0/24",)


@pytest.mark.parametrize(
    ("pattern", "values"),
    [
        ("[ipv4-addr:value = '198.51.100.7']", [("networks", "198.51.100.7")]),
        (
            "[ipv4-addr:value = '1.2.3.4' OR ipv4-addr:value = '1.2.3.5']",
            [("networks", "1.2.3.4"), ("networks", "1.2.3.5")],
        ),
        ("[domain-name:value = 'it\\'s.example']", [("domains", "it's.example")]),
        (
            "[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'x/1']",
            [("clients", "agent x/1")],
        ),
    ],
)
def test_patterns_that_are_understood(pattern: str, values: list[tuple[str, str]]) -> None:
    assert list(read_stix(bundle(indicator(pattern)), HERE).values) == values


@pytest.mark.parametrize(
    ("pattern", "kind", "why"),
    [
        ("[ipv4-addr:value != '1.2.3.4']", "stix", "more than equal"),
        ("[ipv4-addr:value NOT = '1.2.3.4']", "stix", "more than equal"),
        ("[ipv4-addr:value LIKE '1.%']", "stix", "more than equal"),
        ("[ipv4-addr:value = '1.2.3.4'] FOLLOWEDBY [ipv4-addr:value = '1.2.3.5']", "stix",
         "several observations"),
        ("[ipv4-addr:value = '1.2.3.4' AND ipv4-addr:value = '1.2.3.5']", "stix", "more than"),
        ("[file:name = 'x']", "stix", "logs hold no file:name"),
        ("[", "stix", "no STIX pattern"),
        ("", "stix", "no STIX pattern"),
        ("[" + "(" * 900 + "a:b = 'c'" + ")" * 900 + "]", "stix", "no STIX pattern"),
        ("[a:b = '" + "x" * 3_000 + "']", "stix", "characters"),
        (7, "stix", "no pattern"),
        ("rule x {}", "yara", "yara is not known"),
        ("moods happy", OWN_PATTERN, "newer program"),
    ],
)  # fmt: skip
def test_patterns_that_are_not_are_named(pattern: Any, kind: str, why: str) -> None:
    good = indicator("[ipv4-addr:value = '1.2.3.4']") | {"id": "indicator--2"}
    (unread,) = read_stix(bundle(indicator(pattern, kind), good), HERE).unread
    assert unread.id == "indicator--1"
    assert why in unread.why
    with pytest.raises(InputError, match="no indicator that can be looked for"):
        read_stix(bundle(indicator(pattern, kind)), HERE)


def test_what_was_revoked_is_not_looked_for() -> None:
    gone = indicator("[ipv4-addr:value = '1.2.3.4']") | {"revoked": True}
    with pytest.raises(InputError, match="1 were not understood"):
        read_stix(bundle(gone), HERE)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b'{"type": "bundle"}', b'{"type":"bundle","objects":[1]}',
     b'{"type": "bundle", "objects": {}}', b'{"type":"bundle","objects":' + b"[" * 50_000],
)  # fmt: skip
def test_what_is_no_bundle(data: bytes) -> None:
    with pytest.raises(InputError, match=r"partner\.json is no bundle of STIX"):
        read_stix(data, HERE)


def test_bounds_of_a_bundle() -> None:
    with pytest.raises(InputError, match="20,000 are read"):
        read_stix(bundle(*[{"type": "note"}] * (MOST_OBJECTS + 1)), HERE)


def test_a_fingerprint_elsewhere_is_not_fetched() -> None:
    elsewhere = {"type": "artifact", "id": "artifact--1", "mime_type": FINGERPRINT_TYPE,
                 "url": "https://example.invalid/f"}  # fmt: skip
    broken = elsewhere | {"id": "artifact--2", "payload_bin": "?"}
    found = read_stix(bundle(elsewhere, broken, indicator("[ipv4-addr:value = '1.2.3.4']")), HERE)
    assert [one.why for one in found.unread] == [
        "it brings no fingerprint along; references are not followed",
        "its fingerprint is no base64",
    ]


def test_networks_wider_than_logs_are_read_by_are_named() -> None:
    data = bundle(
        indicator("[ipv4-addr:value ISSUBSET '10.0.0.0/8']"),
        indicator("[ipv4-addr:value = 'nowhere']"),
        indicator("[ipv6-addr:value = '2001:db8:1:2::3']"),
        indicator("[ipv4-addr:value ISSUBSET '192.0.2.128/25']"),
    )
    looked, unread = indicators_of(read_stix(data, HERE), HERE)
    assert looked.values == {"networks": ("2001:db8:1::/48", "192.0.2.0/24")}
    assert len(unread) == 2
    only = bundle(indicator("[ipv4-addr:value ISSUBSET '10.0.0.0/8']"))
    with pytest.raises(InputError, match="no indicator"):
        indicators_of(read_stix(only, HERE), HERE)
    odd = bundle(indicator("wordings 17 0 00ff00ff00ff00ff", OWN_PATTERN))
    with pytest.raises(InputError, match="no indicator"):
        indicators_of(read_stix(odd, HERE), HERE)


def test_nothing_of_it_asks_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    read_stix(stix_bundle(campaign()), HERE)


def test_the_library_is_not_there_until_it_is_asked_for() -> None:
    """A window, and every command but two, does without it and what it brings along."""
    asked = (
        "import sys, workbench.cli.main, workbench.services.workspace, "
        "workbench.services.fingerprinting, workbench.bundle.stix, workbench.bundle.stix_reading; "
        "print(sorted({'stix2', 'requests', 'stix2patterns'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_payload_is_base64_of_the_file() -> None:
    (artifact,) = objects(stix_bundle(campaign()), "artifact")
    assert base64.b64decode(artifact["payload_bin"]) == fingerprint().data
