"""A campaign as a bundle of STIX 2.1, for partners' own tools: from plain values, the same bytes.

Ids are uuid5 over what an object is about, so that a second export renews the first. What STIX has
no words for (wordings, client handshakes, payments) goes as indicators of our own pattern type,
which other tools carry along; the whole fingerprint lies beside as an artifact, which
``stix_reading`` finds again. Writes no file and asks no network: ``stix2`` only makes and checks
the objects.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import rfc8785

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Ids are uuid5 in this namespace.
NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "tag:distillation-workbench,2026:stix")
#: Pattern type of what STIX has no words for.
OWN_PATTERN: Final = "distillation-workbench"
#: MIME type of the artifact that is a whole fingerprint.
FINGERPRINT_TYPE: Final = "application/vnd.distillation-workbench.fingerprint+json"
#: The extension that TLP 2.0 is written in, and the marks: OASIS cti-stix-common-objects.
TLP_EXTENSION: Final = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_MARKS: Final = {
    "TLP:CLEAR": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "TLP:GREEN": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "TLP:AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "TLP:AMBER+STRICT": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "TLP:RED": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
_TLP_CREATED: Final = "2022-10-01T00:00:00.000Z"
#: The most that a sighting may count.
_MOST_COUNTED: Final = 999_999_999
_LIMITS: Final = (
    "Computed from logs of one provider. Resembling it accuses nobody: logs show collection, they "
    "show neither training nor who ordered it."
)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing to look for.

    Attributes:
        kind: "wordings", "networks", "clients", "payments" or "domains".
        value: A network, a mail domain, "ja3 ...", "ja4 ...", "agent ...", a payment hash, or
            "head tail key" of a wording.
        name: What a person reads.
        accounts: Accounts of the campaign that show it.
        ordinary: Ordinary accounts that do.
        n_ordinary: Ordinary accounts that were asked.
    """

    kind: str
    value: str
    name: str
    accounts: int
    ordinary: int
    n_ordinary: int


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is told of a campaign.

    Attributes:
        key: What its ids are made of, the same at each export: digest of the case and cluster.
        name: What it is called.
        said: One or two sentences about it.
        provider: Who tells it.
        marking: TLP 2.0 mark.
        at_us: When this was found out, UTC microseconds: of the case, not of the clock, so that
            the same case gives the same bytes.
        first_us: Its first exchange; None where times are unknown.
        last_us: Its last.
        indicators: What to look for.
        fingerprint: The whole fingerprint as its file has it; empty for none.
    """

    key: str
    name: str
    said: str
    provider: str
    marking: str
    at_us: int
    first_us: int | None
    last_us: int | None
    indicators: Sequence[Indicator]
    fingerprint: bytes = b""


def stix_id(kind: str, *about: str) -> str:
    """The id of an object of a kind about something: always the same."""
    return f"{kind}--{uuid.uuid5(NAMESPACE, json.dumps([kind, *about]))}"


def stix_bundle(*told: Campaign) -> bytes:
    """The bundle of one campaign or several, canonical JSON; what they share is in it once.

    Raises:
        KeyError: No TLP 2.0 mark.
    """
    every = {str(one["id"]): one for each in told for one in map(_plain, _objects(each))}
    objects = [every[name] for name in sorted(every)]
    content = hashlib.sha256(rfc8785.dumps(objects)).hexdigest()
    whole: dict[str, Any] = {"type": "bundle", "id": stix_id("bundle", content), "objects": objects}
    return rfc8785.dumps(whole) + b"\n"


def pattern_of(kind: str, value: str) -> tuple[str, str]:
    """(pattern type, pattern) of an indicator's kind and value."""
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    if kind == "networks" and "/" in value:
        family = "ipv6" if ":" in value else "ipv4"
        return "stix", f"[{family}-addr:value ISSUBSET '{quoted}']"
    if kind == "domains":
        return "stix", f"[domain-name:value = '{quoted}']"
    if kind == "clients" and value.startswith("agent "):
        header = "network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'"
        return "stix", f"[{header} = '{quoted.removeprefix('agent ')}']"
    return OWN_PATTERN, f"{kind} {value}"


def _objects(told: Campaign) -> Iterator[Any]:
    # Imported here: with requests, which it never uses, it takes half a second.
    from stix2.v21 import Artifact, Identity, MarkingDefinition, Relationship, Sighting
    from stix2.v21 import Campaign as StixCampaign
    from stix2.v21 import Indicator as StixIndicator

    mark = TLP_MARKS[told.marking]
    at = _time(told.at_us)
    provider = Identity(
        id=stix_id("identity", told.provider),
        created=at,
        modified=at,
        name=told.provider,
        identity_class="organization",
        object_marking_refs=[mark],
    )
    common: dict[str, Any] = {
        "created": at,
        "modified": at,
        "created_by_ref": provider.id,
        "object_marking_refs": [mark],
    }
    seen = {
        name: _time(us)
        for name, us in (("first_seen", told.first_us), ("last_seen", told.last_us))
        if us is not None
    }
    campaign = StixCampaign(
        id=stix_id("campaign", told.key),
        name=told.name,
        description=f"{told.said} {_LIMITS}",
        **seen,
        **common,
    )
    yield MarkingDefinition(
        id=mark,
        created=_TLP_CREATED,
        name=told.marking,
        extensions={
            TLP_EXTENSION: {
                "extension_type": "property-extension",
                "tlp_2_0": told.marking.removeprefix("TLP:").lower(),
            }
        },
    )
    yield provider
    yield campaign
    for one in told.indicators:
        kind, pattern = pattern_of(one.kind, one.value)
        indicator = StixIndicator(
            id=stix_id("indicator", told.key, one.kind, one.value),
            name=one.name,
            description=f"Shown by {one.ordinary:,} in {one.n_ordinary:,} ordinary accounts.",
            indicator_types=["anomalous-activity"],
            pattern=pattern,
            pattern_type=kind,
            valid_from=_time(told.at_us if told.first_us is None else told.first_us),
            **common,
        )
        yield indicator
        yield Relationship(
            id=stix_id("relationship", indicator.id, campaign.id),
            relationship_type="indicates",
            source_ref=indicator.id,
            target_ref=campaign.id,
            **common,
        )
        yield Sighting(
            id=stix_id("sighting", indicator.id, provider.id),
            sighting_of_ref=indicator.id,
            where_sighted_refs=[provider.id],
            count=min(one.accounts, _MOST_COUNTED),
            **seen,
            **common,
        )
    if told.fingerprint:
        yield Artifact(
            id=stix_id("artifact", hashlib.sha256(told.fingerprint).hexdigest()),
            mime_type=FINGERPRINT_TYPE,
            payload_bin=base64.b64encode(told.fingerprint).decode(),
            object_marking_refs=[mark],
        )


def _plain(made: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made.serialize())
    return found


def _time(us: int) -> str:
    seconds, rest = divmod(us, 1_000_000)
    stamp = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{stamp}.{rest // 1000:03d}Z"
