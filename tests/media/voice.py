"""What an RTP peer says, frame by frame: a tone, silence or nothing, and digits in between."""

from __future__ import annotations

import random
from collections import deque
from functools import cache
from typing import TYPE_CHECKING

from tests.media import g711, tones
from tests.media.rtp import EVENT_PAYLOAD_TYPE, FRAME, FRAME_SECONDS, Packet, event_payloads

if TYPE_CHECKING:
    from tests.media.g711 import Law

_DIGIT_PAUSE_FRAMES = 4


class Voice:
    """Makes the packets of one stream.

    Attributes:
        law: Of what is said; may change at any time.
        says_events_as: Payload type of telephone events, as the other side asked for.
    """

    def __init__(self, codec: str) -> None:
        self.law = g711.LAWS[codec]
        self.says_events_as = EVENT_PAYLOAD_TYPE
        self._tone: tuple[int, int] | None = None
        self._digits: deque[tuple[bytes, int] | None] = deque()
        self._frame = 0
        self._sequence = random.getrandbits(15)  # so that no short test comes to its wrap, which SRTP would notice
        self._timestamp = random.getrandbits(32)
        self._ssrc = random.getrandbits(32)

    def play(self, frequency: int, amplitude: int = tones.LOUD) -> None:
        """Send a tone of a whole number of Hz."""
        self._tone = frequency, amplitude

    def play_silence(self) -> None:
        """Send packets of silence."""
        self.play(0, 0)

    def play_nothing(self) -> None:
        """Send no packets."""
        self._tone = None

    def send_digit(self, digit: str, milliseconds: int = 100) -> None:
        """Send a DTMF digit as telephone events, after those that are still being sent."""
        payloads = event_payloads(digit, max(1, round(milliseconds / 1000 / FRAME_SECONDS)))
        self._digits.extend((payload, at) for at, payload in enumerate(payloads))
        self._digits.extend([None] * _DIGIT_PAUSE_FRAMES)

    @property
    def is_sending_digits(self) -> bool:
        """Whether digits are still being sent."""
        return bool(self._digits)

    def next_packet(self) -> Packet | None:
        """Give what is due for the next 20 ms."""
        self._timestamp = self._timestamp + FRAME & 0xFFFFFFFF
        event = self._digits.popleft() if self._digits else None
        if event is not None:
            payload, before = event
            # All packets of an event bear the time at which it began.
            return self._packet(self.says_events_as, self._timestamp - FRAME * before, payload, marker=before == 0)
        if self._tone is None:
            return None
        self._frame += 1
        payloads = _second_of(self.law, *self._tone)
        return self._packet(self.law.payload_type, self._timestamp, payloads[self._frame % len(payloads)], marker=False)

    def _packet(self, payload_type: int, timestamp: int, payload: bytes, *, marker: bool) -> Packet:
        self._sequence = self._sequence + 1 & 0xFFFF
        return Packet(payload_type, self._sequence, timestamp & 0xFFFFFFFF, self._ssrc, payload, marker)


@cache
def _second_of(law: Law, frequency: int, amplitude: int) -> tuple[bytes, ...]:
    # A second of a whole number of Hz begins again where it ends.
    data = law.encode(tones.Tone(frequency, amplitude).samples(g711.RATE))
    return tuple(data[at : at + FRAME] for at in range(0, len(data), FRAME))
