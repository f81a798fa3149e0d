"""A small MSRP relay (RFC 4976, the server side) over plain sockets and threads.

It asks for digest credentials, grants paths, and forwards SENDs and REPORTs by To-Path between its clients, to other
relays and to peers without one. It shares no code with the library, so that both cannot be wrong in the same way.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import re
import select
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.interop.msrp_peer import Chunk, _client_context, read_chunk

if TYPE_CHECKING:
    from typing import Self

_HASHES = {"MD5": "md5", "SHA-256": "sha256"}
_PARAMETER = re.compile(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


@dataclass(slots=True)
class Rules:
    """How the relay treats who asks for a path.

    Attributes:
        users: Passwords by name; None asks for none.
        expires: Seconds granted to who asks for no time.
        uses: Answers that a nonce is good for; then it is stale.
        stale_first: So many right answers are called stale before one is accepted.
        refuse: Answer every AUTH with this start line, such as `403 Forbidden`.
        silent: Answer no AUTH.
        proves: Send Authentication-Info with rspauth and nextnonce.
        moves: Grant another path each time; the one before ends.
        also: More challenges, each in a line of its own, before the relay's.
    """

    users: dict[str, str] | None = field(default_factory=lambda: {"alice": "secret", "bob": "secret"})
    realm: str = "relay.test"
    algorithm: str = "MD5"
    expires: int = 900
    min_expires: int = 1
    max_expires: int = 86400
    uses: int = 1000
    stale_first: int = 0
    refuse: str = ""
    silent: bool = False
    proves: bool = False
    moves: bool = False
    also: tuple[str, ...] = ()


@dataclass(slots=True)
class Session:
    """A path that was granted: our URI for it, the next hop towards the client, and the client."""

    uri: str
    owner: str
    client: str
    connection: Connection
    ends: float


class Turns(io.RawIOBase):
    """Reads a TLS socket that another thread writes to: in turns, for OpenSSL allows no more."""

    def __init__(self, sock: ssl.SSLSocket, lock: threading.Lock) -> None:
        super().__init__()
        self._socket, self._lock = sock, lock

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Wait without the lock, read with it."""
        while True:
            if not self._socket.pending():
                select.select([self._socket], [], [])
            with self._lock:
                self._socket.setblocking(False)
                try:
                    return self._socket.recv_into(buffer)
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    continue
                finally:
                    self._socket.setblocking(True)


class Connection:
    """One connection of a client, a peer or another relay."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.lock = threading.Lock()
        is_tls = isinstance(sock, ssl.SSLSocket)
        self.stream = io.BufferedReader(Turns(sock, self.lock)) if is_tls else sock.makefile("rb")

    def send(
        self, identifier: str, start: str, headers: dict[str, str], body: bytes | None = None, flag: str = "$"
    ) -> None:
        """Write one chunk."""
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        content = b"" if body is None else b"\r\n" + body + b"\r\n"
        data = f"MSRP {identifier} {start}\r\n{head}".encode() + content + f"-------{identifier}{flag}\r\n".encode()
        with self.lock, contextlib.suppress(OSError):
            self.socket.sendall(data)

    def close(self) -> None:
        """End it, whoever reads it."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)


