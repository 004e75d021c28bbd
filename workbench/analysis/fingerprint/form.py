"""The file of a fingerprint: its fields, their bounds, and how it is written and read.

One JSON object in the canonical form of RFC 8785, whole numbers only, so that equal fingerprints
are equal bytes. What is read may come from anybody: types, bounds, lengths and sums are checked
before anything is used, and unknown fields are refused. docs/fingerprints.md says what each means.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
import numpy as np
import rfc8785

from workbench.domain.errors import InputError, VersionError
from workbench.domain.text import elide

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT: Final = "distillation-workbench fingerprint"
VERSION: Final = 1
#: Bytes of a file: the largest that this program writes has some 0.6 MB.
MOST_BYTES: Final = 8_000_000
#: Wordings, regions, clients and values that a fingerprint may hold.
MOST_WORDINGS: Final = 512
MOST_REGIONS: Final = 512
MOST_CLIENTS: Final = 64
MOST_VALUES: Final = 4_096
#: Combinations of the four kinds of elicitation, and gaps that double from a second to twelve days.
ELICITATIONS: Final = 16
OCTAVES: Final = 21
#: What only those get who ask for it: kinds of value of infrastructure.
ValueKind = Literal["networks", "clients", "payments", "domains"]
VALUE_KINDS: Final[tuple[ValueKind, ...]] = ("networks", "clients", "payments", "domains")
#: What is weighed, in the order in which it is told.
PARTS: Final = ("wordings", "regions", "elicitation", "pace", "clients", "values")

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000_000)]
_Hex16 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$")]
_Hex64 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
_Text = Annotated[str, msgspec.Meta(max_length=4_000)]
_Tokens = Annotated[int, msgspec.Meta(ge=0, le=16)]
_Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
#: Millionths.
Share = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
#: Thousandths of a nat.
_Nats = Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)]


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where it was taken.

    Attributes:
        program: Version of the program.
        case_digest: Digest of the case, as a bundle of it prints.
        cluster: Its id there.
        label: What a person had decided of it; None where nobody had.
        verdict: What the analysis said of it.
        first_day: UTC day of its first exchange; None where times are unknown.
        last_day: Of its last.
        n_accounts: Accounts that belong to it.
        n_prompts: Distinct prompts of each that were taken, summed.
        attributed: Whether only exchanges were taken that belong to what its accounts have in
            common.
    """

    program: _Word
    case_digest: _Hex64
    cluster: _Word
    label: _Word | None
    verdict: _Word
    first_day: _Day | None
    last_day: _Day | None
    n_accounts: Annotated[int, msgspec.Meta(ge=1, le=1_000_000_000)]
    n_prompts: Count
    attributed: bool


class Seen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many accounts show something.

    Attributes:
        members: Of the cluster.
        ordinary: Of the ordinary accounts that were asked.
    """

    members: Count
    ordinary: Count


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The skeleton of a prompt: how it begins, how it ends, or both.

    Attributes:
        head: Tokens of its beginning; 0 where only its end is known.
        tail: Tokens of its end.
        key: Hash of these tokens, hex.
        prompts: Distinct prompts of the cluster's accounts with it, summed over accounts.
        seen: Accounts that ask it.
        skeleton: Its words; None where they were not asked for.
    """

    head: _Tokens
    tail: _Tokens
    key: _Hex16
    prompts: Count
    seen: Seen
    skeleton: _Text | None


