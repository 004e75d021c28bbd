"""A time-stamp authority of our own, made by openssl, behind a server on this computer alone."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is missing")

_CONFIG: Final = """
[tsa]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4
digests = {digests}
accuracy = secs:1
[stamping]
extendedKeyUsage = critical,timeStamping
"""


class Authority:
    """Signs what it is asked to.

    Args:
        folder: For its keys; made.
        digests: What it stamps ("sha256"); of anything else it refuses.
    """

    def __init__(self, folder: Path, digests: str = "sha256") -> None:
        self._folder = folder
        folder.mkdir()
        (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder, digests=digests))
        (folder / "serial").write_text("01\n")
        #: PEM: whom to trust.
        self.root = folder / "root.pem"
        self._openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650"),
            *("-subj", "/CN=Root of tests", "-keyout", "root.key", "-out", "root.pem"),
        )
        self._openssl(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=Tests/CN=Clock of tests"),
            *("-keyout", "tsa.key", "-out", "tsa.csr"),
        )
        self._openssl(
            *("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key"),
            *("-CAcreateserial", "-days", "3650", "-out", "tsa.pem"),
            *("-extfile", "tsa.cnf", "-extensions", "stamping"),
        )

    def _openssl(self, *said: str) -> None:
        subprocess.run(["openssl", *said], cwd=self._folder, check=True, capture_output=True)

    def answer(self, request: bytes) -> bytes:
        """The answer to a request (DER)."""
        (self._folder / "in.tsq").write_bytes(request)
        self._openssl(
            *("ts", "-reply", "-queryfile", "in.tsq", "-inkey", "tsa.key", "-signer", "tsa.pem"),
            *("-config", "tsa.cnf", "-section", "tsa", "-out", "out.tsr"),
        )
        return (self._folder / "out.tsr").read_bytes()

    @contextmanager
    def serving(self, status: int = 200) -> Iterator[str]:
        """Answer over HTTP; gives the address.

        Args:
            status: What is answered; the body is a stamp whatever it is.
        """
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/timestamp-query"
                data = authority.answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/stamp"
            finally:
                server.shutdown()
                thread.join()