class Relay:
    """The relay; use as a context."""

    def __init__(self, rules: Rules | None = None, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.rules = rules or Rules()
        self._tls = tls
        self._listener = socket.create_server((host, 0))
        self.host, self.port = host, int(self._listener.getsockname()[1])
        self.scheme = "msrps" if tls else "msrp"
        self._numbers = itertools.count(1)
        self._sessions: dict[str, Session] = {}
        self._nonces: dict[str, int] = {}
        self._ways: dict[str, Connection] = {}  # to next hops, by their URI or authority
        self._asked: dict[str, tuple[Connection, dict[str, str]]] = {}  # where the sender of a forwarded SEND is
        self._connections: list[Connection] = []
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self.auths: list[Chunk] = []
        self.forwarded: list[Chunk] = []

    @property
    def uri(self) -> str:
        """What an AUTH is addressed to."""
        return f"{self.scheme}://{self.host}:{self.port};tcp"

    def __enter__(self) -> Self:
        """Begin to accept."""
        self._spawn(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything and wait for every thread."""
        self.kill()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def kill(self) -> None:
        """Stop listening and drop every connection, as a crashed relay does."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self.drop()

    def drop(self) -> None:
        """Drop every connection, and listen on."""
        for each in tuple(self._connections):
            each.close()

    def expire(self) -> None:
        """Let every granted path end now."""
        for session in self._sessions.values():
            session.ends = 0.0

    def _spawn(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, name="MSRP relay")  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                self._spawn(self._serve, sock)

    def _serve(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), plain:
            sock = self._tls.wrap_socket(plain, server_side=True) if self._tls else plain
            connection = Connection(sock)
            with sock, connection.stream:
                self._read(connection)

    def _read(self, connection: Connection) -> None:
        self._connections.append(connection)
        while chunk := read_chunk(connection.stream):
            with self._lock:
                self._take(chunk, connection)

    def _take(self, chunk: Chunk, connection: Connection) -> None:
        to_path = chunk.headers["To-Path"].split(" ")
        if chunk.start[:3].isdigit():
            self._take_response(chunk, to_path)
        elif chunk.start == "AUTH" and len(to_path) == 1:
            self._authenticate(chunk, connection)
        else:
            self._ways.setdefault(chunk.headers["From-Path"].split(" ")[0], connection)
            self._forward(chunk, to_path, connection)

    # Granting paths

    def _authenticate(self, chunk: Chunk, connection: Connection) -> None:
        self.auths.append(chunk)
        rules = self.rules
        if rules.silent:
            return
        wanted = int(chunk.headers.get("Expires", rules.expires))
        if rules.refuse:
            self._respond(chunk, connection, rules.refuse)
        elif rules.users is not None and (challenge := self._challenge(chunk)):
            lines = "\r\nWWW-Authenticate: ".join([*rules.also, challenge])
            self._respond(chunk, connection, "401 Unauthorized", {"WWW-Authenticate": lines})
        elif wanted < rules.min_expires:
            bound = {"Min-Expires": str(rules.min_expires)}
            self._respond(chunk, connection, "423 Interval Out-of-Bounds", bound)
        elif wanted > rules.max_expires:
            bound = {"Max-Expires": str(rules.max_expires)}
            self._respond(chunk, connection, "423 Interval Out-of-Bounds", bound)
        else:
            self._grant(chunk, connection, wanted)

    def _challenge(self, chunk: Chunk) -> str:
        """What to ask for; empty when the credentials are right."""
        given = {
            name: quoted or plain for name, quoted, plain in _PARAMETER.findall(chunk.headers.get("Authorization", ""))
        }
        nonce, stale = given.get("nonce", ""), False
        if given and nonce in self._nonces and given.get("response") == self._due(given, chunk.headers["To-Path"]):
            self._nonces[nonce] += 1
            stale = self._nonces[nonce] > self.rules.uses or int(given["nc"], 16) != self._nonces[nonce]
            if self.rules.stale_first > 0:
                self.rules.stale_first -= 1
                stale = True
            if not stale:
                return ""
        return (
            f'Digest realm="{self.rules.realm}", nonce="{self._new_nonce()}", qop="auth", '
            f"algorithm={self.rules.algorithm}" + (", stale=true" if stale else "")
        )

    def _new_nonce(self) -> str:
        nonce = f"nonce{next(self._numbers)}x{self.port}"
        self._nonces[nonce] = 0
        return nonce

    def _due(self, given: dict[str, str], target: str, method: str = "AUTH") -> str:
        name = _HASHES[self.rules.algorithm]
        password = (self.rules.users or {}).get(given["username"], "\0")
        a1 = _hash(name, f"{given['username']}:{self.rules.realm}:{password}")
        rest = f"{given['nonce']}:{given['nc']}:{given['cnonce']}:{given['qop']}"
        return _hash(name, f"{a1}:{rest}:{_hash(name, f'{method}:{target}')}")

    def _grant(self, chunk: Chunk, connection: Connection, seconds: int) -> None:
        from_path = chunk.headers["From-Path"].split(" ")
        owner, client = from_path[0], from_path[-1]
        known = [each for each in self._sessions.values() if each.client == client and each.connection is connection]
        if self.rules.moves:
            for each in known:
                each.ends = 0.0
            known = []
        uri = known[0].uri if known else f"{self.scheme}://{self.host}:{self.port}/s{next(self._numbers)}x;tcp"
        self._sessions[uri] = Session(uri, owner, client, connection, time.monotonic() + seconds)
        headers = {"Use-Path": " ".join([uri, *from_path[:-1]]), "Expires": str(seconds)}
        if self.rules.proves:
            given = {
                name: quoted or plain for name, quoted, plain in _PARAMETER.findall(chunk.headers["Authorization"])
            }
            proof = self._due(given, chunk.headers["To-Path"], "")
            headers["Authentication-Info"] = f'nextnonce="{self._new_nonce()}", rspauth="{proof}", qop=auth'
        self._respond(chunk, connection, "200 OK", headers)

    def _respond(self, chunk: Chunk, connection: Connection, start: str, headers: dict[str, str] | None = None) -> None:
        """Answer: a SEND one hop back, others all the way."""
        from_path = chunk.headers["From-Path"]
        to = from_path.split(" ")[0] if chunk.start == "SEND" else from_path
        paths = {"To-Path": to, "From-Path": chunk.headers["To-Path"].split(" ")[0]}
        connection.send(chunk.transaction_id, start, paths | (headers or {}))

    # Forwarding

    def _forward(self, chunk: Chunk, to_path: list[str], connection: Connection) -> None:
        wish = chunk.headers.get("Failure-Report", "yes")
        session = self._sessions.get(to_path[0])
        gone = session is None or session.ends < time.monotonic()
        hops = [to_path[0]]
        while not gone and len(to_path) > 2 and to_path[1] in self._sessions:  # another client of this relay
            to_path = to_path[1:]
            hops.insert(0, to_path[0])
            session = self._sessions[to_path[0]]
            gone = session.ends < time.monotonic()
        way = None if gone or len(to_path) < 2 else self._way(to_path[1], session)
        if way is None:
            if chunk.start != "REPORT" and wish != "no":
                self._respond(chunk, connection, "481 No Such Session")
            return
        if chunk.start == "SEND" and wish == "yes":
            self._respond(chunk, connection, "200 OK")
        self.forwarded.append(chunk)
        from_path = f"{' '.join(hops)} {chunk.headers['From-Path']}"
        headers = {**chunk.headers, "To-Path": " ".join(to_path[1:]), "From-Path": from_path}
        identifier = chunk.transaction_id
        if chunk.start == "SEND":
            identifier = self._new_identifier(chunk.body)
            if wish != "no":
                self._asked[identifier] = connection, chunk.headers
        has_body = bool(chunk.body) or "Content-Type" in chunk.headers
        way.send(identifier, chunk.start, headers, chunk.body if has_body else None, chunk.flag)

    def _new_identifier(self, body: bytes) -> str:
        while True:
            identifier = f"fwd{next(self._numbers)}r{self.port}"
            if f"-------{identifier}".encode() not in body:
                return identifier

    def _way(self, uri: str, session: Session | None = None) -> Connection | None:
        """The connection to the next hop: a client's own, one that is open, or a new one."""
        if session is not None and session.owner == uri:
            return session.connection
        found = re.match(r"(msrps?)://(?:[^@/]*@)?([^:/;]+):(\d+)", uri)
        if uri in self._ways:
            return self._ways[uri]
        if found is None:
            return None
        if found[0] in self._ways:
            return self._ways[found[0]]
        with contextlib.suppress(OSError):
            sock = socket.create_connection((found[2], int(found[3])), timeout=15)
            sock.settimeout(None)
            if found[1] == "msrps":
                sock = _client_context().wrap_socket(sock)
            way = Connection(sock)
            self._ways[found[0]] = way
            self._spawn(self._serve_out, way)
            return way
        return None

    def _serve_out(self, way: Connection) -> None:
        with contextlib.suppress(OSError, ValueError), way.socket, way.stream:
            self._read(way)

    def _take_response(self, chunk: Chunk, to_path: list[str]) -> None:
        """Pass the answer to an AUTH on; make a REPORT of the error that a forwarded SEND got."""
        if len(to_path) > 1:
            way = self._way(to_path[1], self._sessions.get(to_path[0]))
            if way is not None:
                headers = {**chunk.headers, "To-Path": " ".join(to_path[1:])}
                headers["From-Path"] = f"{to_path[0]} {chunk.headers['From-Path']}"
                way.send(chunk.transaction_id, chunk.start, headers)
            return
        asked = self._asked.pop(chunk.transaction_id, None)
        if asked is not None and not chunk.start.startswith("200"):
            connection, headers = asked
            about = {"Message-ID": headers["Message-ID"], "Byte-Range": headers.get("Byte-Range", "1-*/*")}
            paths = {"To-Path": headers["From-Path"], "From-Path": headers["To-Path"].split(" ")[0]}
            status = {"Status": f"000 {chunk.start}"}
            connection.send(f"rep{next(self._numbers)}", "REPORT", paths | about | status)


def _hash(name: str, text: str) -> str:
    return hashlib.new(name, text.encode()).hexdigest()
