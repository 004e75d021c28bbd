"""Blocks to a worker and Arrow back, over a socket pair.

A socket and one reused buffer move a gigabyte in a quarter of a second of processor time;
``multiprocessing``'s own pipe takes five times as long, because it allocates for every read.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from workbench.domain.ports import Parsed

if TYPE_CHECKING:
    import socket

#: Length of a pickled recipe (0: as before), length of the data, whether the file begins here.
REQUEST: Final = struct.Struct("<QQ?")
#: Whether it went well, blank and header records, lengths of the two Arrow streams.
ANSWER: Final = struct.Struct("<?QQQQ")


class ClosedError(Exception):
    """The other end has gone."""


class Wire:
    """One end of a socket pair.

    Args:
        end: The socket; closed by ``close``.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._buffer = bytearray()

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

    def receive(self, count: int) -> bytes:
        """Exactly so many bytes.

        Raises:
            ClosedError: The other end has gone.
        """
        if len(self._buffer) < count:
            self._buffer = bytearray(count)
        view = memoryview(self._buffer)[:count]
        got = 0
        try:
            while got < count:
                part = self._socket.recv_into(view[got:])
                if not part:
                    raise ClosedError
                got += part
        except OSError as error:
            raise ClosedError from error
        return bytes(view)


def pack(batch: pa.RecordBatch) -> pa.Buffer:
    """A batch as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def unpack(data: bytes) -> pa.RecordBatch:
    """The batch of an Arrow stream; shares the memory of ``data``."""
    return pa.ipc.open_stream(pa.py_buffer(data)).read_next_batch()


def send_parsed(wire: Wire, parsed: Parsed) -> None:
    """Answer with a block that was read."""
    records, rejects = pack(parsed.records), pack(parsed.rejects)
    head = ANSWER.pack(True, parsed.blank, parsed.header, records.size, rejects.size)
    wire.send(head, records, rejects)


def receive_parsed(wire: Wire) -> Parsed | str:
    """A block that was read, or the traceback of a worker that failed.

    Raises:
        ClosedError: The worker has gone.
    """
    well, blank, header, n_records, n_rejects = ANSWER.unpack(wire.receive(ANSWER.size))
    if not well:
        return wire.receive(n_records).decode("utf-8", "replace")
    records = unpack(wire.receive(n_records))
    return Parsed(records, unpack(wire.receive(n_rejects)), blank, header)
