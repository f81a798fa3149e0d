"""A small registrar over real sockets, on the hub of the test: it keeps bindings and does what it is told."""

from __future__ import annotations

import contextlib
import socket as sockets
from collections import deque
from typing import TYPE_CHECKING, Any, Self

import gevent
from gevent import socket

from sipsimple.core import SIPURI, Credentials, Registration
from sipsimple.protocols.sip.framer import Framer
from sipsimple.protocols.sip.message import Request, parse, response_to
from sipsimple.protocols.sip.transport import stamp_received

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.watch import Watch

HOST = "127.0.0.1"


class Registrar:
    """Listens on one port over UDP and TCP; use as a context.

    Attributes:
        port: Of both.
        expires: Seconds that it grants at the most.
        bindings: Contact URIs by address, each with the seconds that were granted.
        requests: Every REGISTER, in order.
        statuses: Answers to give in place of the right one: a status, with headers, or None for none.
        flow_timer: What it says of how often it wants a sign of life; None: nothing.
        pings: How many came over connections.
        seen_at: Where it says that it sees who registers, as behind NAT; None: where that is.
        on_request: Called with each REGISTER before it is answered.
        tls: The gevent SSLContext that connections are met with; None: they are plain.
    """

    def __init__(self, expires: int = 600) -> None:
        self.expires = expires
        self.bindings: dict[str, dict[str, int]] = {}
        self.requests: list[Request] = []
        self.statuses: deque[tuple[int, tuple[tuple[str, str], ...]] | None] = deque()
        self.flow_timer: int | None = None
        self.pings = 0
        self.seen_at: tuple[str, int] | None = None
        self.on_request: Callable[[Request], Any] = lambda _request: None
        self.connections: list[Any] = []
        self.tls: Any = None
        self.port = 0
        self._greenlets: list[Any] = []
        self._listeners: list[Any] = []

    def __enter__(self) -> Self:
        """Listen."""
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        """End."""
        self.close()

    def listen(self) -> None:
        """Listen, again on the port that it had."""
        stream, datagrams = self._listeners = _on_one_port(self.port)
        self.port = stream.getsockname()[1]
        stream.listen()
        self._greenlets += [gevent.spawn(self._accept, stream), gevent.spawn(self._receive, datagrams)]

    def close(self) -> None:
        """Stop listening, and drop every connection."""
        gevent.killall(self._greenlets)
        for each in (*self._listeners, *self.connections):
            each.close()
        self._greenlets, self._listeners, self.connections = [], [], []

    def drop_connections(self) -> None:
        """Close what is connected, and listen on."""
        for each in self.connections:
            with contextlib.suppress(OSError):
                each.shutdown(sockets.SHUT_RDWR)
        self.connections = []

    def all_bindings(self) -> list[str]:
        """Every contact that is bound."""
        return [uri for bindings in self.bindings.values() for uri in bindings]

    def uri(self, user: str = "alice", transport: str = "udp") -> SIPURI:
        """An address at this registrar."""
        parameters = None if transport == "udp" else {"transport": transport}
        return SIPURI(HOST, user, port=self.port, parameters=parameters)

    def credentials(self, user: str = "alice", transport: str = "udp") -> Credentials:
        """Who registers."""
        return Credentials(self.uri(user, transport), "secret", token=f"{user}-token")

    # Inside

    def _receive(self, datagrams: Any) -> None:
        while True:
            data, address = datagrams.recvfrom(65536)
            if data.strip(b"\r\n"):
                answer = self._answer(parse(data))
                if answer is not None:
                    datagrams.sendto(answer, address)

    def _accept(self, stream: Any) -> None:
        while True:
            connection, _ = stream.accept()
            self.connections.append(connection)
            self._greenlets.append(gevent.spawn(self._serve, connection))

    def _serve(self, connection: Any) -> None:
        framer = Framer()
        with contextlib.suppress(OSError), self._met(connection) as stream:
            while data := stream.recv(65536):
                for item in framer.feed(data):
                    answer = self._answer(item) if isinstance(item, Request) else self._pong()
                    if answer is not None:
                        stream.sendall(answer)

    def _met(self, connection: Any) -> Any:
        return connection if self.tls is None else self.tls.wrap_socket(connection, server_side=True)

    def _pong(self) -> bytes:
        self.pings += 1
        return b"\r\n"

    def _answer(self, request: Any) -> bytes | None:
        assert isinstance(request, Request)
        self.requests.append(request)
        self.on_request(request)
        told = self.statuses.popleft() if self.statuses else (200, ())
        if told is None:
            return None
        status, headers = told
        if status == 200 and not headers:
            headers = self._bind(request)
        if self.seen_at is not None:
            request = stamp_received(request, *self.seen_at)
        return bytes(response_to(request, status, to_tag="registrar", headers=headers))

    def _bind(self, request: Request) -> tuple[tuple[str, str], ...]:
        bound = self.bindings.setdefault(str(request.to.uri), {})
        assert request.contacts != "*"
        for contact in request.contacts:
            said = contact.parameter("expires")
            wish = request.expires if said is None else int(said)
            bound.pop(str(contact.uri), None)
            if wish:
                bound[str(contact.uri)] = min(wish, self.expires)
        timer = () if self.flow_timer is None else (("Flow-Timer", str(self.flow_timer)),)
        return (*[("Contact", f"<{uri}>;expires={granted}") for uri, granted in bound.items()], *timer)


def registered(
    watch: Watch, registrar: Registrar, user: str = "alice", transport: str = "udp", **options: Any
) -> Registration:
    """Register, and wait until that is told."""
    registration = Registration(registrar.credentials(user, transport), **options)
    registration.register()
    watch.wait_for("SCRegistrationDidSucceed", registration)
    return registration


def _on_one_port(port: int, tries: int = 10) -> list[Any]:
    """Bind sockets for streams and for datagrams to `port`; 0: any that nobody else has for either."""
    with contextlib.ExitStack() as stack:
        stream, datagrams = (
            stack.enter_context(socket.socket(sockets.AF_INET, kind))
            for kind in (sockets.SOCK_STREAM, sockets.SOCK_DGRAM)
        )
        stream.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        stream.bind((HOST, port))
        try:
            datagrams.bind(stream.getsockname())
        except OSError:
            if port or not tries:
                raise
        else:
            stack.pop_all()
            return [stream, datagrams]
    return _on_one_port(port, tries - 1)
