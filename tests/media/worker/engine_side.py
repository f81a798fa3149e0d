"""The engine's side of a worker's call: a SIP user agent server of a few lines, which shares no code with ours."""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import time
from typing import TYPE_CHECKING, NamedTuple, Self

import pytest
from gevent.socket import wait_read

from sipsimple.media import wire
from tests.media.rtp_peer import LOOPBACK, RTPPeer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.media.worker.process import Worker

SECONDS = 5.0
_numbers = itertools.count(1)


class Message(NamedTuple):
    """A SIP message as it came."""

    start: str
    headers: dict[str, str]
    body: str

    @classmethod
    def parse(cls, data: bytes) -> Message:
        """Cut one."""
        head, _, body = data.decode().partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        return cls(start, {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}, body)

    @property
    def method(self) -> str:
        """Of a request; of a response "SIP/2.0"."""
        return self.start.split()[0]

    @property
    def status(self) -> int:
        """Of a response."""
        return int(self.start.split()[1])


class Line:
    """One leg as the engine has it, with the RTP peer behind it; use as a context.

    Attributes:
        peer: The other end of its audio.
        offer: The worker's last description.
    """

    def __init__(self, worker: Worker, codec: str = "PCMU", token: str | None = None) -> None:
        self.worker = worker
        self.token = token or f"leg{next(_numbers)}"
        self.peer = RTPPeer(codec)
        self.offer = ""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.setblocking(False)
        self._invite: Message | None = None
        self._seen: set[str] = set()
        self._cseq = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.close()
        finally:
            self.peer.close()
            self._socket.close()

    def close(self) -> None:
        """Close the leg, and answer what the worker sends about it."""
        if self.worker.is_ended:
            return
        self.worker.send(wire.Close(self.token))
        self.worker.ping()
        with contextlib.suppress(BlockingIOError):
            while True:
                message = Message.parse(self._socket.recv(65536))
                if message.method in ("BYE", "CANCEL"):
                    self.respond(message, "200 OK")

    @property
    def port(self) -> int:
        """Of SIP."""
        return int(self._socket.getsockname()[1])

    def open(self, *, with_offer: bool = True, **options: object) -> Message:
        """Have the worker call, and return its INVITE."""
        options.setdefault("address", LOOPBACK)
        self.worker.send(wire.Open(self.token, self.port, with_offer, **options))  # type: ignore[arg-type]
        return self.take("INVITE")

    def establish(self, *, with_offer: bool = True, **options: object) -> wire.Flowing:
        """Have the worker call, answer, and wait until audio flows."""
        invite = self.open(with_offer=with_offer, **options)
        self.respond(invite, "200 OK", self.line())
        ack = self.take("ACK")
        if not with_offer:
            self.learn(ack.body)
        return self.flowing()

    def flowing(self) -> wire.Flowing:
        """Wait until the worker says that audio flows, or does not."""
        return self.worker.wait_for(wire.Flowing, lambda event: event.leg == self.token)

    def line(self, direction: str = "sendrecv", extra: str = "", formats: str = "", profile: str = "RTP/AVP") -> str:
        """Describe the peer; it takes only its own codec unless `formats` says otherwise."""
        formats = formats or f"{self.peer.law.payload_type} 101"
        events = "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n" if "101" in formats else ""
        return (
            f"v=0\r\no=- 1 {next(_numbers)} IN IP4 {LOOPBACK}\r\ns=-\r\nc=IN IP4 {LOOPBACK}\r\nt=0 0\r\n"
            f"m=audio {self.peer.port} {profile} {formats}\r\n{events}{extra}a={direction}\r\n"
        )

    def reinvite(self, body: str) -> Message:
        """Send a re-INVITE with an offer, acknowledge, and return the final response."""
        with self.unacknowledged(body) as response:
            return response

    @contextlib.contextmanager
    def unacknowledged(self, body: str) -> Iterator[Message]:
        """Send a re-INVITE with an offer; its final response is acknowledged when the context is left."""
        response = self.request("INVITE", body)
        while response.status < 200:
            response = self.take("SIP/2.0")
        yield response
        self._send("ACK", self._cseq)
        if response.status < 300:
            self.learn(response.body)

    def request(self, method: str, body: str = "") -> Message:
        """Send a request inside of the call and return the first response."""
        self._cseq += 1
        self._send(method, self._cseq, body)
        return self.take("SIP/2.0")

    def take(self, method: str) -> Message:
        """Wait for a message; repeats and others are left out."""
        until = time.monotonic() + SECONDS
        while True:
            wait_read(self._socket.fileno(), max(0.001, until - time.monotonic()), AssertionError(f"no {method}"))
            data = self._socket.recv(65536)
            message = Message.parse(data)
            key = f"{message.method} {message.headers['CSeq']} {message.headers['Via']} {message.start}"
            if message.method == method and key not in self._seen:
                self._seen.add(key)
                if method == "INVITE":
                    self._invite = self._invite or message
                    self.learn(message.body)
                return message

    def has_nothing(self) -> None:
        """Make sure that no datagram has come, of all that were sent before."""
        self.worker.ping()
        with pytest.raises(BlockingIOError):
            self._socket.recv(65536)

    def respond(self, request: Message, status: str, body: str = "") -> None:
        """Answer a request of the worker."""
        headers = dict(request.headers)
        if ";tag=" not in headers["To"]:
            headers["To"] += ";tag=engine"
        lines = [
            f"SIP/2.0 {status}",
            *(f"{name}: {headers[name]}" for name in ("Via", "From", "To", "Call-ID", "CSeq")),
        ]
        self._put(lines, body)

    def _send(self, method: str, cseq: int, body: str = "") -> None:
        assert self._invite is not None
        headers = self._invite.headers
        tagged = headers["To"] if ";tag=" in headers["To"] else headers["To"] + ";tag=engine"
        lines = [
            f"{method} sip:{LOOPBACK}:{self.worker.ready.sip_port} SIP/2.0",
            f"Via: SIP/2.0/UDP {LOOPBACK}:{self.port};branch=z9hG4bK{self.token}{method}{cseq}",
            "Max-Forwards: 70",
            f"From: {tagged}",
            f"To: {headers['From']}",
            f"Call-ID: {headers['Call-ID']}",
            f"CSeq: {cseq} {method}",
        ]
        self._put(lines, body)

    def _put(self, lines: list[str], body: str) -> None:
        lines = [*lines, f"Contact: <sip:{self.token}@{LOOPBACK}:{self.port}>"]
        if body:
            lines.append("Content-Type: application/sdp")
        text = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
        self._socket.sendto(text.encode(), (LOOPBACK, self.worker.ready.sip_port))

    def learn(self, description: str) -> None:
        """Send the peer's audio where the worker wants it."""
        self.offer = description or self.offer
        port = re.search(r"^m=audio (\d+)", description, re.MULTILINE)
        if port:
            self.peer.send_to(int(port[1]) or None)
        payload = re.search(r"^a=rtpmap:(\d+) telephone-event", description, re.MULTILINE)
        if payload:
            self.peer.events_as = 101
