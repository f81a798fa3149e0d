"""Whole calls with baresip: what either plays the other hears."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sipsimple.core import SIPURI
from sipsimple.session import Session
from tests.endpoints import LOOPBACK, alice, port
from tests.interop.audio_calls import LOUD, OTHERS, OURS, encrypting, needs_audio, received
from tests.interop.audio_calls import call as telephoned
from tests.interop.baresip import TONE, USER, Baresip, needs_baresip
from tests.media import tones

if TYPE_CHECKING:
    from tests.interop.audio_peer import AudioPeer
    from tests.watch import Watch

pytestmark = [pytest.mark.interop, needs_baresip, needs_audio, pytest.mark.slow]


def call(watch: Watch, phone: Baresip) -> Session:
    session = Session()
    session.connect(SIPURI(LOOPBACK, USER, port=phone.port), alice(), audio=True)
    watch.wait_for("SCSessionDidStart", session)
    return session


def called(watch: Watch, phone: Baresip) -> Session:
    before = watch.count("SCSessionNewIncoming")
    phone.dial(port())
    session: Session = watch.wait_for("SCSessionNewIncoming", count=before + 1).sender
    session.accept(audio=True)
    watch.wait_for("SCSessionDidStart", session)
    return session


both_ways = pytest.mark.parametrize("meet", [call, called], ids=["we call", "we are called"])


def record(watch: Watch, session: Session, directory: Path) -> float:
    """Record for a while; give the amplitude of the tone of baresip."""
    session.start_recording_audio(str(directory))
    watch.wait_for("SCSessionDidStartRecordingAudio", session)
    before = received(session)
    watch.until(lambda: received(session) > before + 25, "25 more packets")
    session.stop_recording_audio()
    stopped = watch.wait_for("SCSessionDidStopRecordingAudio", session)
    samples, rate = tones.read_wave(Path(stopped.data.file_name))
    return tones.amplitude(samples[-rate // 5 :], TONE, rate)


@both_ways
def test_both_hear_each_other(meet: Any, watch: Watch, tone: Path, tmp_path: Path) -> None:
    with Baresip(tmp_path) as phone:
        session = meet(watch, phone)
        session.start_playing(str(tone), loop_count=0)
        phone.wait_to_hear(OURS, at_least=LOUD)
        assert phone.amplitude(TONE) < LOUD / 10
        assert record(watch, session, tmp_path) > LOUD
        session.terminate()
        watch.wait_for("SCSessionDidEnd", session)
        phone.wait_for("CALL_CLOSED")


@pytest.mark.parametrize(
    ("meet", "forced", "theirs"),
    [
        (call, False, "optional"),
        (call, True, "forced"),
        (called, False, "optional"),
        (called, False, "forced"),
        (called, True, "forced"),
    ],
)
def test_both_hear_each_other_encrypted(
    meet: Any, forced: bool, theirs: str, watch: Watch, tone: Path, tmp_path: Path
) -> None:
    encrypting(forced=forced)
    with Baresip(tmp_path, srtp=theirs) as phone:
        session = meet(watch, phone)
        session.start_playing(str(tone), loop_count=0)
        phone.wait_to_hear(OURS, at_least=LOUD)
        assert session.audio_srtp_active
        assert record(watch, session, tmp_path) > LOUD


@both_ways
def test_hold_and_unhold_of_either_side(meet: Any, watch: Watch, tmp_path: Path) -> None:
    with Baresip(tmp_path) as phone:
        session = meet(watch, phone)
        phone.command("hold")
        watch.wait_for("SCSessionGotHoldRequest", session)
        assert session.on_hold_by_remote
        phone.command("resume")
        watch.wait_for("SCSessionGotUnholdRequest", session)
        session.hold()
        session.unhold()
        watch.wait_for("SCSessionGotUnholdRequest", session, count=2)
        assert record(watch, session, tmp_path) > LOUD
        assert (session.state, session.on_hold) == ("ESTABLISHED", False)


def test_digits_both_ways(watch: Watch, tmp_path: Path) -> None:
    with Baresip(tmp_path) as phone:
        session = call(watch, phone)
        for digit in "0*9":
            session.send_dtmf(digit)
        phone.wait_for_digits("0*9")
        phone.send_digit("5")
        assert watch.wait_for("SCSessionGotDTMF", session).data.digit == "5"


def test_baresip_and_another_hear_each_other_over_a_bridge(watch: Watch, other: AudioPeer, tmp_path: Path) -> None:
    with Baresip(tmp_path) as phone:
        session = called(watch, phone)
        telephoned(watch, other).bridge(session)
        phone.wait_to_hear(OTHERS, at_least=LOUD / 2)
        other.rtp.wait_to_hear(TONE, at_least=LOUD / 2)


def test_baresip_follows_to_the_audio_process_of_a_bridge(
    watch: Watch, other: AudioPeer, tone: Path, tmp_path: Path
) -> None:
    """Who asks for the bridge moves; what baresip then says is what it hears.

    baresip 1.0 drops a new source that comes before its jitter buffer has played anything, so it hears us first.
    """
    with Baresip(tmp_path, tone=None) as phone:
        session = call(watch, phone)
        player = session.start_playing(str(tone))
        phone.wait_to_hear(OURS, at_least=LOUD / 2)
        session.stop_playing(player)
        session.bridge(telephoned(watch, other))
        other.rtp.wait_to_hear(OTHERS, at_least=LOUD / 2)


def test_a_call_that_baresip_hangs_up_has_ended(watch: Watch, tmp_path: Path) -> None:
    with Baresip(tmp_path) as phone:
        session = call(watch, phone)
        phone.command("hangup")
        assert watch.wait_for("SCSessionDidEnd", session).data.originator == "remote"
