"""RTP packets (RFC 3550) and telephone events (RFC 4733), as far as a peer of tests needs them."""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass

DIGITS = "0123456789*#ABCD"
EVENT_PAYLOAD_TYPE = 101
END_REPEATS = 3
FRAME_SECONDS = 0.02
FRAME = 160
"""Samples, and so also timestamp units and octets of G.711, of one frame."""

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_VERSION_2 = 0x80
_MARKER = 0x80
_ENDS = 0x80
_VOLUME = 10


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet without CSRCs and extensions."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def __bytes__(self) -> bytes:
        second = self.payload_type | (_MARKER if self.marker else 0)
        return _HEADER.pack(_VERSION_2, second, self.sequence, self.timestamp, self.ssrc) + self.payload


def parse(data: bytes) -> Packet | None:
    """Read a datagram; None when it is no RTP of the simple kind."""
    if len(data) < _HEADER.size or data[0] != _VERSION_2:
        return None
    _, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    return Packet(second & 0x7F, sequence, timestamp, ssrc, data[_HEADER.size :], bool(second & _MARKER))


def event_payloads(digit: str, frames: int) -> list[bytes]:
    """Give the payloads of one digit: one for each frame, the last of them thrice, as the end."""
    code = DIGITS.index(digit)
    growing = [_EVENT.pack(code, _VOLUME, FRAME * frame) for frame in range(1, frames + 1)]
    return growing[:-1] + [_EVENT.pack(code, _VOLUME | _ENDS, FRAME * frames)] * END_REPEATS


@dataclass(slots=True)
class Heard:
    """A digit that came in.

    Attributes:
        digit: The character.
        milliseconds: How long it has lasted so far.
        ended: Whether its end came.
    """

    digit: str
    milliseconds: float
    ended: bool


class Events:
    """Puts the packets of telephone events together; each digit counts once."""

    def __init__(self) -> None:
        self.heard: deque[Heard] = deque(maxlen=1000)
        self._current: tuple[int, int] | None = None

    def receive(self, packet: Packet) -> None:
        """Take a packet of the events' payload type."""
        if len(packet.payload) < _EVENT.size:
            return
        code, flags, duration = _EVENT.unpack_from(packet.payload)
        if code >= len(DIGITS):
            return
        if self._current != (packet.ssrc, packet.timestamp):
            self._current = (packet.ssrc, packet.timestamp)
            self.heard.append(Heard(DIGITS[code], 0.0, False))
        last = self.heard[-1]
        last.milliseconds = max(last.milliseconds, duration / 8)
        last.ended = last.ended or bool(flags & _ENDS)
