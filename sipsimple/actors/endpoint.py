"""The endpoint: what belongs to no call.

New INVITEs become calls; everything else is answered at once and without
state: a repeat gets the same answer again (RFC 3261 8.2.7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sipsimple.actors.router import Unmatched
from sipsimple.actors.runtime import Actor, handles
from sipsimple.actors.wire.sockets import address_text
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.ids import stateless_tag
from sipsimple.protocols.sip.inspection import inspect_request, refuse_method
from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import RequestArrived
from sipsimple.protocols.sip.usage.exchange import ALLOW
from sipsimple.protocols.sip.usage.options import CAPABILITIES

if TYPE_CHECKING:
    from sipsimple.actors.router import Router
    from sipsimple.actors.wire.transports import Transports

METHODS = frozenset({"INVITE", "OPTIONS", "CANCEL", "BYE"})
OpenCall = Callable[[Request, Flow], None]


class Endpoint(Actor):
    """Answers what nobody owns.

    Args:
        transports: To answer by.
        router: Knows the calls; what came behind the INVITE that made one belongs to it.
        open_call: Makes a call of an acceptable INVITE, or raises RemoteProtocolError with the status due.
        server: Gives the text of the Server header, for those who are shown it.
        secret: Makes our stateless tags unguessable.
    """

    def __init__(
        self, transports: Transports, router: Router, open_call: OpenCall, server: Callable[[], str], secret: str
    ) -> None:
        super().__init__()
        self.transports = transports
        self.router = router
        self.open_call = open_call
        self.server = server
        self.secret = secret

    def started(self) -> None:
        """Let the door answer too."""
        self.router.admission.send = self.transports.send

    def restarted(self) -> None:
        """Let the door answer on."""
        self.started()

    @handles(Unmatched)
    def receive(self, event: Unmatched) -> None:
        """Inspect, then do what the method asks for.

        A repeated INVITE or a CANCEL may have waited here behind the INVITE that made its call.
        """
        request, flow = event.request, event.flow
        self.router.admission.begin(request, event.arrived)
        call = None if event.is_late else self.router.call_of(request)
        if call is not None:
            call.tell(RequestArrived(request, flow))
            return
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
            raise refuse_method(request.method, ALLOW)
        if request.to.tag is not None or request.method in ("CANCEL", "BYE"):
            raise RemoteProtocolError("no such call", 481)
        if self.router.is_merged(request):
            raise RemoteProtocolError("merged request", 482)
        self._meet(request)
        if request.method == "OPTIONS":
            self._answer(request, flow, 200, CAPABILITIES)
        else:
            self.open_call(request, flow)
            self.slot.mailbox.pause()  # what was begun goes on first, so that all that waits waits here

    def _meet(self, request: Request) -> None:
        """Refuse strangers whom the application does not want here."""
        manners = self.router.admission.manners
        if manners.users is not None and request.request_uri.user not in manners.users:
            raise RemoteProtocolError("nobody of that name", 404)
        if not manners.takes_own_calls and self.router.is_looped(request):
            raise RemoteProtocolError("a request of ours", 482)

    def _refuse(self, request: Request, flow: Flow, error: RemoteProtocolError) -> None:
        if error.status is None:
            return
        self.log.info(
            "request.rejected",
            method=request.method,
            call_id=request.get("call-id"),
            peer=address_text(flow.remote),
            transport=flow.transport,
            status=error.status,
            reason=str(error),
        )
        self._answer(request, flow, error.status, (error.header,) if error.header else ())

    def _answer(self, request: Request, flow: Flow, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        tag = stateless_tag(self.secret, request.get("call-id") or "", request.get("via") or "")
        server = (("Server", self.server()),) if self.router.admission.manners.shows_server else ()
        response = response_to(request, status, to_tag=tag, headers=(*headers, *server))
        self.transports.send(bytes(response), flow)
