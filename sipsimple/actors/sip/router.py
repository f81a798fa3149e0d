"""Which actor a SIP message is for: one look-up, no mailbox of its own.

Every tag and every branch that a call makes begins with the call's token, so
one entry per call routes its responses and its in-dialog requests; an incoming
call has one more, for the repeats of its INVITE, which bear no tag of ours yet.

RFC: 3261 8.2.2.2, 12.2.2, 17.1.3, 17.2.3, 18.1.2, 18.2.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.sip.admission import Admission
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.ids import BRANCH_COOKIE
from sipsimple.protocols.sip.message import Request, Response
from sipsimple.protocols.sip.transaction.matching import Key, client_key, invite_key, merge_key, server_key
from sipsimple.protocols.sip.transport import Flow, response_target, sent_by, stamp_received
from sipsimple.protocols.sip.usage.events import RequestArrived, ResponseArrived
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime import Ref

TOKEN_LENGTH = 16
"""Characters of a call's token: 64 random bits in hex, at the start of its tags and branches."""

_STEM = slice(len(BRANCH_COOKIE), len(BRANCH_COOKIE) + TOKEN_LENGTH)


class Unmatched(Value):
    """A request that belongs to no call.

    Attributes:
        is_late: A call that is over had it and does not know it: it is not to be routed again.
        arrived: When it came; None where nobody asks.
    """

    request: Request
    flow: Flow
    is_late: bool = False
    arrived: float | None = None


class Router:
    """The table of calls by token, and of INVITEs without a tag of ours by transaction.

    Args:
        log: For what is dropped.
        admission: Refuses strangers; one with generous limits by default.

    Attributes:
        learn: Is shown each response of a call, and returns its flow if that bears another address of ours from now on.
    """

    __slots__ = ("_calls", "_invites", "_keys", "_merged", "admission", "endpoint", "learn", "log")

    def __init__(self, log: Any, admission: Admission | None = None) -> None:
        self.endpoint: Ref  # set once, when both exist
        self.log = log
        self.admission = admission or Admission(log)
        self.learn: Callable[[Response, Flow], Flow | None] = _learn_nothing
        self._calls: dict[str, Ref] = {}
        self._invites: dict[Key, str] = {}
        self._merged: set[Key] = set()
        self._keys: dict[str, tuple[Key, Key]] = {}

    def __len__(self) -> int:
        return len(self._calls) + len(self._invites) + len(self._merged)

    def add(self, token: str, ref: Ref) -> None:
        """Lead everything that bears `token` to `ref`; from now on, if it led elsewhere: then the call is over."""
        if token in self._calls:
            self.admission.gate.left(token)
        self._calls[token] = ref

    def add_invite(self, request: Request, token: str) -> None:
        """Lead the repeats of an INVITE, and its CANCEL, to the call `token`."""
        key, merge = server_key(request), merge_key(request)
        self._invites[key] = token
        self._merged.add(merge)
        self._keys[token] = key, merge
        self.admission.entered(request, token)

    def begun(self, token: str) -> None:
        """Count a call as answered: its 2xx got the ACK that was due. Only the call can tell which one that is."""
        self.admission.gate.acknowledged(token)

    def forget(self, token: str) -> None:
        """Forget a call."""
        self._calls.pop(token, None)
        self.admission.gate.left(token)
        keys = self._keys.pop(token, None)
        if keys is not None and self._invites.get(keys[0]) == token:
            del self._invites[keys[0]]
            self._merged.discard(keys[1])

    def forget_all(self, ref: Ref) -> None:
        """Forget every call that led to `ref`, which has lost what it knew of them; no repeat makes them anew."""
        for token in [token for token, led_to in self._calls.items() if led_to is ref]:
            if token in self._keys:
                self.admission.gate.shut(self._keys[token][0], self.admission.now())
            self.forget(token)

    def receive(self, message: Request | Response, flow: Flow) -> None:
        """Route a message that arrived by `flow`."""
        if not flow.reliable:
            self.admission.load.datagram()
        try:
            if message.size > self.admission.limits.message_bytes:
                raise RemoteProtocolError(f"a message of {message.size} bytes", 513)
            if isinstance(message, Request):
                self._request(stamp_received(message, *flow.remote), flow)
            else:
                self._response(message, flow)
        except RemoteProtocolError as error:
            self.malformed(bytes(message), error, flow)

    def malformed(self, data: bytes, error: RemoteProtocolError, flow: Flow) -> None:
        """Have answered at once what could not be read, if an answer is due."""
        self.admission.malformed(data, error, flow)

    def late(self, request: Request, flow: Flow) -> None:
        """Pass on a request that came to a call which is over and does not know it."""
        self.endpoint.tell(Unmatched(request, flow, is_late=True))

    def call_of(self, request: Request) -> Ref | None:
        """Return the call that takes `request`: the one that its tag names, else the one that its INVITE made."""
        tag = request.to.tag
        if tag is not None:
            return self._calls.get(tag)
        if not self._invites:
            return None
        token = self._invites.get(_own_key(request))
        return self._calls.get(token) if token is not None else None

    def named(self, token: str) -> Ref | None:
        """Return the call, or the keeper of what is left of it, that `token` leads to."""
        return self._calls.get(token)

    def is_merged(self, request: Request) -> bool:
        """Tell whether `request` is an INVITE that has come by another way already (RFC 3261 8.2.2.2)."""
        is_initial = request.method == "INVITE" and request.to.tag is None
        return is_initial and bool(self._merged) and merge_key(request) in self._merged

    def is_lost(self, request: Request) -> bool:
        """Tell whether `request` is a repeat of an INVITE whose call is lost; it may have waited meanwhile."""
        return request.method == "INVITE" and self.admission.gate.is_shut(server_key(request))

    def is_looped(self, request: Request) -> bool:
        """Tell whether a call of ours sent `request` (RFC 3261 16.3)."""
        return any((via.branch or "")[_STEM] in self._calls for via in request.vias)

    def _request(self, request: Request, flow: Flow) -> None:
        server_key(request)  # what goes on from here names its transaction: no actor has to doubt it
        back = response_flow(request, flow, follows_maddr=self.admission.manners.follows_maddr)
        call = self.call_of(request)
        if call is not None:
            call.tell(RequestArrived(request, back))
        elif request.method == "ACK":
            self.log.debug("request.dropped", method="ACK", call_id=request.get("call-id"), why="no call")
        elif not self.admission.refuses(request, flow.remote[0], back) and not self.endpoint.tell(
            Unmatched(request, back, arrived=self.admission.now())
        ):
            self.admission.lost(request)

    def _response(self, response: Response, flow: Flow) -> None:
        branch, _method = client_key(response)  # likewise
        call = self._calls.get(branch[_STEM])
        if call is not None:
            # it bears 64 random bits of ours, so it is no forgery
            call.tell(ResponseArrived(response, self.learn(response, flow)))
        else:
            self.log.debug("response.dropped", status=response.status, call_id=response.call_id, why="unknown branch")


def _learn_nothing(_response: Response, _flow: Flow) -> None:
    return None


def _own_key(request: Request) -> Key:
    return invite_key(request) if request.method == "CANCEL" else server_key(request)


def response_flow(request: Request, flow: Flow, *, follows_maddr: bool = False) -> Flow:
    """Return the flow for responses to `request`: its connection, and when that is gone, or by UDP, where the Via says.

    RFC: 3261 18.2.2.
    """
    if flow.reliable:
        return replace(flow, back=sent_by(request.via))
    remote = response_target(request.via, follows_maddr=follows_maddr)
    return flow if remote == flow.remote else replace(flow, remote=remote)
