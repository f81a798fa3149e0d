"""Hold, with a plain RTP telephone: who holds is not heard, and nothing of the time on hold is in the recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.audio_calls import FAINT, LOUD, OURS, THEIRS, both_ways, call, called, needs_audio, received
from tests.interop.audio_sdp import audio
from tests.media import tones

if TYPE_CHECKING:
    from sipsimple.session import Session
    from tests.interop.audio_peer import AudioPeer
    from tests.interop.sip_peer import Message
    from tests.watch import Watch

pytestmark = [needs_audio, pytest.mark.slow]

WHILE_HELD = 1300


def direction(message: Message) -> str:
    line = audio(message.body)
    assert line is not None, message
    return line.direction


def holds(watch: Watch, session: Session) -> list[str]:
    """Who held and who ended it, in order."""
    return [
        f"{each.name.removeprefix('SCSessionGot').removesuffix('Request')} {each.data.originator}"
        for each in watch.of(session)
        if "HoldRequest" in each.name or "UnholdRequest" in each.name
    ]


@both_ways
def test_the_held_peer_hears_nothing_until_it_is_not(meet: Any, watch: Watch, peer: AudioPeer, tone: Path) -> None:
    session = meet(watch, peer)
    first = 1 if meet is called else 2
    session.start_playing(str(tone), loop_count=0)
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    session.hold()
    assert direction(peer.wait_for_request("INVITE", first)) == "sendonly"
    peer.rtp.wait_for_quiet()
    assert (session.on_hold, session.on_hold_by_local, session.on_hold_by_remote) == (True, True, False)
    session.unhold()
    assert direction(peer.wait_for_request("INVITE", first + 1)) == "sendrecv"
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    assert not session.on_hold
    assert holds(watch, session) == ["Hold local", "Unhold local"]
    assert session.state == "ESTABLISHED"


@pytest.mark.parametrize(("style", "answer"), [("sendonly", "recvonly"), ("inactive", "inactive"), ("zero", None)])
def test_a_peer_that_holds_hears_nothing_until_it_does_not(
    style: str, answer: str | None, watch: Watch, peer: AudioPeer, tone: Path
) -> None:
    session = call(watch, peer)
    session.start_playing(str(tone), loop_count=0)
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    answered = direction(peer.hold(style))
    assert answered == answer if answer else answered in ("recvonly", "inactive")
    peer.rtp.wait_for_no_packets()
    watch.wait_for("SCSessionGotHoldRequest", session)
    assert (session.on_hold_by_local, session.on_hold_by_remote) == (False, True)
    assert direction(peer.unhold()) == "sendrecv"
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    assert not session.on_hold
    assert holds(watch, session) == ["Hold remote", "Unhold remote"]


@pytest.mark.parametrize("holder", ["local", "remote"])
def test_nothing_of_the_time_on_hold_is_recorded(holder: str, watch: Watch, peer: AudioPeer, tmp_path: Path) -> None:
    session = called(watch, peer)
    session.start_recording_audio(str(tmp_path), "held.wav")
    watch.wait_for("SCSessionDidStartRecordingAudio", session)
    watch.until(lambda: received(session) > 20, "packets before the hold")
    hold, unhold = (session.hold, session.unhold) if holder == "local" else (peer.hold, peer.unhold)
    hold()
    watch.until(lambda: getattr(session, f"on_hold_by_{holder}"), "the hold")
    peer.rtp.wait_for_quiet()
    # A telephone that is held may well send; ours does, where the description lets it.
    peer.rtp.play(WHILE_HELD)
    sent = peer.rtp.sent
    peer.rtp.wait_until(lambda rtp: rtp.sent > sent + 25 or holder == "local", what="packets sent on hold")
    peer.rtp.wait_for_no_packets(0.3 if holder == "remote" else 0.0)
    peer.rtp.play(THEIRS)
    unhold()
    watch.wait_for("SCSessionGotUnholdRequest", session)
    watch.until(lambda: received(session) > 20, "packets after the hold")
    session.stop_recording_audio()
    stopped = watch.wait_for("SCSessionDidStopRecordingAudio", session)
    samples, rate = tones.read_wave(Path(stopped.data.file_name))
    spans = [samples[at : at + rate // 10] for at in range(0, len(samples) - rate // 10, rate // 10)]
    assert max(tones.amplitude(span, WHILE_HELD, rate) for span in spans) < FAINT
    assert max(tones.amplitude(span, THEIRS, rate) for span in spans) > LOUD


def test_a_recording_that_is_asked_for_on_hold_begins_when_the_hold_ends(
    watch: Watch, peer: AudioPeer, tmp_path: Path
) -> None:
    session = call(watch, peer)
    session.hold()
    watch.wait_for("SCSessionGotHoldRequest", session)
    session.start_recording_audio(str(tmp_path), "later.wav")
    assert session.audio_recording_file_name == str(tmp_path / "later.wav")
    peer.rtp.wait_for_quiet()
    assert watch.count("SCSessionWillStartRecordingAudio", session) == 0
    session.unhold()
    watch.wait_for("SCSessionDidStartRecordingAudio", session)
    watch.until(lambda: received(session) > 20, "packets after the hold")
    session.stop_recording_audio()
    stopped = watch.wait_for("SCSessionDidStopRecordingAudio", session)
    samples, rate = tones.read_wave(Path(stopped.data.file_name))
    assert tones.amplitude(samples[-rate // 5 :], THEIRS, rate) > LOUD


def test_both_may_hold_and_the_call_is_heard_when_both_have_ended_it(watch: Watch, peer: AudioPeer, tone: Path) -> None:
    session = call(watch, peer)
    session.start_playing(str(tone), loop_count=0)
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    session.hold()
    peer.wait_for_request("ACK", 2)
    assert direction(peer.hold()) == "inactive"
    watch.wait_for("SCSessionGotHoldRequest", session, count=2)
    assert (session.on_hold_by_local, session.on_hold_by_remote) == (True, True)
    peer.rtp.wait_for_no_packets()
    session.unhold()
    peer.wait_for_request("ACK", 3)
    assert session.on_hold
    peer.rtp.wait_for_no_packets()
    assert direction(peer.unhold()) == "sendrecv"
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    assert holds(watch, session) == ["Hold local", "Hold remote", "Unhold local", "Unhold remote"]


def test_a_refused_hold_is_taken_back_and_the_call_is_heard(watch: Watch, peer: AudioPeer, tone: Path) -> None:
    session = call(watch, peer)
    session.start_playing(str(tone), loop_count=0)
    peer.on_reinvite = peer.refusing(488, "Not Acceptable Here")
    session.hold()
    watch.wait_for("SCSessionGotUnholdRequest", session)
    assert not session.on_hold
    peer.rtp.forget()
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    assert holds(watch, session) == ["Hold local", "Unhold local"]


@pytest.mark.parametrize("status", [408, 481])
def test_a_hold_that_finds_no_call_any_more_ends_the_session(status: int, watch: Watch, peer: AudioPeer) -> None:
    session = call(watch, peer)
    peer.on_reinvite = peer.refusing(status, "Gone")
    session.hold()
    watch.wait_for("SCSessionDidEnd", session)
    peer.rtp.wait_for_no_packets()


def test_a_hold_that_crosses_another_reinvite_is_tried_again(watch: Watch, peer: AudioPeer) -> None:
    session = called(watch, peer)  # so that we do not own the Call-ID, and wait for at most 2 s
    answers = iter([peer.refusing(491, "Request Pending"), peer.accept])
    peer.on_reinvite = lambda request: next(answers)(request)
    session.hold()
    assert direction(peer.wait_for_request("INVITE", 2)) == "sendonly"
    peer.wait_for_request("ACK", 2)
    assert session.on_hold_by_local
    assert holds(watch, session) == ["Hold local"]


def test_rapid_holding_ends_as_it_was_asked_last(watch: Watch, peer: AudioPeer, tone: Path) -> None:
    session = call(watch, peer)
    session.start_playing(str(tone), loop_count=0)
    for _ in range(3):
        session.hold()
        session.unhold()
    peer.rtp.wait_until(lambda _: "sendrecv" in _directions(peer)[2:], what="the last unhold")
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    assert session.state == "ESTABLISHED"
    assert not session.on_hold


def _directions(peer: AudioPeer) -> list[str]:
    return [direction(message) for message in peer.received if message.method == "INVITE"]
