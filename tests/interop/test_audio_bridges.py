"""Bridges of two calls, and DTMF, with plain RTP telephones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.audio_calls import FAINT, LOUD, OTHERS, OURS, THEIRS, both_ways, call, called, needs_audio
from tests.interop.audio_peer import AudioPeer

if TYPE_CHECKING:
    from pathlib import Path

    from tests.watch import Watch

pytestmark = [needs_audio, pytest.mark.slow]

DIGITS = "0123456789*#ABCD"


def test_two_bridged_peers_hear_each_other_and_not_themselves(watch: Watch, peer: AudioPeer, other: AudioPeer) -> None:
    one, two = call(watch, peer), called(watch, other)
    peer.rtp.wait_for_packets(10)
    assert peer.rtp.amplitude(OTHERS) < FAINT
    one.bridge(two)
    peer.rtp.wait_to_hear(OTHERS, at_least=LOUD)
    other.rtp.wait_to_hear(THEIRS, at_least=LOUD)
    assert peer.rtp.amplitude(THEIRS) < FAINT
    assert other.rtp.amplitude(OTHERS) < FAINT
    two.unbridge()
    peer.rtp.wait_for_quiet()
    other.rtp.wait_for_quiet()


def test_a_held_peer_of_a_bridge_hears_nothing_and_is_not_heard(
    watch: Watch, peer: AudioPeer, other: AudioPeer
) -> None:
    one, two = call(watch, peer), call(watch, other)
    one.bridge(two)
    peer.rtp.wait_to_hear(OTHERS, at_least=LOUD)
    one.hold()
    peer.rtp.wait_for_quiet()
    other.rtp.wait_for_quiet()
    one.unhold()
    peer.rtp.wait_to_hear(OTHERS, at_least=LOUD)
    other.rtp.wait_to_hear(THEIRS, at_least=LOUD)


def test_a_bridge_ends_with_one_of_its_calls_and_the_other_goes_on(
    watch: Watch, peer: AudioPeer, other: AudioPeer, tone: Path
) -> None:
    one, two = call(watch, peer), call(watch, other)
    one.bridge(two)
    peer.rtp.wait_to_hear(OTHERS, at_least=LOUD)
    two.terminate()
    watch.wait_for("SCSessionDidEnd", two)
    peer.rtp.wait_for_quiet()
    one.start_playing(str(tone), loop_count=0)
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)


def test_bridges_reach_over_audio_processes(watch: Watch, peer: AudioPeer, other: AudioPeer) -> None:
    """A process has four calls at most, so the first and the last of eight are in different ones."""
    others = [AudioPeer() for _ in range(6)]
    try:
        one = call(watch, peer)
        for each in others:
            call(watch, each)
        last = call(watch, other)
        last.bridge(one)
        peer.rtp.wait_to_hear(OTHERS, at_least=LOUD)
        other.rtp.wait_to_hear(THEIRS, at_least=LOUD)
        assert watch.count("SCSessionMediaDidRestart") == 0
    finally:
        for each in others:
            each.__exit__()


@both_ways
def test_each_digit_is_told_once_and_in_order(meet: Any, watch: Watch, peer: AudioPeer) -> None:
    session = meet(watch, peer)
    for digit in "1#D":
        peer.rtp.send_digit(digit, 80)
    watch.wait_for("SCSessionGotDTMF", session, count=3)
    peer.rtp.wait_until(lambda rtp: not rtp.is_sending_digits)
    assert [each.data.digit for each in watch.of(session) if each.name == "SCSessionGotDTMF"] == list("1#D")


@both_ways
def test_the_peer_gets_every_digit_once_and_in_order(meet: Any, watch: Watch, peer: AudioPeer) -> None:
    session = meet(watch, peer)
    for digit in DIGITS:
        session.send_dtmf(digit)
    peer.rtp.wait_for_digits(DIGITS, timeout=10)
    peer.rtp.wait_until(lambda rtp: rtp.events[-1][2], what="the end of the last digit")
    assert all(milliseconds >= 40 for _, milliseconds, _ in peer.rtp.events)


def test_digits_are_not_bridged_twice(watch: Watch, peer: AudioPeer, other: AudioPeer) -> None:
    one, two = call(watch, peer), call(watch, other)
    one.bridge(two)
    peer.rtp.wait_to_hear(OTHERS, at_least=LOUD)
    peer.rtp.send_digit("7", 80)
    watch.wait_for("SCSessionGotDTMF", one)
    other.rtp.wait_for_packets(10)
    assert watch.count("SCSessionGotDTMF", two) == 0
    assert other.rtp.digits == ""
