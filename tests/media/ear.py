"""What an RTP peer hears: counted, measured and, for a while, kept."""

from __future__ import annotations

from array import array
from collections import deque
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from tests.media import g711, tones
from tests.media.rtp import EVENT_PAYLOAD_TYPE, FRAME_SECONDS, Events, Packet

if TYPE_CHECKING:
    from tests.media.g711 import Law

KEPT_SECONDS = 10.0
GAP_SECONDS = 0.06

_JITTER_SECONDS = 0.06
_HALF = 1 << 15


class Gap(NamedTuple):
    """A time without packets."""

    start: float
    seconds: float


class Frame(NamedTuple):
    """A frame of audio that came in."""

    arrival: float
    law: Law
    payload: bytes


class Ear:
    """Takes the packets of one stream.

    Args:
        light: Only count what comes: keep no audio and no digits.

    Attributes:
        packets: RTP packets received, of any payload type.
        lost: Packets that never came by their sequence numbers, so far.
        first: When the first packet came (monotonic), or None.
        last: When the last packet came, or None.
        gaps: Times of more than 60 ms without packets.
        sources: The SSRCs that were heard.
        hears_events_as: Payload type of telephone events, as the other side was told.
    """

    def __init__(self, *, light: bool = False) -> None:
        self.hears_events_as = EVENT_PAYLOAD_TYPE
        self._light = light
        self._next: tuple[int, int] | None = None
        self._frames: deque[Frame] = deque(maxlen=round(KEPT_SECONDS / FRAME_SECONDS))
        self.forget()

    def forget(self) -> None:
        """Begin to count and to listen anew."""
        self.packets = self.lost = 0
        self.first: float | None = None
        self.last: float | None = None
        self.gaps: deque[Gap] = deque(maxlen=1000)
        self.sources: set[int] = set()
        self._frames.clear()
        self._events = Events()

    def hear(self, packet: Packet, now: float) -> None:
        """Take a packet that came at `now`."""
        if self.last is None:
            self.first = now
        elif now - self.last > GAP_SECONDS:
            self.gaps.append(Gap(self.last, now - self.last))
        self.packets += 1
        self.last = now
        self._count_lost(packet)
        if not self._light:
            self._keep(packet, now)

    def _count_lost(self, packet: Packet) -> None:
        follows = self._next is not None and self._next[0] == packet.ssrc
        missing = packet.sequence - self._next[1] & 0xFFFF if follows and self._next else 0
        if missing >= _HALF:
            self.lost = max(0, self.lost - 1)  # late, not lost
            return
        self.sources.add(packet.ssrc)
        self.lost += missing
        self._next = packet.ssrc, packet.sequence + 1 & 0xFFFF

    def _keep(self, packet: Packet, now: float) -> None:
        law = g711.BY_PAYLOAD_TYPE.get(packet.payload_type)
        if law is not None:
            self._frames.append(Frame(now, law, packet.payload))
        elif packet.payload_type == self.hears_events_as:
            self._events.receive(packet)

    @property
    def digits(self) -> str:
        """The digits that came in, in order."""
        return "".join(each.digit for each in self._events.heard)

    @property
    def events(self) -> list[tuple[str, float, bool]]:
        """The digits that came in: the digit, its milliseconds, and whether its end came."""
        return [(each.digit, each.milliseconds, each.ended) for each in self._events.heard]

    def samples(self, seconds: float) -> array[int]:
        """Give what was heard in the last `seconds`; less when less came."""
        since = monotonic() - seconds - _JITTER_SECONDS
        wanted = round(seconds * g711.RATE)
        frames: list[array[int]] = []
        count = 0
        for frame in reversed(self._frames):
            if frame.arrival < since or count >= wanted:
                break
            frames.append(frame.law.decode(frame.payload))
            count += len(frames[-1])
        heard = array("h", b"".join(each.tobytes() for each in reversed(frames)))
        return heard[max(0, count - wanted) :]

    def amplitude(self, frequency: float, seconds: float = 0.2) -> float:
        """Measure a tone in the last `seconds`; what did not come counts as silence."""
        heard = self.samples(seconds)
        return tones.amplitude(heard, frequency) * len(heard) / (seconds * g711.RATE)

    def level(self, seconds: float = 0.2) -> float:
        """Measure the root mean square of what came in the last `seconds`; 0 when nothing did."""
        return tones.level(self.samples(seconds))
