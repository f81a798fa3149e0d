"""A minimal MSRP peer over a plain socket, in both roles: it knows no more than RFC 4975 asks of a peer.

It shares no code with the library, so that an error in our framer cannot hide itself.
"""

from __future__ import annotations

import contextlib
import datetime
import re
import socket
import ssl
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TLS_RECORD = b"\x16"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One MSRP request or response."""

    transaction_id: str
    start: str
    headers: dict[str, str]
    body: bytes
    flag: str

    @property
    def asks_for_report(self) -> bool:
        """Whether the sender wants to hear that the message arrived."""
        return self.headers.get("Success-Report") == "yes"


def read_chunk(stream: BinaryIO) -> Chunk | None:
    """Read one chunk; None when the connection has ended."""
    first = stream.readline().decode()
    if not first:
        return None
    _, transaction_id, start = first.rstrip("\r\n").split(" ", 2)
    end = f"-------{transaction_id}".encode()
    headers: dict[str, str] = {}
    line = stream.readline()
    while line.strip() and not line.startswith(end):
        name, _, value = line.decode().rstrip("\r\n").partition(": ")
        headers[name] = value
        line = stream.readline()
    body = b""
    if not line.startswith(end):
        line = stream.readline()
        while line and not line.startswith(end):
            body += line
            line = stream.readline()
        body = body.removesuffix(b"\r\n")
    return Chunk(transaction_id, start, headers, body, line.strip()[-1:].decode())


def write_chunk(transaction_id: str, start: str, headers: dict[str, str], body: bytes | None = None) -> bytes:
    """Shape one complete chunk."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    content = b"" if body is None else b"\r\n" + body + b"\r\n"
    return f"MSRP {transaction_id} {start}\r\n{head}".encode() + content + f"-------{transaction_id}$\r\n".encode()


def replies_to(chunk: Chunk) -> bytes:
    """Answer a SEND: 200, and a success report after it when the sender asks for one."""
    paths = {"To-Path": chunk.headers["From-Path"], "From-Path": chunk.headers["To-Path"]}
    reply = write_chunk(chunk.transaction_id, "200 OK", paths)
    if chunk.body and chunk.asks_for_report:
        size = len(chunk.body)
        about = {"Message-ID": chunk.headers["Message-ID"], "Byte-Range": f"1-{size}/{size}", "Status": "000 200 OK"}
        reply += write_chunk(f"r{chunk.transaction_id}"[:32], "REPORT", paths | about)
    return reply


class PassivePeer:
    """Listens, with or without TLS as the other side likes, and answers each SEND; use as a context."""

    def __init__(self, directory: Path) -> None:
        """Bind a free port; the certificate for TLS is kept in `directory`."""
        self._tls = _server_context(directory)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, name="passive MSRP peer")
        self.port: int = self._listener.getsockname()[1]
        self.requests: list[Chunk] = []

    def __enter__(self) -> PassivePeer:
        """Begin to wait for the one connection."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything and wait for the thread."""
        for each in (self._listener, self._connection):
            if each is not None:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            self._connection, _ = self._listener.accept()
            with self._connection as plain:
                encrypted = plain.recv(1, socket.MSG_PEEK) == _TLS_RECORD
                connection = self._tls.wrap_socket(plain, server_side=True) if encrypted else plain
                with connection, connection.makefile("rb") as stream:
                    self._answer(connection, stream)

    def _answer(self, connection: socket.socket, stream: BinaryIO) -> None:
        while chunk := read_chunk(stream):
            if chunk.start == "SEND":
                self.requests.append(chunk)
                connection.sendall(replies_to(chunk))


class ActivePeer:
    """Connects to a path and speaks first, as the active side must."""

    def __init__(self, connection: socket.socket, stream: BinaryIO, our_path: str, their_path: str) -> None:
        """Speak from `our_path` to `their_path` over a connection."""
        self._connection = connection
        self._stream = stream
        self._paths = {"To-Path": their_path, "From-Path": our_path}
        self._count = 0

    def send(self, body: bytes | None) -> None:
        """Send a message, or the empty request that binds the session."""
        self._count += 1
        size = len(body or b"")
        headers = {**self._paths, "Message-ID": f"peer{self._count}", "Byte-Range": f"1-{size}/{size}"}
        if body is not None:
            headers |= {"Success-Report": "yes", "Content-Type": "text/plain;charset=utf-8"}
        self._connection.sendall(write_chunk(f"peertid{self._count}", "SEND", headers, body))

    def read(self) -> Chunk:
        """Read what comes next; a SEND is answered at once."""
        chunk = read_chunk(self._stream)
        assert chunk is not None, "the endpoint closed the connection"
        if chunk.start == "SEND":
            self._connection.sendall(replies_to(chunk))
        return chunk


@contextlib.contextmanager
def connected(our_path: str, their_path: str) -> Iterator[ActivePeer]:
    """Connect to `their_path` for the length of the block."""
    found = re.match(r"(msrps?)://([^:/]+):(\d+)/", their_path)
    assert found, their_path
    scheme, host, port = found.groups()
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection((host, int(port)), timeout=15))
        if scheme == "msrps":
            connection = stack.enter_context(_client_context().wrap_socket(connection))
        stream = stack.enter_context(connection.makefile("rb"))
        yield ActivePeer(connection, stream, our_path, their_path)


def _client_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _server_context(directory: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "msrp peer")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = directory / "msrp_peer.pem"
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem.write_bytes(key.private_bytes(*private) + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
