"""A small presence server over a real UDP socket, on the hub of the test: it keeps documents and notifies watchers."""

from __future__ import annotations

import contextlib
import socket as sockets
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import gevent
from gevent import socket

from sipsimple.core import SIPURI, Credentials, Route
from sipsimple.protocols.sip.message import Request, Response, parse, response_to
from tests.endpoints import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sipsimple.protocols.sip.transport import HostPort
    from tests.watch import Watch

HOST = "127.0.0.1"
PIDF = "application/pidf+xml"


@dataclass(slots=True)
class Dialog:
    """One subscription."""

    request: Request
    address: HostPort
    tag: str
    number: int = 0


class PresenceServer:
    """Listens on one port; use as a context.

    Attributes:
        port: Of the socket.
        requests: Every request, in order; repeats too.
        answers: The answers to our NOTIFYs.
        statuses: Answers to give in place of the right one: a status, with headers; None for none.
        notifies: Whether a SUBSCRIBE is followed by a NOTIFY by itself.
        notifies_first: Whether that comes before the 2xx.
        document: What is told.
        entity_tag: Of what is published; None: nothing is.
        on_request: Called with each request before it is answered.
    """

    def __init__(self, expires: int = 600) -> None:
        self.expires = expires
        self.requests: list[Request] = []
        self.answers: list[Response] = []
        self.statuses: deque[tuple[int, tuple[tuple[str, str], ...]] | None] = deque()
        self.dialogs: dict[str, Dialog] = {}
        self.notifies = True
        self.notifies_first = False
        self.document = b"<presence/>"
        self.entity_tag: str | None = None
        self.on_request: Callable[[Request], Any] = lambda _request: None
        self._tags = 0
        self._socket: Any = None
        self._greenlet: Any = None

    def __enter__(self) -> Self:
        self._socket = socket.socket(sockets.AF_INET, sockets.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self.port = int(self._socket.getsockname()[1])
        self._greenlet = gevent.spawn(self._serve)
        return self

    def __exit__(self, *_: object) -> None:
        self._greenlet.kill()
        self._socket.close()

    def uri(self, user: str = "bob") -> SIPURI:
        """Somebody here."""
        return SIPURI(HOST, user, port=self.port)

    @property
    def route(self) -> Route:
        """The way here."""
        return Route(HOST, self.port)

    @property
    def alice(self) -> Credentials:
        """Who asks."""
        return Credentials(SIPURI("example.com", "alice"), "secret", token="alice-token")

    def methods(self) -> list[str]:
        """The methods that came, with what was asked for."""
        return [f"{each.method} {each.get('expires') or ''}".strip() for each in self.requests]

    def notify(self, state: str = "active", body: bytes | None = None) -> None:
        """Notify the last watcher."""
        dialog = list(self.dialogs.values())[-1]
        dialog.number += 1
        contact = dialog.request.contact
        assert contact is not None
        content = self.document if body is None else body
        headers = [
            ("Via", f"SIP/2.0/UDP {HOST}:{self.port};branch=z9hG4bK{dialog.tag}{dialog.number}"),
            ("Max-Forwards", "70"),
            ("From", f"{dialog.request.get('to')};tag={dialog.tag}".replace(f";tag={dialog.tag};", ";")),
            ("To", dialog.request.get("from") or ""),
            ("Call-ID", dialog.request.call_id),
            ("CSeq", f"{dialog.number} NOTIFY"),
            ("Contact", f"<sip:{HOST}:{self.port}>"),
            ("Event", dialog.request.get("event") or ""),
            ("Subscription-State", state),
            *([("Content-Type", PIDF)] if content else []),
        ]
        message = Request("NOTIFY", str(contact.uri), headers, content)
        self._socket.sendto(bytes(message), dialog.address)

    def _serve(self) -> None:
        while True:
            data, address = self._socket.recvfrom(65536)
            message = parse(data)
            if isinstance(message, Request):
                self.requests.append(message)
                self.on_request(message)
                self._take(message, address)
            else:
                self.answers.append(message)

    def _take(self, request: Request, address: HostPort) -> None:
        if self.statuses:
            planned = self.statuses.popleft()
            if planned is not None:
                self._answer(request, address, planned[0], planned[1])
        elif request.method == "SUBSCRIBE":
            self._subscribe(request, address)
        elif request.method == "PUBLISH":
            self._publish(request, address)
        else:
            self._answer(request, address, 200)

    def _subscribe(self, request: Request, address: HostPort) -> None:
        expires = min(request.expires or 0, self.expires)
        dialog = self.dialogs.get(request.call_id)
        if dialog is None and request.to.tag is not None:
            self._answer(request, address, 481)
            return
        if dialog is None:
            dialog = self.dialogs[request.call_id] = Dialog(request, address, f"server{len(self.dialogs)}")
        headers = (("Expires", str(expires)), ("Contact", f"<sip:{HOST}:{self.port}>"))
        if self.notifies_first:
            self.notify()
        self._answer(request, address, 200, headers, dialog.tag)
        if self.notifies and not self.notifies_first:
            self.notify(f"active;expires={expires}" if expires else "terminated;reason=timeout")
        if not expires:
            del self.dialogs[request.call_id]

    def _publish(self, request: Request, address: HostPort) -> None:
        if request.get("sip-if-match") not in (None, self.entity_tag):
            self._answer(request, address, 412)
            return
        expires = min(request.expires or 0, self.expires)
        self.document = request.body or self.document
        self._tags += 1
        self.entity_tag = f"tag{self._tags}" if expires else None
        tag = (("SIP-ETag", f"tag{self._tags}"),)
        self._answer(request, address, 200, (("Expires", str(expires)), *tag))

    def _answer(
        self,
        request: Request,
        address: HostPort,
        status: int,
        headers: tuple[tuple[str, str], ...] = (),
        tag: str = "server",
    ) -> None:
        self._socket.sendto(bytes(response_to(request, status, to_tag=tag, headers=headers)), address)


@contextlib.contextmanager
def serving(**options: Any) -> Iterator[tuple[PresenceServer, Watch]]:
    """Run a presence server and an engine."""
    with PresenceServer() as server, running(sip_t1=0.05, **options) as watch:
        yield server, watch
