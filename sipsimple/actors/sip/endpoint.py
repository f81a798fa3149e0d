"""The endpoint: what belongs to no call.

New INVITEs become calls; everything else is answered at once and without
state: a repeat gets the same answer again (RFC 3261 8.2.7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import Actor, handles
from sipsimple.actors.sip.router import Unmatched
from sipsimple.actors.wire.sockets import address_text
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.challenging import Asked
from sipsimple.protocols.sip.ids import stateless_tag
from sipsimple.protocols.sip.inspection import inspect_request, refuse_method
from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.outside import ALLOW, CAPABILITIES
from sipsimple.protocols.sip.outside import METHODS as OUTSIDE
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import RequestArrived
from sipsimple.protocols.sip.usage.within.exchange import warning

if TYPE_CHECKING:
    from sipsimple.actors.sip.authentication import Authentication
    from sipsimple.actors.sip.outside import Outside
    from sipsimple.actors.sip.router import Router
    from sipsimple.actors.wire.transports import Transports

IN_DIALOG = frozenset({"CANCEL", "BYE", "PRACK", "UPDATE", "INFO"})
METHODS = frozenset({"INVITE", "OPTIONS", "REFER"}) | IN_DIALOG | OUTSIDE
OpenCall = Callable[[Request, Flow, str | None], None]


class Endpoint(Actor):
    """Answers what nobody owns.

    Args:
        transports: To answer by.
        router: Knows the calls; what came behind the INVITE that made one belongs to it.
        open_call: Makes a call of an acceptable INVITE, or raises RemoteProtocolError with the status due; the last
            argument is its sender, where he was authenticated.
        server: Gives the text of the Server header, for those who are shown it.
        secret: Makes our stateless tags unguessable.
        authentication: Says who strangers are.
        outside: Takes what is neither a call nor about one.
    """

    def __init__(
        self,
        transports: Transports,
        router: Router,
        open_call: OpenCall,
        server: Callable[[], str],
        secret: str,
        authentication: Authentication,
        outside: Outside,
    ) -> None:
        super().__init__()
        self.transports = transports
        self.router = router
        self.open_call = open_call
        self.server = server
        self.secret = secret
        self.authentication = authentication
        self.outside = outside

    def started(self) -> None:
        """Let the door answer too; what waited for the endpoint before it began anew is lost."""
        admission = self.router.admission
        admission.send = self.transports.send
        waiting = [each for each in self.slot.mailbox.messages() if isinstance(each, Unmatched)]
        admission.load.wait_for(len([each for each in waiting if each.request.method == "INVITE"]))

    @handles(Unmatched)
    def receive(self, event: Unmatched) -> None:
        """Inspect, then do what the method asks for; whoever asks for what crashes us is answered 500.

        A repeated INVITE or a CANCEL may have waited here behind the INVITE that made its call; a repeated SUBSCRIBE
        is always led on from here.
        """
        request, flow = event.request, event.flow
        self.router.admission.begin(request, event.arrived)
        try:
            call = None if event.is_late else self.router.call_of(request) or self.outside.owner(request)
            if call is not None:
                call.tell(RequestArrived(request, flow))
            elif request.method != "ACK":
                self._dispatch(request, flow)
            else:
                self.log.debug("request.dropped", method="ACK", call_id=request.get("call-id"), why="no call")
        except RemoteProtocolError as error:
            self._refuse(request, flow, error)
        except Exception:
            self._answer(request, flow, 500, ())  # the actor dies of it, but nobody is left waiting
            raise

    def _dispatch(self, request: Request, flow: Flow) -> None:
        error = inspect_request(request)
        if error is not None:
            raise error
        if request.method not in METHODS:
            raise refuse_method(request.method, ALLOW)
        if request.to.tag is not None or request.method in IN_DIALOG:
            raise RemoteProtocolError("no such call", 481)
        if request.method == "REFER":  # whoever sends one may have us call anybody
            text = "REFER is for sessions only"
            raise RemoteProtocolError(text, 403, warning(text))
        if self.router.is_merged(request):
            raise RemoteProtocolError("merged request", 482)
        if self.router.is_lost(request):
            raise RemoteProtocolError("its call was lost", 500)
        examined = self.authentication.examine(request, flow)
        if isinstance(examined, Asked):
            self._answer(request, flow, examined.status, examined.headers)
            return
        user = None if examined is None else examined.username
        self._meet(request)
        if request.method == "OPTIONS":
            self._answer(request, flow, 200, (*CAPABILITIES, ("Allow-Events", self.outside.events)))
        elif request.method in OUTSIDE:
            if not self.outside.hand_over(request, flow, user):
                self.outside.take(request, user)
                self._answer(request, flow, 200, ())
        else:
            self.open_call(request, flow, user)
            self.slot.mailbox.pause()  # what was begun goes on first, so that all that waits waits here

    def _meet(self, request: Request) -> None:
        """Refuse strangers whom the application does not want here."""
        manners = self.router.admission.manners
        is_known = request.method == "INVITE" and "replaces" in request.headers  # of a call of ours, or it is refused
        if manners.users is not None and not is_known and request.request_uri.user not in manners.users:
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
