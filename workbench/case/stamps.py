"""Time stamps of the heads of journals (RFC 3161): another authority says what was there, and when.

``decided/stamps/`` holds each state of the heads that was to be stamped, as the file that stock
tools check (``DIGEST.json``), and the authority's answer (``DIGEST.tsr``); without one it waits::

    openssl ts -verify -data DIGEST.json -in DIGEST.tsr -CAfile CA.pem

This room opens no connection, and must not know who decided what.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.case.casefile import fsync_folder, replace_file
from workbench.case.database import storage_error
from workbench.case.pins import Pin
from workbench.domain.errors import InputError, VerificationError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cryptography import x509
    from rfc3161_client import TimeStampResponse

#: Bytes of an answer; authorities send some 5 kB, with long chains of certificates 20.
LONGEST_ANSWER: Final = 1 << 20
_NAME: Final = re.compile(r"[0-9a-f]{64}\.json")
#: What the libraries raise for ASN.1 that is none, or of kinds that they do not know.
_MALFORMED: Final = (ValueError, KeyError, TypeError)
_NONE: Final = "The answer is no time stamp."
_REMEDY: Final = "Give an answer of a time-stamp authority (RFC 3161, .tsr), at most 1 MB."


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authority says of a digest.

    Attributes:
        at: When it saw it, UTC.
        authority: Who signed, as its certificate says it.
        serial: Of the stamp, as the authority counts.
        digest: SHA-256 (hex) of the answer.
    """

    at: datetime
    authority: str
    serial: int
    digest: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """A state of the heads, and what is said of it.

    Attributes:
        digest: SHA-256 (hex) of the file of heads: what is stamped.
        heads: The last line of each journal then.
        answer: None while it waits.
    """

    digest: str
    heads: Mapping[str, Pin]
    answer: Answer | None


