"""What telephones hear of audio calls: how soon after `connect()`, and how long nothing when the audio process dies.

The telephones are raw ones in this process; each hears what it says, so that
a gap is one of both directions.

Usage: python bench/audio_heard.py [CALLS]
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import gevent
from gevent import get_hub
from lines import figure
from processes import Peer, raise_open_files

from tests.interop.audio_peer import AudioPeer
from tests.media.rtp_peer import RTPPeer

PEER = Path(__file__).parent / "audio_peer.py"
SET_UPS = 40
SECONDS = 20.0
ECHOES = 10
"""Packets with sound after which both directions are there again."""

QUIET = frozenset((0x7E, 0x7F, 0xFE, 0xFF))
FEWER, MORE = {"smaller_is_better": True}, {"smaller_is_better": False}


class Listener(RTPPeer):
    """An RTP peer that only notes when something was said.

    Attributes:
        heard: When the last packet came that was not silent.
        longest: The longest time between two of those.
        speaker: Where that came from.
        fresh: How many have come from there.
    """

    def __init__(self):
        super().__init__(light=True)
        self.heard, self.longest, self.fresh = 0.0, 0.0, 0
        self.speaker = None

    def hear(self, packet, now):
        super().hear(packet, now)
        if packet.payload and packet.payload[0] not in QUIET and packet.payload[1] not in QUIET:
            if self.heard:
                self.longest = max(self.longest, now - self.heard)
            self.fresh = self.fresh + 1 if self.speaker == self.source else 1
            self.heard, self.speaker = now, self.source


class Telephone(AudioPeer):
    """A telephone that accepts, and says a tone."""

    def __init__(self):
        super().__init__()
        self.rtp.close()
        self.rtp = Listener()
        self.rtp.play(440)
        self.on_invite = self.accept


def ask(peer, word, **details):
    """Ask another process while the telephones go on."""
    return get_hub().threadpool.apply(peer.ask, (word,), details)


def wait(holds, what):
    deadline = monotonic() + SECONDS
    while not holds():
        if monotonic() > deadline:
            raise TimeoutError(f"waited in vain for {what}")
        gevent.sleep(0.005)


def percentile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * percent // 100)]


def set_up(alice):
    """Measure from `connect()` to the first RTP at the telephone, one call after the other, the first one warm too."""
    times = []
    for number in range(SET_UPS + 1):
        with Telephone() as telephone:
            begun = ask(alice, "connect", port=telephone.port)["at"]
            wait(lambda: telephone.rtp.first, "RTP")
            if number:
                times.append((telephone.rtp.first - begun) * 1000)
            ask(alice, "end", seconds=10)
    print({"set_up_ms": sorted(times)}, file=sys.stderr)
    figure("audio.first_rtp_p50", percentile(times, 50), "ms", 100, 1.0, **FEWER)
    figure("audio.first_rtp_p99", percentile(times, 99), "ms", 250, 1.0, **FEWER)


def gaps_of(telephones, pid, alice, how):
    """Kill or stop one worker; return for how many calls, and how long their telephones then heard nothing, in ms."""
    for each in telephones.values():
        each.rtp.longest = 0.0
    speakers = {port: each.rtp.speaker for port, each in telephones.items()}
    told = ask(alice, "lose", pid=pid, seconds=10, how=how)
    hit = {port: telephones[port].rtp for port in told["ports"]}
    wait(lambda: all(rtp.speaker != speakers[port] and rtp.fresh > ECHOES for port, rtp in hit.items()), "echoes")
    return told, [rtp.longest * 1000 for rtp in hit.values()]


def recovery(alice, telephones, count):
    """Kill each worker in turn, then stop one."""
    hit, restarts, ended, gaps = 0, 0, 0, []
    for pid in ask(alice, "workers")["pids"]:
        told, found = gaps_of(telephones, pid, alice, "SIGKILL")
        hit, restarts, ended = hit + told["calls"], restarts + len(told["recovered"]), ended + told["ended"]
        gaps += found
    print({"calls": count, "hit": hit, "gaps_ms": sorted(gaps)}, file=sys.stderr)
    byes = sum(each.has_ended for each in telephones.values())
    figure("audio.heard_calls_hit", hit, "calls", count, 1.0, **MORE)
    figure("audio.heard_restarts_told", restarts, "notifications", hit, 1.0, **FEWER)
    figure("audio.heard_calls_lost", ended + byes, "calls", 1, 0.0, **FEWER)
    figure("audio.heard_gap_p50", percentile(gaps, 50), "ms", 1000, 0.5, **FEWER)
    figure("audio.heard_gap_p99", percentile(gaps, 99), "ms", 1000, 1.0, **FEWER)
    gevent.sleep(31)  # the third loss within 30 s ends a call
    pid = ask(alice, "workers")["pids"][0]
    told, gaps = gaps_of(telephones, pid, alice, "SIGSTOP")
    print({"stopped_gaps_ms": sorted(gaps)}, file=sys.stderr)
    figure("audio.heard_gap_of_a_hang", max(gaps), "ms", 3000, 1.0, **FEWER)


def main(count=100):
    raise_open_files()
    with ExitStack() as stack:
        alice = stack.enter_context(Peer(PEER, count + 16))
        get_hub().threadpool.apply(alice.read)
        set_up(alice)
        telephones = {each.port: each for each in (stack.enter_context(Telephone()) for _ in range(count))}
        for port, each in telephones.items():
            ask(alice, "connect", port=port)
            wait(lambda: each.rtp.first, "RTP")  # noqa: B023
        ask(alice, "echo")
        wait(lambda: all(each.rtp.heard for each in telephones.values()), "echoes")
        recovery(alice, telephones, count)
        os.kill(alice.pid, signal.SIGTERM)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
