"""One connection to the peer: blocking, with a time limit on every wait, polite to what the peer sends."""

from __future__ import annotations

import re
import socket
import ssl
import time
from typing import TYPE_CHECKING, TypeVar

from sipsimple.testing.msrp.wire import Chunk, NotMSRP, Reader

if TYPE_CHECKING:
    from collections.abc import Callable

READ_BYTES = 256 * 1024
_ADDRESS = re.compile(r"(msrps?)://(?:[^@/;]*@)?(\[[^\]]+\]|[^:/;]+)(?::([0-9]+))?")
T = TypeVar("T")


def address_of(uri: str) -> tuple[str, int, bool]:
    """Host, port and whether TLS of an MSRP URI.

    Raises:
        ValueError: It is none.
    """
    found = _ADDRESS.match(uri)
    if found is None:
        raise ValueError(f"not an MSRP URI: {uri!r}")
    return found[2].strip("[]"), int(found[3] or 2855), found[1] == "msrps"


def dial(uri: str, limit: float) -> Connection:
    """Connect to the first hop of a path. Any certificate is taken: peers use self-signed ones.

    Raises:
        OSError: It cannot be reached.
    """
    host, port, tls = address_of(uri)
    sock = socket.create_connection((host, port), timeout=limit)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        try:
            sock = context.wrap_socket(sock)
        except BaseException:
            sock.close()
            raise
    return Connection(sock)


class Connection:
    """A connection.

    Attributes:
        chunks: Everything that came, in order.
        is_closed: The peer has hung up, or sent what is no MSRP.
        why: Why no more is read.
        code: What the peer's SENDs are answered with; only what is answered 200 is reported on.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._reader = Reader()
        self.chunks: list[Chunk] = []
        self.is_closed = False
        self.why = ""
        self.code = 200

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def write(self, data: bytes, pieces: int = 0) -> None:
        """Write bytes, in one go or piece by piece; a peer that has hung up is noticed when reading."""
        step = pieces or len(data) or 1
        try:
            for start in range(0, len(data), step):
                self._socket.sendall(data[start : start + step])
        except OSError as error:
            self._note_end(f"cannot write: {error}")

    def wait(self, look: Callable[[], T | None], limit: float) -> T | None:
        """Read until `look` finds something, and return that; None when the peer hung up or the time is over."""
        deadline = time.monotonic() + limit
        while (found := look()) is None and not self.is_closed:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            self._read(left)
        return found

    def _read(self, seconds: float) -> None:
        self._socket.settimeout(seconds)
        try:
            data = self._socket.recv(READ_BYTES)
        except TimeoutError:
            return
        except OSError as error:
            self._note_end(str(error))
            return
        finally:
            self._socket.settimeout(None)
        if not data:
            self._note_end("closed by the peer")
            return
        try:
            chunks = self._reader.feed(data)
        except NotMSRP as error:
            self._note_end(str(error))
            return
        for chunk in chunks:
            self.chunks.append(chunk)
            if chunk.method == "SEND":
                self._answer(chunk)

    def _note_end(self, why: str) -> None:
        self.is_closed, self.why = True, self.why or why

    def _answer(self, chunk: Chunk) -> None:
        code = self.code if chunk.body is not None else 200
        wish = chunk.get("Failure-Report") or "yes"
        back, here = chunk.get("From-Path"), chunk.get("To-Path")
        if wish == "yes" or (wish == "partial" and code != 200):
            said = f"{code} {'OK' if code == 200 else 'No'}"
            paths = f"To-Path: {back.partition(' ')[0]}\r\nFrom-Path: {here}\r\n"  # one hop back, section 7.2
            self.write(f"MSRP {chunk.transaction_id} {said}\r\n{paths}-------{chunk.transaction_id}$\r\n".encode())
        if chunk.get("Success-Report") == "yes" and chunk.body is not None and code == 200:
            self._report(chunk, f"To-Path: {back}\r\nFrom-Path: {here}\r\n", chunk.body)

    def _report(self, chunk: Chunk, paths: str, body: bytes) -> None:
        start, size = chunk.byte_range[0], len(body)
        total = chunk.get("Byte-Range").partition("/")[2] or str(size)
        about = f"Message-ID: {chunk.get('Message-ID')}\r\nByte-Range: {start}-{start + size - 1}/{total}\r\n"
        identifier = f"rep{len(self.chunks)}x"
        status = "Status: 000 200 OK\r\n"
        self.write(f"MSRP {identifier} REPORT\r\n{paths}{about}{status}-------{identifier}$\r\n".encode())
