"""Blocks to a worker and Arrow back, over a socket pair.

A socket and a buffer of the right size move a gigabyte in a quarter of a second of processor
time; ``multiprocessing``'s own pipe takes five times as long: it allocates anew for every read.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import msgspec
import pyarrow as pa

from workbench.domain.exchange import HALVES_SCHEMA, RECORD_SCHEMA, REJECT_SCHEMA
from workbench.domain.ports import Parsed, Unread

if TYPE_CHECKING:
    import socket

#: Length of a pickled recipe (0: as before), length of the data, whether the file begins here.
REQUEST: Final = struct.Struct("<QQ?")
#: Whether it went well, blank and header records, lengths of the three Arrow batches (of halves
#: there may be none: 0) and of the samples as JSON.
ANSWER: Final = struct.Struct("<?QQQQQQ")


class ClosedError(Exception):
    """The other end has gone."""


class Wire:
    """One end of a socket pair.

    Args:
        end: The socket; closed by ``close``.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end

    def close(self) -> None:
        """Close this end."""
        self._socket.close()

    def send(self, *parts: bytes | memoryview | pa.Buffer) -> None:
        """Send the parts one after the other.

        Raises:
            ClosedError: The other end has gone.
        """
        try:
            for part in parts:
                self._socket.sendall(part)
        except OSError as error:
            raise ClosedError from error

    def receive(self, count: int) -> pa.Buffer:
        """Exactly so many bytes.

        Raises:
            ClosedError: The other end has gone.
        """
        buffer = pa.allocate_buffer(count)
        view = memoryview(buffer)
        got = 0
        try:
            while got < count:
                part = self._socket.recv_into(view[got:])
                if not part:
                    raise ClosedError
                got += part
        except OSError as error:
            raise ClosedError from error
        return buffer


def send_parsed(wire: Wire, parsed: Parsed) -> None:
    """Answer with a block that was read."""
    records, rejects = parsed.records.serialize(), parsed.rejects.serialize()
    halves = b"" if parsed.halves is None else parsed.halves.serialize()
    unread = msgspec.json.encode(parsed.unread)
    sizes = records.size, rejects.size, memoryview(halves).nbytes, len(unread)
    answer = ANSWER.pack(True, parsed.blank, parsed.header, *sizes)
    wire.send(answer, records, rejects, halves, unread)


def receive_parsed(wire: Wire) -> Parsed | str:
    """A block that was read, or the traceback of a worker that failed.

    Raises:
        ClosedError: The worker has gone.
    """
    well, blank, header, *sizes = ANSWER.unpack(wire.receive(ANSWER.size))
    n_records, n_rejects, n_halves, n_unread = sizes
    if not well:
        traceback: bytes = wire.receive(n_records).to_pybytes()
        return traceback.decode("utf-8", "replace")
    # The batches share the memory of what was received: nothing is copied.
    records = pa.ipc.read_record_batch(wire.receive(n_records), RECORD_SCHEMA)
    rejects = pa.ipc.read_record_batch(wire.receive(n_rejects), REJECT_SCHEMA)
    halves = None
    if n_halves:
        halves = pa.ipc.read_record_batch(wire.receive(n_halves), HALVES_SCHEMA)
    unread = msgspec.json.decode(wire.receive(n_unread), type=tuple[Unread, ...])
    return Parsed(records, rejects, blank, header, halves, unread)
