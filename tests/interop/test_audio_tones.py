"""Tones through whole calls, measured at a plain RTP telephone and in the files: what is played is heard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.audio_calls import (
    FAINT,
    LOUD,
    OURS,
    THEIRS,
    both_ways,
    call,
    called,
    needs_audio,
    received,
    start_call,
)
from tests.interop.audio_peer import AudioPeer
from tests.media import tones

if TYPE_CHECKING:
    from array import array

    from sipsimple.session import Session
    from tests.watch import Watch

pytestmark = [needs_audio, pytest.mark.slow]


def recorded(watch: Watch, session: Session) -> tuple[array[int], int]:
    """Stop the recording; give its samples, and its rate."""
    session.stop_recording_audio()
    stopped = watch.wait_for("SCSessionDidStopRecordingAudio", session)
    return tones.read_wave(Path(stopped.data.file_name))


@both_ways
def test_a_file_is_heard_by_the_peer_until_it_ends(meet: Any, watch: Watch, peer: AudioPeer, tone: Path) -> None:
    session = meet(watch, peer)
    peer.rtp.wait_for_packets(10)
    assert peer.rtp.amplitude(OURS) < FAINT
    player = session.start_playing(str(tone))
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    assert peer.rtp.amplitude(THEIRS) < FAINT
    ended = watch.wait_for("SCSessionDidEndPlaying", session)
    assert ended.data.player == player
    peer.rtp.wait_for_quiet()
    assert peer.rtp.lost == 0


def test_a_player_that_is_stopped_is_heard_no_more(watch: Watch, peer: AudioPeer, tone: Path) -> None:
    session = call(watch, peer)
    player = session.start_playing(str(tone), loop_count=0)
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    session.stop_playing(player)
    peer.rtp.wait_for_quiet()
    peer.rtp.wait_for_packets(3)
    assert watch.count("SCSessionDidEndPlaying", session) == 0


@both_ways
def test_a_recording_has_both_directions(meet: Any, watch: Watch, peer: AudioPeer, tone: Path, tmp_path: Path) -> None:
    session = meet(watch, peer)
    session.start_playing(str(tone), loop_count=0)
    session.start_recording_audio(str(tmp_path), "both.wav")
    assert session.audio_recording_file_name == str(tmp_path / "both.wav")
    watch.wait_for("SCSessionDidStartRecordingAudio", session)
    before = received(session)
    watch.until(lambda: received(session) > before + 40, "40 more packets")
    samples, rate = recorded(watch, session)
    assert session.audio_recording_file_name is None
    middle = samples[len(samples) // 2 :][: rate // 5]
    assert len(samples) >= rate // 2
    assert tones.amplitude(middle, OURS, rate) > LOUD
    assert tones.amplitude(middle, THEIRS, rate) > LOUD
    names = [name for name in watch.names(session) if name.endswith("RecordingAudio")]
    steps = ("WillStart", "DidStart", "WillStop", "DidStop")
    assert names == [f"SCSession{step}RecordingAudio" for step in steps]


def test_a_recording_ends_with_the_call(watch: Watch, peer: AudioPeer, tmp_path: Path) -> None:
    session = call(watch, peer)
    session.start_recording_audio(str(tmp_path))
    watch.wait_for("SCSessionDidStartRecordingAudio", session)
    before = received(session)
    watch.until(lambda: received(session) > before + 25, "25 more packets")
    assert peer.hang_up().status == 200
    stopped = watch.wait_for("SCSessionDidStopRecordingAudio", session)
    watch.wait_for("SCSessionDidEnd", session)
    samples, rate = tones.read_wave(Path(stopped.data.file_name))
    assert tones.amplitude(samples[-rate // 5 :], THEIRS, rate) > LOUD / 2


def test_an_echo_is_what_the_peer_says(watch: Watch, peer: AudioPeer) -> None:
    session = called(watch, peer)
    session.echo_audio(True)
    peer.rtp.wait_to_hear(THEIRS, at_least=LOUD)
    session.echo_audio(False)
    peer.rtp.wait_for_quiet()


def test_tones_are_heard_by_the_peer(watch: Watch, peer: AudioPeer) -> None:
    session = call(watch, peer)
    session.play_tones([(770, 0, 600)])
    peer.rtp.wait_until(lambda rtp: rtp.amplitude(770) > 2000, what="the tone")
    watch.wait_for("SCSessionDidEndPlaying", session)


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
@both_ways
def test_the_codec_of_the_peer_is_spoken(meet: Any, codec: str, watch: Watch, tone: Path, tmp_path: Path) -> None:
    with AudioPeer(codecs=(codec,)) as peer:
        peer.rtp.play(THEIRS)
        session = meet(watch, peer)
        assert (session.audio_codec, session.audio_sample_rate) == (codec, 8000)
        session.start_playing(str(tone), loop_count=0)
        peer.rtp.wait_to_hear(OURS, at_least=LOUD)


def test_a_call_without_an_offer_is_heard_both_ways(watch: Watch, peer: AudioPeer, tone: Path) -> None:
    session = called(watch, peer, late=True)
    session.start_playing(str(tone), loop_count=0)
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    watch.until(lambda: received(session) > 20, "packets of the peer")
    assert session.audio_remote_rtp_port_sdp == peer.rtp.port


def test_early_media_flow_before_the_answer(watch: Watch, peer: AudioPeer) -> None:
    peer.on_invite = lambda _: peer.ring_with_media()
    session = start_call(peer)
    peer.rtp.wait_for_packets(10)
    watch.until(lambda: received(session) > 20, "early media of the peer")
    assert session.state == "CALLING"
    assert watch.count("SCSessionDidStart", session) == 0
    peer.accept()
    watch.wait_for("SCSessionDidStart", session)
    session.echo_audio(True)
    peer.rtp.wait_to_hear(THEIRS, at_least=LOUD)


@both_ways
def test_a_peer_that_moves_to_another_port_is_heard_and_hears_there(
    meet: Any, watch: Watch, peer: AudioPeer, tone: Path
) -> None:
    session = meet(watch, peer)
    session.start_playing(str(tone), loop_count=0)
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    peer.move()
    assert peer.reinvite().status == 200
    peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    watch.until(lambda: session.audio_remote_rtp_port_received == peer.rtp.port, "packets from the new port")
    assert session.audio_remote_rtp_port_sdp == peer.rtp.port


def test_a_refresh_and_a_reinvite_without_an_offer_leave_the_audio_alone(
    watch: Watch, peer: AudioPeer, tone: Path
) -> None:
    session = called(watch, peer)
    session.start_playing(str(tone), loop_count=0)
    for late in (False, True):
        assert peer.reinvite(late=late).status == 200
        peer.rtp.forget()
        peer.rtp.wait_to_hear(OURS, at_least=LOUD)
    assert session.state == "ESTABLISHED"
    assert not session.on_hold


def test_the_facts_of_the_stream_are_those_of_the_peer(watch: Watch, peer: AudioPeer) -> None:
    session = call(watch, peer)
    watch.until(lambda: received(session) > 20, "packets of the peer")
    assert session.has_audio
    assert session.audio_was_received
    assert not session.audio_srtp_active
    assert (session.audio_remote_rtp_address_sdp, session.audio_remote_rtp_port_sdp) == ("127.0.0.1", peer.rtp.port)
    assert (session.audio_remote_rtp_address_received, session.audio_remote_rtp_port_received) == (
        "127.0.0.1",
        peer.rtp.port,
    )
    assert peer.rtp.source == (session.audio_local_rtp_address, session.audio_local_rtp_port)
    assert session.audio_statistics is not None
    assert session.audio_statistics.packets_lost == 0


def test_the_audio_stops_with_the_call(watch: Watch, peer: AudioPeer) -> None:
    session = call(watch, peer)
    peer.rtp.wait_for_packets(10)
    session.terminate()
    watch.wait_for("SCSessionDidEnd", session)
    peer.rtp.wait_for_no_packets()
    assert peer.has_ended
