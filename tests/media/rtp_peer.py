"""The other end of an audio stream: an RTP peer of a few lines on gevent, which measures what it hears.

It runs in callbacks of its thread's hub, on a clock that does not drift, so
that a hundred of them fit into one process. It shares no code with the library.
"""

from __future__ import annotations

import socket
from time import monotonic
from typing import TYPE_CHECKING, Self

from gevent import get_hub
from gevent.event import Event

from tests.media import tones
from tests.media.ear import Ear
from tests.media.rtp import FRAME_SECONDS, parse
from tests.media.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.media.srtp import SRTP

LOOPBACK = "127.0.0.1"
SECONDS = 5.0
"""How long a wait may last where the test says nothing else."""

_SLACK = 0.002
_CAUGHT_UP_AT_ONCE = 10
_DRAINED_AT_ONCE = 64
_LONGEST = 2048
_READ = 1


class RTPPeer(Voice, Ear):
    """One end of a stream; use as a context. What it sends is its voice, what it measures its ear.

    Args:
        codec: "PCMU" or "PCMA": what it sends. It hears both.
        light: Only count what comes: keep no audio and no digits.

    Attributes:
        port: Of RTP; the next one is taken too, and what comes there is ignored.
        sent: RTP packets sent.
        refused: Datagrams that were no RTP, or not authentic.
        source: Where the last packet came from.
        srtp: Keys of both directions, or None.
    """

    def __init__(self, codec: str = "PCMU", *, light: bool = False) -> None:
        Voice.__init__(self, codec)
        Ear.__init__(self, light=light)
        self.srtp: SRTP | None = None
        self.sent = 0
        self._to: tuple[str, int] | None = None
        self._woken = Event()
        self._socket, self._rtcp = _bind_pair()
        self.port: int = self._socket.getsockname()[1]
        loop = get_hub().loop
        self._reader = loop.io(self._socket.fileno(), _READ)
        self._reader.start(self._readable)
        self._due = monotonic()
        self._clock = loop.timer(FRAME_SECONDS, FRAME_SECONDS)
        self._clock.start(self._tick)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __str__(self) -> str:
        return (
            f"RTP peer on {self.port}: sent {self.sent}, got {self.packets} (lost {self.lost}, refused {self.refused}) "
            f"of {len(self.sources)} sources, last from {self.source}, level {self.level():.0f}, digits {self.digits!r}"
        )

    def close(self) -> None:
        """Stop, and give the ports back."""
        for watcher in (self._clock, self._reader):
            watcher.stop()
            watcher.close()
        self._socket.close()
        self._rtcp.close()

    def forget(self) -> None:
        """Begin to count and to listen anew."""
        super().forget()
        self.refused = 0
        self.source: tuple[str, int] | None = None

    def send_to(self, port: int | None, host: str = LOOPBACK) -> None:
        """Send there from now on; None: nowhere."""
        self._to = None if port is None else (host, port)

    def take_over(self, other: RTPPeer) -> None:
        """Say what `other` says, under the same keys."""
        self.law, self.srtp, self._tone = other.law, other.srtp, other._tone
        self.says_events_as, self.hears_events_as = other.says_events_as, other.hears_events_as

    # In the hub

    def _tick(self) -> None:
        now = monotonic()
        for _ in range(_CAUGHT_UP_AT_ONCE):
            if self._due > now + _SLACK:
                return
            self._due += FRAME_SECONDS
            self._say()
        self._due = now + FRAME_SECONDS

    def _say(self) -> None:
        packet = self.next_packet()
        if packet is None or self._to is None:
            return
        data = bytes(packet)
        try:
            self._socket.sendto(data if self.srtp is None else self.srtp.protect(data), self._to)
        except OSError:
            return  # nobody listens there (any more); a telephone would go on as well
        self.sent += 1

    def _readable(self) -> None:
        now = monotonic()
        for _ in range(_DRAINED_AT_ONCE):
            try:
                data, source = self._socket.recvfrom(_LONGEST)
            except BlockingIOError:
                break
            except OSError:
                continue
            self._receive(data, source, now)
        self._woken.set()

    def _receive(self, data: bytes, source: tuple[str, int], now: float) -> None:
        plain = data if self.srtp is None else self.srtp.unprotect(data)
        packet = None if plain is None else parse(plain)
        if packet is None:
            self.refused += 1
            return
        self.source = source
        self.hear(packet, now)

    # In the test

    def wait_until(
        self, holds: Callable[[RTPPeer], object], timeout: float = SECONDS, what: str = "what the test expects"
    ) -> None:
        """Wait until `holds(peer)`, looking after each packet and 50 times a second."""
        deadline = monotonic() + timeout
        while not holds(self):
            left = deadline - monotonic()
            assert left > 0, f"waited {timeout} s in vain for {what}\n{self}"
            self._woken.clear()
            self._woken.wait(min(left, FRAME_SECONDS))

    def wait_for_packets(self, count: int, timeout: float = SECONDS) -> None:
        """Wait until `count` more packets came."""
        enough = self.packets + count
        self.wait_until(lambda peer: peer.packets >= enough, timeout, f"{count} packets")

    def wait_to_hear(self, frequency: float, timeout: float = SECONDS, at_least: float = 0.8 * tones.LOUD) -> None:
        """Wait until a tone has been heard for 200 ms."""
        self.wait_until(lambda peer: peer.amplitude(frequency) >= at_least, timeout, f"a tone of {frequency} Hz")

    def wait_for_quiet(self, seconds: float = 0.2, timeout: float = SECONDS, at_most: float = 100.0) -> None:
        """Wait until nothing was heard for `seconds`: neither a sound nor, perhaps, a packet."""
        self.wait_until(lambda peer: peer.level(seconds) <= at_most, timeout, "quiet")

    def wait_for_no_packets(self, seconds: float = 0.2, timeout: float = SECONDS) -> None:
        """Wait until no packet came for `seconds`, counted from now."""
        begin = monotonic()
        self.wait_until(lambda peer: monotonic() - max(begin, peer.last or begin) > seconds, timeout, "no packets")

    def wait_for_digits(self, digits: str, timeout: float = SECONDS) -> None:
        """Wait until these digits, and no others, came in."""
        self.wait_until(lambda peer: peer.digits == digits, timeout, f"the digits {digits!r}")


def _bind_pair() -> tuple[socket.socket, socket.socket]:
    while True:
        rtp, rtcp = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        rtp.setblocking(False)
        rtp.bind((LOOPBACK, 0))
        port = rtp.getsockname()[1]
        try:
            if port % 2 == 0:
                rtcp.bind((LOOPBACK, port + 1))
                return rtp, rtcp
        except OSError:
            pass
        rtp.close()
        rtcp.close()