class Stamps:
    """The stamps of a case.

    Args:
        folder: ``decided/stamps``; made when something is first to be stamped.
        case_id: Id of the case, which the file of heads names.
    """

    def __init__(self, folder: Path, case_id: str) -> None:
        self._folder = folder
        self._case_id = case_id

    def all(self) -> list[Stamp]:
        """Every state, those that wait last; the others by when they were stamped.

        Raises:
            VerificationError: A file is damaged, or an answer is of something else.
            StorageError: The folder cannot be read.
        """
        try:
            there = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
            found = [self._read(path) for path in there if _NAME.fullmatch(path.name)]
        except OSError as error:
            raise storage_error(error, f"The folder {self._folder}") from error
        answered = [one for one in found if one.answer is not None]
        answered.sort(key=lambda one: (one.answer.at, one.digest) if one.answer else ())
        return answered + [one for one in found if one.answer is None]

    def ask(self, heads: Mapping[str, Pin]) -> Stamp:
        """Have a state of the heads wait for its stamp; one that is there already stays.

        Raises:
            StorageError: It cannot be written.
        """
        told = {key: {"number": pin.number, "digest": pin.digest} for key, pin in heads.items()}
        content = {"case": self._case_id, "heads": told}
        data = (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()
        digest = hashlib.sha256(data).hexdigest()
        path = self._folder / f"{digest}.json"
        try:
            if not path.exists():
                self._folder.mkdir(exist_ok=True)
                fsync_folder(self._folder.parent)
                replace_file(path, data)
            return self._read(path)
        except OSError as error:
            raise storage_error(error, f"The folder {self._folder}") from error

    def request(self, stamp: Stamp) -> bytes:
        """What an authority is asked (DER, application/timestamp-query).

        Raises:
            VerificationError: The file of heads was changed.
        """
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

        data = self._data(self._folder / f"{stamp.digest}.json")
        return TimestampRequestBuilder(data, HashAlgorithm.SHA256).build().as_bytes()

    def keep(self, answer: bytes) -> Stamp:
        """Keep an authority's answer beside what it is of.

        Raises:
            InputError: It is no answer, a refusal, or of nothing that waits here.
            StorageError: It cannot be written.
        """
        response = _decoded(answer)
        try:
            imprint = response.tst_info.message_imprint.message.hex()
        except _MALFORMED as error:
            raise InputError(_NONE, remedy=_REMEDY) from error
        path = self._folder / f"{imprint}.json"
        if not path.is_file():
            raise InputError(
                f"The answer is a stamp of {imprint[:16]}, which is no state of this case's "
                "journals.",
                remedy="Give the answer to a request of this case.",
                safe="Nothing was kept.",
            )
        try:
            replace_file(path.with_suffix(".tsr"), answer)
        except OSError as error:
            raise storage_error(error, "The answer") from error
        return self._read(path)

    def files(self, stamp: Stamp) -> tuple[bytes, bytes]:
        """The file of heads, and the answer of one that has one.

        Raises:
            StorageError: They cannot be read.
        """
        path = self._folder / f"{stamp.digest}.json"
        try:
            return self._data(path), path.with_suffix(".tsr").read_bytes()
        except OSError as error:
            raise storage_error(error, f"The folder {self._folder}") from error

    def check(self, stamp: Stamp, certificates: Sequence[x509.Certificate]) -> None:
        """Check an answer's signature, and that its signer may stamp times.

        Args:
            stamp: One that has an answer.
            certificates: Whom to trust: roots, and what leads to them.

        Raises:
            VerificationError: It does not hold, or another authority signed it.
        """
        import rfc3161_client as rfc3161

        roots = [one for one in certificates if one.issuer == one.subject]
        if not roots:
            raise InputError(
                "The file of certificates holds no root certificate.",
                remedy="Give the authority's root certificate (PEM), with those between.",
            )
        between = [one for one in certificates if one not in roots]
        verifier = rfc3161.VerifierBuilder(roots=roots, intermediates=between).build()
        data = (self._folder / f"{stamp.digest}.tsr").read_bytes()
        try:
            verifier.verify(_decoded(data), bytes.fromhex(stamp.digest))
        except (rfc3161.VerificationError, *_MALFORMED) as error:
            raise VerificationError(
                f"The time stamp of {stamp.digest[:16]} does not hold: {error}.",
                remedy="Give the certificates of the authority that stamped it.",
            ) from error

    def _read(self, path: Path) -> Stamp:
        data = self._data(path)
        try:
            said = json.loads(data)
            heads = {
                str(key): Pin(int(pin["number"]), str(pin["digest"]))
                for key, pin in said["heads"].items()
            }
            if said["case"] != self._case_id:
                raise ValueError(said["case"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise VerificationError(
                f"{path} is no list of heads of this case.", remedy="Restore it from a copy."
            ) from error
        answered = path.with_suffix(".tsr")
        if not answered.exists():
            return Stamp(path.stem, heads, None)
        try:
            with answered.open("rb") as file:
                answer = _told(file.read(LONGEST_ANSWER + 1), path.stem)
        except InputError as error:
            raise VerificationError(
                f"{answered} is damaged. {error}", remedy="Restore it, or have it stamped again."
            ) from error
        return Stamp(path.stem, heads, answer)

    def _data(self, path: Path) -> bytes:
        """A file of heads; its name says what it holds."""
        with path.open("rb") as file:
            data = file.read(LONGEST_ANSWER + 1)
        if hashlib.sha256(data).hexdigest() != path.stem:
            raise VerificationError(
                f"{path} was changed after it was stamped.", remedy="Restore it from a copy."
            )
        return data


def _told(data: bytes, wanted: str) -> Answer:
    """What an answer says of a digest (hex).

    Raises:
        InputError: It is no answer, a refusal, or of something else.
    """
    response = _decoded(data)
    try:
        info = response.tst_info
        imprint, by = info.message_imprint.message.hex(), _authority(response)
        answer = Answer(info.gen_time, by, info.serial_number, hashlib.sha256(data).hexdigest())
    except _MALFORMED as error:  # the parts are read only when they are asked for
        raise InputError(_NONE, remedy=_REMEDY) from error
    if imprint != wanted:
        raise InputError("It answers another request, or was changed.")
    return answer


def _authority(response: TimeStampResponse) -> str:
    """Who signed: the subject of the signer's certificate; where it is not there, its issuer."""
    from cryptography import x509

    signed = response.signed_data
    names = []
    for signer in signed.signer_infos:
        name = signer.issuer
        for data in signed.certificates:
            certificate = x509.load_der_x509_certificate(data)
            if (certificate.issuer, certificate.serial_number) == (name, signer.serial_number):
                name = certificate.subject
                break
        names.append(name.rfc4514_string())
    return ", ".join(sorted(names))


def _decoded(data: bytes) -> TimeStampResponse:
    """An answer that grants a stamp.

    Raises:
        InputError: It is none.
    """
    from rfc3161_client import PKIStatus, decode_timestamp_response

    if len(data) > LONGEST_ANSWER:
        raise InputError("The answer is too long to be a time stamp.", remedy=_REMEDY)
    try:
        response = decode_timestamp_response(data)
        status: Any = response.status
        granted = status in {PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS}
        said = "" if granted else ", ".join(response.status_string)
    except _MALFORMED as error:
        raise InputError(_NONE, remedy=_REMEDY) from error
    if not granted:
        raise InputError(
            f"The authority refused (status {int(status)}{f': {said}' if said else ''}).",
            remedy="Ask another one, or ask it why.",
        )
    return response
