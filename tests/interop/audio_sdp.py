"""Session descriptions with audio, as far as a peer of tests needs them: its own lines, and what the others' say."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.media.g711 import LAWS
from tests.media.rtp import EVENT_PAYLOAD_TYPE
from tests.media.srtp import Crypto, parse_crypto

LOOPBACK = "127.0.0.1"
NOWHERE = "0.0.0.0"  # an address of old-style hold, nothing binds it
MIRROR = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


@dataclass(frozen=True, slots=True)
class Line:
    """One m-line of a description that came in.

    Attributes:
        kind: "audio", "message", ...
        port: 0 when the line is refused.
        protocol: Such as RTP/AVP.
        formats: Payload types, or what the protocol has.
        host: Where the media go; of the line, or of the session.
        direction: sendrecv by default.
        crypto: The first key of the suite that the peer knows.
        events: Payload type of telephone events; None without them.
        text: The whole section.
    """

    kind: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    host: str
    direction: str
    crypto: Crypto | None
    events: int | None
    text: str

    @property
    def lets_us_send(self) -> bool:
        """Whether media may go to the one who wrote the line."""
        return self.port > 0 and self.host != NOWHERE and self.direction in ("sendrecv", "recvonly")


def lines(body: str) -> list[Line]:
    """Read the m-lines of a description."""
    session, *sections = re.split(r"^(?=m=)", body, flags=re.MULTILINE)
    return [_line(section, session) for section in sections]


def _line(section: str, session: str) -> Line:
    events = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", section, re.MULTILINE)
    kind, port, protocol, *formats = section.partition("\r\n")[0].removeprefix("m=").split()
    return Line(
        kind,
        int(port.partition("/")[0]),
        protocol,
        tuple(formats),
        _found(r"^c=IN IP4 (\S+)", section, session, LOOPBACK),
        _found(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", section, session, "sendrecv"),
        parse_crypto(section),
        int(events.group(1)) if events else None,
        section,
    )


def _found(pattern: str, section: str, session: str, default: str) -> str:
    found = re.search(pattern, section, re.MULTILINE) or re.search(pattern, session, re.MULTILINE)
    return found.group(1) if found else default


def audio(body: str) -> Line | None:
    """The first audio line that is not refused."""
    return next((line for line in lines(body) if line.kind == "audio" and line.port), None)


def audio_line(
    port: int,
    codecs: tuple[str, ...] = ("PCMU", "PCMA"),
    *,
    direction: str = "sendrecv",
    protocol: str = "RTP/AVP",
    crypto: Crypto | None = None,
    host: str = "",
    events: int = EVENT_PAYLOAD_TYPE,
) -> str:
    """Write an audio line with telephone events."""
    types = [LAWS[codec].payload_type for codec in codecs]
    words = " ".join(map(str, [*types, events]))
    text = [
        f"m=audio {port} {protocol} {words}",
        *([f"c=IN IP4 {host}"] if host else []),
        *(f"a=rtpmap:{number} {codec}/8000" for number, codec in zip(types, codecs, strict=True)),
        f"a=rtpmap:{events} telephone-event/8000",
        f"a=fmtp:{events} 0-16",
        *([f"a=crypto:{crypto}"] if crypto else []),
        f"a={direction}",
    ]
    return "\r\n".join([*text, ""])


def refused_line(line: Line) -> str:
    """Write the line that refuses `line`."""
    return f"m={line.kind} 0 {line.protocol} {' '.join(line.formats)}\r\n"


def document(version: int, *media: str) -> str:
    """Write a description with these m-lines."""
    head = ["v=0", f"o=peer 4711 {version} IN IP4 {LOOPBACK}", "s=-", f"c=IN IP4 {LOOPBACK}", "t=0 0", ""]
    return "\r\n".join(head) + "".join(media)
