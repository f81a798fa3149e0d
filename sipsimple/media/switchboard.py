"""The switchboard: one UDP port on loopback over which the audio legs speak SIP with their workers.

The token of a call is the user part of our Contact, and every branch of ours
begins with it, so one entry routes requests and responses. A message for a call
counts only when it comes from the very port of the worker that has the call.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import Logger, Ref, Supervisor, get_logger
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.listeners import start_listener
from sipsimple.actors.wire.receiver import Hook, Trace
from sipsimple.actors.wire.udp import UDPPort, UDPReader
from sipsimple.errors import RemoteProtocolError, TransportFailed
from sipsimple.media.messages import TOKEN_LENGTH, WorkerRequest, WorkerResponse
from sipsimple.protocols.sip.ids import BRANCH_COOKIE, stateless_tag
from sipsimple.protocols.sip.message import Request, Response, response_to
from sipsimple.protocols.sip.transport import Flow, stamp_received

if TYPE_CHECKING:
    from sipsimple.actors.wire.sockets import Address

HOST = "127.0.0.1"
_STEM = slice(len(BRANCH_COOKIE), len(BRANCH_COOKIE) + TOKEN_LENGTH)


class Switchboard:
    """Routes the SIP of the workers to the legs, by token.

    Args:
        supervisor: Gets the reader of the port as a child.
        log: For what is dropped.

    Attributes:
        port: The UDP port that workers call; `Open.sip_port`.
        dropped: Messages of strangers, and what is no SIP.

    Raises:
        TransportFailed: No port can be had.
    """

    def __init__(self, supervisor: Supervisor, log: Logger | None = None) -> None:
        self.dropped = 0
        self._log = log or get_logger(component="switchboard")
        self._legs: dict[str, tuple[Ref, Address]] = {}
        self._trace = Trace()
        self._secret = secrets.token_hex(16)
        self._supervisor = supervisor
        self._udp = UDPPort(sockets.udp(HOST, 0))
        self.port = self._udp.local[1]
        start_listener(supervisor, "switchboard", UDPReader, self._udp, self, self._trace)

    def __len__(self) -> int:
        return len(self._legs)

    @property
    def trace(self) -> Hook | None:
        """Called as `trace(received, data, flow)` with each message; None switches it off."""
        return self._trace.hook

    @trace.setter
    def trace(self, hook: Hook | None) -> None:
        self._trace.hook = hook

    # For the legs

    def add(self, token: str, leg: Ref, worker_sip: Address) -> None:
        """Lead what bears `token` to `leg`, when it comes from this address; from now on, if it led elsewhere."""
        if len(token) != TOKEN_LENGTH:
            raise ValueError(f"a token has {TOKEN_LENGTH} characters: {token!r}")
        self._legs[token] = leg, worker_sip

    def forget(self, token: str) -> None:
        """Forget a call; its BYE is still answered."""
        self._legs.pop(token, None)

    def flow_to(self, worker_sip: Address) -> Flow:
        """The flow for requests of ours to a worker."""
        return Flow("udp", self._udp.local, worker_sip)

    def send(self, data: bytes, flow: Flow) -> None:
        """Send one message; never waits, never raises: what is lost is repeated, a worker that is lost is told."""
        if self._trace.hook is not None:
            self._trace.hook(False, data, flow)
        try:
            self._udp.send(data, flow.remote)
        except TransportFailed as error:
            self._log.debug("switchboard.not_sent", reason=error.reason)

    def close(self) -> None:
        """Close the port and forget every call."""
        self._legs.clear()
        self._udp.close()
        self._supervisor.terminate_child("switchboard")

    # As the receiver of the reader

    def receive(self, message: Request | Response, flow: Flow) -> None:
        """Route one message."""
        try:
            if isinstance(message, Request):
                self._request(message, flow)
            else:
                self._response(message, flow)
        except RemoteProtocolError as error:
            self.malformed(b"", error, flow)

    def malformed(self, _data: bytes, error: RemoteProtocolError, flow: Flow) -> None:
        """Drop what is no SIP message: it is not of a worker."""
        self._drop(flow, error.reason)

    def _request(self, request: Request, flow: Flow) -> None:
        leg = self._leg(request.request_uri.user or "", flow)
        stamped = stamp_received(request, *flow.remote)
        if leg is None or not leg.tell(WorkerRequest(stamped, flow)):
            self._answer_for_nobody(stamped, flow)

    def _response(self, response: Response, flow: Flow) -> None:
        leg = self._leg((response.via.branch or "")[_STEM], flow)
        if leg is None or not leg.tell(WorkerResponse(response)):
            self._drop(flow, "unknown branch")

    def _leg(self, token: str, flow: Flow) -> Ref | None:
        leg, worker_sip = self._legs.get(token, (None, None))
        return leg if flow.remote == worker_sip else None

    def _answer_for_nobody(self, request: Request, flow: Flow) -> None:
        """Answer without state: a call that we have forgotten may end, and nothing else goes on."""
        if request.method == "ACK":
            return
        if request.method == "BYE":
            status = 200
        elif request.method == "CANCEL" or request.to.tag is not None:
            status = 481
        else:
            status = 403
        self._drop(flow, f"{request.method} of no leg, answered {status}")
        tag = stateless_tag(self._secret, request.get("call-id") or "", request.get("via") or "")
        self.send(bytes(response_to(request, status, to_tag=tag)), flow)

    def _drop(self, flow: Flow, reason: str) -> None:
        self.dropped += 1
        self._log.debug("switchboard.dropped", remote=flow.remote, reason=reason)
