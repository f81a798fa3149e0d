"""The endpoint: what belongs to no call.

New INVITEs become calls; everything else is answered at once and without
state: a repeat gets the same answer again (RFC 3261 8.2.7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sipsimple.actors.router import Malformed, Merged, Unmatched
from sipsimple.actors.runtime import Actor, handles
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.framer import reply_to_malformed
from sipsimple.protocols.sip.ids import stateless_tag
from sipsimple.protocols.sip.inspection import inspect_request
from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.exchange import ALLOW
from sipsimple.protocols.sip.usage.options import CAPABILITIES

if TYPE_CHECKING:
    from sipsimple.actors.wire.transports import Transports

METHODS = frozenset({"INVITE", "OPTIONS", "CANCEL", "BYE"})
OpenCall = Callable[[Request, Flow], None]


class Endpoint(Actor):
    """Answers what nobody owns.

    Args:
        transports: To answer by.
        open_call: Makes a call of an acceptable INVITE, or raises RemoteProtocolError with the status due.
        server: Text of the Server header.
        secret: Makes our stateless tags unguessable.
    """

    def __init__(self, transports: Transports, open_call: OpenCall, server: str, secret: str) -> None:
        super().__init__()
        self.transports = transports
        self.open_call = open_call
        self.server = server
        self.secret = secret

    @handles(Unmatched)
    def receive(self, event: Unmatched) -> None:
        """Inspect, then do what the method asks for."""
        request, flow = event.request, event.flow
        if request.method == "ACK":
            self.log.debug("request.dropped", method="ACK", call_id=request.get("call-id"), why="no call")
            return
        try:
            self._dispatch(request, flow)
        except RemoteProtocolError as error:
            self._refuse(request, flow, error)

    def _dispatch(self, request: Request, flow: Flow) -> None:
        error = inspect_request(request)
        if error is not None:
            raise error
        if request.method not in METHODS:
            raise RemoteProtocolError(f"method {request.method}", 405, ("Allow", ALLOW))
        if request.to.tag is not None or request.method in ("CANCEL", "BYE"):
            raise RemoteProtocolError("no such call", 481)
        if request.method == "OPTIONS":
            self._answer(request, flow, 200, CAPABILITIES)
        else:
            self.open_call(request, flow)

    @handles(Merged)
    def loop(self, event: Merged) -> None:
        """Refuse an INVITE that came by two ways."""
        self._refuse(event.request, event.flow, RemoteProtocolError("merged request", 482))

    @handles(Malformed)
    def garbage(self, event: Malformed) -> None:
        """Answer what can be answered; drop the rest."""
        self.log.warning(
            "message.rejected",
            peer="%s:%d" % event.flow.remote,
            transport=event.flow.transport,
            status=event.error.status,
            reason=str(event.error),
            size_bytes=len(event.data),
        )
        reply = reply_to_malformed(event.data, event.error)
        if reply is not None:
            self.transports.send(reply, event.flow)

    def _refuse(self, request: Request, flow: Flow, error: RemoteProtocolError) -> None:
        if error.status is None:
            return
        self.log.info(
            "request.rejected",
            method=request.method,
            call_id=request.get("call-id"),
            peer="%s:%d" % flow.remote,
            transport=flow.transport,
            status=error.status,
            reason=str(error),
        )
        self._answer(request, flow, error.status, (error.header,) if error.header else ())

    def _answer(self, request: Request, flow: Flow, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        tag = stateless_tag(self.secret, request.get("call-id") or "", request.get("via") or "")
        response = response_to(request, status, to_tag=tag, headers=(*headers, ("Server", self.server)))
        self.transports.send(bytes(response), flow)
