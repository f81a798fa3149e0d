"""A telephone of a few lines: one SIP call over a plain UDP socket, and its audio over plain RTP.

It answers in a greenlet of its own what comes within the call, so that a test
says only what it wants: to call or be called, to hold, to refuse. It shares no
code with the library.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Self

import gevent
from gevent import socket as green
from gevent.event import Event

from tests.interop.audio_media import AudioMedia
from tests.interop.audio_sdp import NOWHERE
from tests.interop.sip_dialog import Dialog
from tests.interop.sip_peer import Message, SIPPeer, parse

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 5.0
TAG = "rawtag"


class AudioPeer(SIPPeer, AudioMedia):
    """One telephone with at most one call; use as a context.

    Args:
        codecs: What its lines name; it sends the first.
        srtp: "off", "optional" (RTP/AVP with a key) or "forced" (RTP/SAVP).

    Attributes:
        on_invite: Does with the INVITE that begins a call what the test wants; nothing by default.
        on_reinvite: Does with a re-INVITE what the test wants; `accept` by default.
        has_ended: Whether a BYE or a CANCEL came.
    """

    def __init__(self, *, codecs: tuple[str, ...] = ("PCMU", "PCMA"), srtp: str = "off") -> None:
        SIPPeer.__init__(self)
        AudioMedia.__init__(self, codecs, srtp)
        self.socket = green.socket(fileno=self.socket.detach())
        self.on_invite: Callable[[Message], None] = lambda _: None
        self.on_reinvite: Callable[[Message], None] = self.accept
        self.has_ended = False
        self.dialog: Dialog | None = None
        self.invited: Message | None = None
        self._calling = ""
        self._finishing = gevent.Greenlet()
        self._came = Event()
        self._reader = gevent.spawn(self._read)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        gevent.killall([self._reader, self._finishing])
        self.rtp.close()
        super().__exit__()

    # Calling

    def call(self, port: int, *, late: bool = False, uri: str = "") -> Message:
        """Call the port, without an offer when `late`; give the final response, which is acknowledged."""
        response: Message = self.start_call(port, late=late, uri=uri).get()
        return response

    def start_call(self, port: int, *, late: bool = False, uri: str = "") -> gevent.Greenlet[..., Message]:
        """Call the port; the final response comes from the greenlet's `get`."""
        self._calling = self.invite(port, "" if late else self.offer(), uri=uri)
        invite = parse(self._calling.encode())
        self.dialog = Dialog.calling(invite, self.port)
        self._finishing = gevent.spawn(self._finish, invite, late=late)
        return self._finishing

    def cancel(self) -> None:
        """Cancel the call that was started."""
        self.send(self.within(self._calling, "CANCEL", None))

    def reinvite(self, *, late: bool = False) -> Message:
        """Offer again what the attributes say now, or ask for an offer; give the final response."""
        assert self.dialog is not None
        text = self.dialog.request("INVITE", "" if late else self.offer())
        self.send(text)
        return self._finish(parse(text.encode()), late=late)

    def hold(self, style: str = "sendonly") -> Message:
        """Put the other side on hold: "sendonly", "inactive", or "zero", the old style with c=0.0.0.0."""
        self.direction, self.host = ("sendrecv", NOWHERE) if style == "zero" else (style, "")
        return self.reinvite()

    def unhold(self) -> Message:
        """Talk again."""
        self.direction, self.host = "sendrecv", ""
        return self.reinvite()

    def hang_up(self) -> Message:
        """End the call; give the response to the BYE."""
        assert self.dialog is not None
        text = self.dialog.request("BYE")
        self.send(text)
        self.rtp.send_to(None)
        return self._final(parse(text.encode()))

    def _finish(self, invite: Message, *, late: bool) -> Message:
        assert self.dialog is not None
        response = self._final(invite)
        answer = ""
        if response.status < 300:
            self.dialog.learn(response)
            answer = self.answer(response.body) if late else ""
            self.agree(response.body)
        self.send(self.dialog.ack(invite, response, answer))
        return response

    def _final(self, request: Message) -> Message:
        wanted = (request.get("Call-ID"), request.get("CSeq"))
        return self.wait_for(
            lambda message: message.status >= 200 and (message.get("Call-ID"), message.get("CSeq")) == wanted,
            f"a final response to {request.start}",
        )

    # Being called

    def wait_for_call(self) -> Message:
        """Wait for the INVITE that begins a call."""
        return self.wait_for(lambda message: message is self.invited, "an INVITE")

    def ring(self) -> None:
        """Answer 180."""
        assert self.invited is not None
        self.respond(self.invited, 180, "Ringing", tag=TAG)

    def ring_with_media(self) -> None:
        """Answer 183 with a description, and let early media flow."""
        assert self.invited is not None
        body = self.answer(self.invited.body)
        self.agree(self.invited.body)
        self.respond(self.invited, 183, "Session Progress", body=body, tag=TAG)

    def accept(self, request: Message | None = None) -> None:
        """Answer 200: to the INVITE that began the call, or to `request`; with an offer when that has none."""
        request = request or self.invited
        assert request is not None
        body = self.answer(request.body) if request.body else self.offer()
        if request.body:
            self.agree(request.body)
        self.respond(request, 200, "OK", body=body, tag=TAG)

    def refusing(self, status: int, reason: str, *headers: str) -> Callable[[Message], None]:
        """For `on_reinvite`: answer with this status."""
        return lambda request: self.respond(request, status, reason, *headers, tag=TAG)

    # What comes

    def wait_for(self, fits: Callable[[Message], bool], what: str, seconds: float = SECONDS) -> Message:
        """Wait for the first message that fits, of all that came."""
        deadline = monotonic() + seconds
        while True:
            for message in self.received:
                if fits(message):
                    return message
            assert monotonic() < deadline, f"waited {seconds} s in vain for {what}\n{self}"
            self._came.clear()
            self._came.wait(deadline - monotonic())

    def wait_for_request(self, method: str, count: int = 1) -> Message:
        """Wait for the request that is the `count`-th of its method."""

        def fits(message: Message) -> bool:
            return [each for each in self.received if each.method == method].index(message) == count - 1

        return self.wait_for(lambda message: message.method == method and fits(message), f"{count} {method}")

    def __str__(self) -> str:
        return "\n".join([str(self.rtp), *(message.start for message in self.received)])

    def _read(self) -> None:
        while True:
            try:
                data, self.address = self.socket.recvfrom(65535)
            except TimeoutError:
                continue
            message = parse(data)
            if message in self.received:
                self.repeats += 1
                continue
            self.received.append(message)
            self._react(message)
            self._came.set()

    def _react(self, message: Message) -> None:
        if message.method == "INVITE":
            self._invited(message)
        elif message.method == "ACK" and message.body:
            self.agree(message.body)
        elif message.method == "BYE":
            self._ended(message)
        elif message.method == "CANCEL":
            self._ended(message)
            assert self.invited is not None
            self.respond(self.invited, 487, "Request Terminated", tag=TAG)
        elif 100 < message.status < 200 and message.body:
            self.agree(message.body)

    def _invited(self, invite: Message) -> None:
        if ";tag=" not in invite.get("To"):
            self.invited = invite
            self.dialog = Dialog.called(invite, self.port, TAG)
            self.on_invite(invite)
        else:
            assert self.dialog is not None
            self.dialog.learn(invite)
            self.on_reinvite(invite)

    def _ended(self, request: Message) -> None:
        self.has_ended = True
        self.rtp.send_to(None)
        self.respond(request, 200, "OK", tag=TAG)