class Regions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where in the space of prompts the cluster has been, in a frame that it brings along.

    Attributes:
        embedder: Digest of what placed the prompts: elsewhere the same, or nothing is compared.
        dimension: Of its vectors.
        centroids: Unit vectors, a region each: signed bytes, each row's largest 127, in base64.
        prompts: Distinct prompts of the cluster's accounts in each region, summed over accounts.
        seen: Accounts that ask in each.
    """

    embedder: _Word
    dimension: Annotated[int, msgspec.Meta(ge=1, le=4_096)]
    centroids: Annotated[str, msgspec.Meta(max_length=4_000_000)]
    prompts: Annotated[list[Count], msgspec.Meta(min_length=1, max_length=MOST_REGIONS)]
    seen: Annotated[list[Seen], msgspec.Meta(min_length=1, max_length=MOST_REGIONS)]

    def vectors(self) -> NDArray[np.float32]:
        """f32[C, dimension] unit vectors.

        Raises:
            ValueError: They do not fit the other fields.
        """
        found = unpacked(self.centroids, self.dimension)
        if len(found) != len(self.prompts):
            raise ValueError("regions.centroids and regions.prompts differ in length")
        return found

    @staticmethod
    def packed(vectors: NDArray[np.float32]) -> str:
        """``centroids`` of unit vectors f32[C, D]."""
        largest = np.abs(vectors).max(axis=1, keepdims=True)
        rows = np.round(vectors / np.where(largest > 0, largest, 1.0) * 127).astype(np.int8)
        return base64.b64encode(rows.tobytes()).decode()


def unpacked(centroids: str, dimension: int) -> NDArray[np.float32]:
    """f32[C, dimension] unit vectors of ``Regions.packed``.

    Raises:
        ValueError: No base64, no whole vectors, or one of zeros.
    """
    try:
        data = base64.b64decode(centroids, validate=True)
    except binascii.Error as error:
        raise ValueError("regions.centroids is no base64") from error
    if len(data) % dimension:
        raise ValueError("regions.centroids holds no whole number of vectors")
    rows = np.frombuffer(data, np.int8).reshape(-1, dimension).astype(np.float32)
    lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
    if (lengths == 0).any():
        raise ValueError("regions.centroids holds a vector of zeros")
    unit: NDArray[np.float32] = (rows / lengths).astype(np.float32)
    return unit


class Client(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A family of client programs: the first word of a user agent, without its version.

    Attributes:
        family: The word.
        seen: Accounts that use it.
    """

    family: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,39}$")]
    seen: Seen


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value of infrastructure; only where somebody asked for its kind.

    Attributes:
        kind: One of ``VALUE_KINDS``.
        value: As the log has it; a network stands for its addresses.
        seen: Accounts that show it.
    """

    kind: ValueKind
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
    seen: Seen


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often a part speaks for the cluster, at home.

    Attributes:
        part: One of ``PARTS``.
        seen: Accounts for which it gives ``likeness.CLEAR`` nats or more.
        kinds: How common each way is in which a member's prompts come about, in millionths
            (``likeness.KINDS``); empty where a part is not weighed so.
    """

    part: Literal["wordings", "regions", "elicitation", "pace", "clients", "values"]
    seen: Seen
    kinds: Annotated[list[Share], msgspec.Meta(max_length=64)]


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From which evidence on an account is named.

    Attributes:
        nats: Thousandths; at most one ordinary account in a thousand had more at home.
        seen: Accounts that had more.
    """

    nats: _Nats
    seen: Seen


class Fingerprint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken of a cluster.

    Attributes:
        format: ``FORMAT``.
        version: ``VERSION``.
        origin: Where it was taken.
        ordinary: Ordinary accounts of that case in which every rate was measured.
        wordings: Most prompts first.
        regions: None where prompts had no place.
        elicitation: Distinct prompts by what they elicit, a bit a class; empty where not assessed.
        pace: Gaps between exchanges of an account, by octaves of seconds; empty likewise.
        clients: Most accounts first.
        pooling: Kind of value -> millionths of the cluster's accounts that share one with another.
        values: Sorted.
        parts: In the order of ``PARTS``.
        threshold: From which evidence on an account is named.
    """

    format: str
    version: int
    origin: Origin
    ordinary: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    wordings: Annotated[list[Wording], msgspec.Meta(max_length=MOST_WORDINGS)]
    regions: Regions | None
    elicitation: Annotated[list[Count], msgspec.Meta(max_length=ELICITATIONS)]
    pace: Annotated[list[Count], msgspec.Meta(max_length=OCTAVES)]
    clients: Annotated[list[Client], msgspec.Meta(max_length=MOST_CLIENTS)]
    pooling: dict[Literal["network", "payment", "domain", "client"], Share]
    values: Annotated[list[Value], msgspec.Meta(max_length=MOST_VALUES)]
    parts: Annotated[list[Measured], msgspec.Meta(min_length=1, max_length=len(PARTS))]
    threshold: Threshold

    @property
    def data(self) -> bytes:
        """The file: RFC 8785 and a line feed."""
        return rfc8785.dumps(msgspec.to_builtins(self)) + b"\n"

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the file."""
        return hashlib.sha256(self.data).hexdigest()


def read_file(path: Path) -> bytes:
    """The bytes of a file that somebody else may have made.

    Raises:
        InputError: It cannot be read, or is too large to be what it should.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise InputError(
            f"There is no file {path}.",
            remedy="Make one with: workbench fingerprint CASE --cluster ID --out FILE.",
        ) from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror or error}.", remedy="Name a file that can be."
        ) from error
    if len(data) > MOST_BYTES:
        raise InputError(
            f"{path} has more than {MOST_BYTES // 1_000_000} MB, which no fingerprint has.",
            remedy="Name a file that workbench fingerprint wrote.",
        )
    return data


