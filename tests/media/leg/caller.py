"""What a worker says to a leg: lines, the SIP of one call, and where its commands go."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

from sipsimple.media import messages, wire
from sipsimple.media.leg.facts import Settings
from sipsimple.protocols.sdp.audio_media import self_contained
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.media import Attribute, Connection, Media
from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.transport import Flow

SIP_PORT = 5070
CRYPTO = "1 AES_CM_128_HMAC_SHA1_80 inline:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkw"


def line(port: int, *, srtp: str | None = None, direction: str = "sendrecv", address: str = "127.0.0.1") -> Media:
    """Return a self-contained audio line."""
    attributes = (Attribute("rtpmap", "0 PCMU/8000"), Attribute("rtpmap", "101 telephone-event/8000"))
    if srtp is not None:
        attributes = (*attributes, Attribute("crypto", srtp))
    protocol = "RTP/AVP" if srtp is None else "RTP/SAVP"
    media = Media("audio", port, protocol, ("0", "101"), attributes, Connection.to(address))
    return media.with_direction(direction)


def described(media: Media, version: int = 1) -> bytes:
    """Return a description of that line alone."""
    return bytes(SessionDescription.create(3_900_000_000, "127.0.0.1", "-", (media,), version=version))


PLAIN = Settings()
PEER = line(40000)
OTHER_PEER = line(40010)


class Caller:
    """The user agent of one call in a worker."""

    def __init__(self, token: str, number: int, *, with_offer: bool, srtp: str | None = None) -> None:
        self.token = token
        self.with_offer = with_offer
        self.line = line(30000 + 2 * number, srtp=srtp)
        self.flow = Flow("udp", ("127.0.0.1", SIP_PORT), ("127.0.0.1", 6000 + number))
        self.cseq = 0
        self.remote_tag = ""
        self.remote: Media | None = None
        self.invited: Request | None = None

    def request(self, method: str, body: bytes = b"", cseq: int | None = None) -> Request:
        if cseq is None:
            self.cseq += 1
        number = self.cseq if cseq is None else cseq
        to = f"<sip:{self.token}@127.0.0.1:{SIP_PORT}>" + (f";tag={self.remote_tag}" if self.remote_tag else "")
        host, port = self.flow.remote
        headers = [
            ("Via", f"SIP/2.0/UDP {host}:{port};rport;branch=z9hG4bK{self.token}.{method}.{number}"),
            ("From", f"<sip:worker@{host}:{port}>;tag=w{self.token}"),
            ("To", to),
            ("Call-ID", f"call-{self.token}"),
            ("CSeq", f"{number} {method}"),
            ("Contact", f"<sip:worker@{host}:{port}>"),
            ("Max-Forwards", "70"),
        ]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        request = Request(method, f"sip:{self.token}@127.0.0.1:{SIP_PORT}", headers, body)
        if method == "INVITE":
            self.invited = request
        return request

    def arrived(self, method: str, body: bytes = b"", cseq: int | None = None) -> messages.WorkerRequest:
        return messages.WorkerRequest(self.request(method, body, cseq), self.flow)

    def invite(self) -> messages.WorkerRequest:
        return self.arrived("INVITE", described(self.line) if self.with_offer else b"")

    def ack(self, body: bytes = b"") -> messages.WorkerRequest:
        return self.arrived("ACK", body, self.cseq)

    def answered(self, request: Request, status: int, body: bytes = b"") -> messages.WorkerResponse:
        contact = ("Contact", f"<sip:worker@127.0.0.1:{self.flow.remote[1]}>")
        kind = "application/sdp" if body else None
        return messages.WorkerResponse(response_to(request, status, None, f"w{self.token}", (contact,), body, kind))

    def flowing(self) -> wire.Flowing:
        remote = f"127.0.0.1:{self.remote.port if self.remote else 0}"
        return wire.Flowing(self.token, "PCMU", 8000, "sendrecv", f"127.0.0.1:{self.line.port}", remote)


@dataclass
class Link:
    """Where commands to a worker go."""

    number: int
    name: str = ""
    port: int = 0
    port_count: int = 0

    def __post_init__(self) -> None:
        self.name = f"worker-{self.number}"
        self.sip = ("127.0.0.1", 6000 + self.number)
        self.ready = SimpleNamespace(pid=self.number)


def read_line(body: bytes) -> Media:
    """Return the line of a description, self-contained."""
    return self_contained(SessionDescription.parse(body), 0)
