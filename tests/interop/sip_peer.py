"""A SIP user agent of a few lines over a plain UDP socket: it shares no code with the library.

It does what it is told, right or wrong, so that a test can be the peer that it needs.
"""

from __future__ import annotations

import itertools
import re
import socket
from dataclasses import dataclass
from typing import Self

SECONDS = 15.0
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as text: the start line, the header lines, the body."""

    start: str
    lines: tuple[str, ...]
    body: str

    @property
    def method(self) -> str:
        """Of a request, else `SIP/2.0`."""
        return self.start.partition(" ")[0]

    @property
    def status(self) -> int:
        """Of a response, else 0."""
        return int(self.start.split(" ")[1]) if self.method == "SIP/2.0" else 0

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        prefix = f"{name.lower()}:"
        return [line.partition(":")[2].strip() for line in self.lines if line.lower().startswith(prefix)]

    def get(self, name: str) -> str:
        """The first value of a header, empty without it."""
        return next(iter(self.all(name)), "")

    def tag(self, name: str) -> str:
        """The tag of From or To."""
        found = re.search(r";tag=([^;>\s]+)", self.get(name))
        return found.group(1) if found else ""

    @property
    def contact(self) -> str:
        """The URI in Contact."""
        return self.get("Contact").partition("<")[2].partition(">")[0]

    def attribute(self, name: str) -> str:
        """An attribute of the description in the body."""
        found = re.search(rf"^a={name}:(.*)$", self.body, re.MULTILINE)
        return found.group(1).strip() if found else ""

    @property
    def path(self) -> str:
        """The MSRP path in the body."""
        return self.attribute("path")


def parse(data: bytes) -> Message:
    """Read a datagram."""
    head, _, body = data.decode("utf-8", "surrogateescape").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    return Message(start, tuple(lines), body)


def chat_line(path: str, *attributes: str, protocol: str = "TCP/MSRP", types: str = "message/cpim text/*") -> str:
    """An m=message line for a path."""
    port = re.search(r":(\d+)/", path)
    assert port, path
    lines = [f"m=message {port.group(1)} {protocol} *", f"a=path:{path}"]
    if types:
        lines += [f"a=accept-types:{types}", "a=accept-wrapped-types:*"]
    return "\r\n".join([*lines, *(f"a={each}" for each in attributes), ""])


def description(*media: str, host: str = "127.0.0.1") -> str:
    """A session description with these m-lines."""
    return f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n" + "".join(media)


class SIPPeer:
    """One user agent at an address of this host; use as a context."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.settimeout(SECONDS)
        self.port: int = self.socket.getsockname()[1]
        self.address = ("127.0.0.1", 0)
        self.received: list[Message] = []
        self.repeats = 0
        self.repeated: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, text: str, port: int | None = None) -> None:
        """Send text as it is."""
        to = self.address if port is None else ("127.0.0.1", port)
        self.socket.sendto(text.encode("utf-8", "surrogateescape"), to)

    def receive(self, *starts: str) -> Message:
        """Take messages until one comes that begins with one of `starts` and was not taken before."""
        while True:
            data, self.address = self.socket.recvfrom(65535)
            message = parse(data)
            if message in self.received:
                self.repeats += 1
                self.repeated.append(message.start)
            else:
                self.received.append(message)
                if message.start.startswith(starts):
                    return message

    # The calling side

    def invite(
        self, port: int, body: str, *headers: str, uri: str = "", to: str = "", content_type: str = "application/sdp"
    ) -> str:
        """Call the port; return the INVITE as sent, from which `within` makes what follows."""
        number = next(_numbers)
        self.address = ("127.0.0.1", port)
        head = [
            f"INVITE {uri or f'sip:bob@127.0.0.1:{port}'} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bKraw{number}",
            "Max-Forwards: 70",
            f"From: <sip:peer@127.0.0.1:{self.port}>;tag=raw{number}",
            f"To: <{to or f'sip:bob@127.0.0.1:{port}'}>",
            f"Call-ID: raw{number}-{self.port}",
            "CSeq: 1 INVITE",
            f"Contact: <sip:peer@127.0.0.1:{self.port}>",
            "User-Agent: raw peer",
            *headers,
            *([f"Content-Type: {content_type}"] if body else []),
            f"Content-Length: {len(body.encode())}",
        ]
        invite = "\r\n".join(head) + "\r\n\r\n" + body
        self.send(invite)
        return invite

    def within(self, invite: str, method: str, answer: Message | None, number: int = 2, body: str = "") -> str:
        """Shape a request of the call that `invite` began, or a CANCEL or an ACK of it."""
        sent = parse(invite.encode())
        in_dialog = answer is not None and (answer.status < 300 or method != "ACK")
        same_branch = method == "CANCEL" or not in_dialog
        branch = sent.get("Via") if same_branch else sent.get("Via") + f"x{next(_numbers)}"
        if method in ("CANCEL", "ACK"):
            number = int(sent.get("CSeq").split()[0])
        target = answer.contact if answer is not None and answer.contact else sent.start.split(" ")[1]
        head = [
            f"{method} {target} SIP/2.0",
            f"Via: {branch}",
            "Max-Forwards: 70",
            f"From: {sent.get('From')}",
            f"To: {answer.get('To') if answer is not None else sent.get('To')}",
            f"Call-ID: {sent.get('Call-ID')}",
            f"CSeq: {number} {method}",
            f"Contact: <sip:peer@127.0.0.1:{self.port}>",
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body.encode())}",
        ]
        return "\r\n".join(head) + "\r\n\r\n" + body

    # The called side

    def respond(
        self, request: Message, status: int, reason: str, *headers: str, body: str = "", tag: str = "rawtag"
    ) -> None:
        """Answer a request where it came from."""
        to = request.get("To")
        head = [
            f"SIP/2.0 {status} {reason}",
            *(f"Via: {each}" for each in request.all("Via")),
            f"From: {request.get('From')}",
            f"To: {to if ';tag=' in to or status == 100 else f'{to};tag={tag}'}",
            f"Call-ID: {request.get('Call-ID')}",
            f"CSeq: {request.get('CSeq')}",
            f"Contact: <sip:peer@127.0.0.1:{self.port}>",
            *headers,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body.encode())}",
        ]
        self.send("\r\n".join(head) + "\r\n\r\n" + body)