def decoded(data: bytes, path: Path) -> Fingerprint:
    """A fingerprint from the bytes of a file.

    Args:
        data: The bytes.
        path: For messages.

    Raises:
        InputError: It is none, or a field is missing, unknown, of another type or out of bounds:
            the message names it.
        VersionError: A newer program wrote it.
    """
    again = "Ask for it again, or make it again with: workbench fingerprint."
    try:
        head = msgspec.json.decode(data, type=_Head)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path} is no fingerprint: {_said(error)}.", remedy=again) from error
    if head.format != FORMAT:
        raise InputError(
            f"{path} is no fingerprint: its field format says something else.", remedy=again
        )
    if head.version != VERSION:
        raise VersionError(
            f"{path} is a fingerprint of version {head.version}; this program reads version "
            f"{VERSION}.",
            remedy="Use the program that made it, or a newer one.",
        )
    try:
        found = msgspec.json.decode(data, type=Fingerprint)
        _check(found)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is damaged: {_said(error)}.", remedy=again) from error
    return found


class _Head(msgspec.Struct):
    format: str = ""
    version: int = 0


def _said(error: Exception) -> str:
    """What the decoder says, with the field's name as a person writes it."""
    said = elide(str(error).rstrip("."), 300)
    return said.replace(" - at `$.", " - in field `").replace(" - at `$", " - in field `")


def _check(found: Fingerprint) -> None:
    """What types cannot say.

    Raises:
        ValueError: A field does not fit another.
    """
    members, ordinary = found.origin.n_accounts, found.ordinary
    for name, seen in _all_seen(found):
        if seen.members > members:
            raise ValueError(f"{name} speaks of more accounts than origin.n_accounts")
        if seen.ordinary > ordinary:
            raise ValueError(f"{name} speaks of more accounts than ordinary")
    for name, size in (("elicitation", ELICITATIONS), ("pace", OCTAVES)):
        if len(getattr(found, name)) not in (0, size):
            raise ValueError(f"{name} must have {size} numbers, or none")
    if any(wording.head + wording.tail == 0 for wording in found.wordings):
        raise ValueError("wordings holds one without any token")
    for name, keys in (
        ("wordings", [(w.head, w.tail, w.key) for w in found.wordings]),
        ("clients", [c.family for c in found.clients]),
        ("values", [(v.kind, v.value) for v in found.values]),
        ("parts", [p.part for p in found.parts]),
    ):
        if len(set[Any](keys)) != len(keys):
            raise ValueError(f"{name} holds one twice")
    if found.regions is not None:
        if len(found.regions.seen) != len(found.regions.prompts):
            raise ValueError("regions.seen and regions.prompts differ in length")
        found.regions.vectors()


def _all_seen(found: Fingerprint) -> list[tuple[str, Seen]]:
    every = [("wordings", w.seen) for w in found.wordings]
    every += [("clients", c.seen) for c in found.clients]
    every += [("values", v.seen) for v in found.values]
    every += [("parts", p.seen) for p in found.parts]
    every += [("regions.seen", s) for s in (found.regions.seen if found.regions else ())]
    return [*every, ("threshold", found.threshold.seen)]
