"""SRTP with a telephone on libsrtp: encrypted when both can, refused when one must and the other cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.endpoints import port
from tests.interop.audio_calls import LOUD, OURS, THEIRS, both_ways, call, called, encrypting, needs_audio, start_call
from tests.interop.audio_peer import AudioPeer
from tests.interop.audio_sdp import audio, lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.watch import Watch

pytestmark = [needs_audio, pytest.mark.slow]


def telephone(srtp: str) -> AudioPeer:
    peer = AudioPeer(srtp=srtp)
    peer.rtp.play(THEIRS)
    return peer


@pytest.mark.parametrize(
    ("meet", "forced", "theirs", "protocol"),
    [
        (call, False, "optional", "RTP/AVP"),
        (call, False, "forced", "RTP/AVP"),
        (call, True, "optional", "RTP/SAVP"),
        (call, True, "forced", "RTP/SAVP"),
        (called, False, "optional", "RTP/AVP"),
        (called, False, "forced", "RTP/SAVP"),
        (called, True, "forced", "RTP/SAVP"),
    ],
)
def test_both_ways_are_encrypted_when_both_can(
    meet: Any, forced: bool, theirs: str, protocol: str, watch: Watch, tone: Path
) -> None:
    encrypting(forced=forced)
    with telephone(theirs) as peer:
        session = meet(watch, peer)
        ours = audio(next(message.body for message in peer.received if "m=audio" in message.body))
        assert ours is not None
        assert ours.crypto is not None
        assert (ours.protocol, peer.rtp.srtp is not None) == (protocol, True)
        session.start_playing(str(tone), loop_count=0)
        peer.rtp.wait_to_hear(OURS, at_least=LOUD)
        session.echo_audio(True)
        peer.rtp.wait_to_hear(THEIRS, at_least=LOUD)
        assert peer.rtp.refused == 0
        assert session.audio_srtp_active


@both_ways
def test_hold_and_unhold_keep_the_encryption(meet: Any, watch: Watch, tone: Path) -> None:
    encrypting(forced=True)
    with telephone("forced") as peer:
        session = meet(watch, peer)
        session.start_playing(str(tone), loop_count=0)
        peer.rtp.wait_to_hear(OURS, at_least=LOUD)
        session.hold()
        peer.rtp.wait_for_quiet()
        session.unhold()
        peer.rtp.wait_to_hear(OURS, at_least=LOUD)
        assert peer.hold().status == 200
        peer.rtp.wait_for_no_packets()
        assert peer.unhold().status == 200
        peer.rtp.wait_to_hear(OURS, at_least=LOUD)
        assert session.audio_srtp_active


@both_ways
def test_plain_audio_is_taken_where_encryption_is_not_forced(meet: Any, watch: Watch, tone: Path) -> None:
    encrypting(forced=False)
    with telephone("off") as peer:
        session = meet(watch, peer)
        session.start_playing(str(tone), loop_count=0)
        peer.rtp.wait_to_hear(OURS, at_least=LOUD)
        assert not session.audio_srtp_active


@pytest.mark.parametrize("theirs", ["off", "optional"])
def test_an_offer_of_the_plain_profile_is_refused_where_encryption_is_forced(theirs: str, watch: Watch) -> None:
    encrypting(forced=True)
    with telephone(theirs) as peer:
        answer = peer.call(port())
        assert answer.status == 488
        assert answer.get("Warning")
        assert "SCSessionDidStart" not in [each.name for each in watch.seen]
        assert peer.rtp.packets == 0


def test_an_encrypted_offer_is_refused_where_there_is_none(watch: Watch) -> None:
    with telephone("forced") as peer:
        answer = peer.call(port())
        assert answer.status == 488
        assert peer.rtp.packets == 0


def test_a_call_that_must_be_encrypted_fails_with_a_plain_peer(watch: Watch) -> None:
    encrypting(forced=True)
    with telephone("off") as peer:
        peer.on_invite = peer.accept  # which refuses the line that it cannot read
        session = start_call(peer)
        offered = audio(peer.wait_for_call().body)
        assert offered is not None
        assert (offered.protocol, offered.crypto is not None) == ("RTP/SAVP", True)
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.data("SCSessionDidFail", session)["code"] == 488
        assert peer.rtp.packets == 0


def test_a_plain_answer_to_an_offer_that_must_be_encrypted_is_no_call(watch: Watch) -> None:
    encrypting(forced=True)
    with telephone("off") as peer:
        peer.refuses = lambda line: False  # type: ignore[method-assign]
        peer.on_invite = peer.accept
        session = start_call(peer)
        watch.wait_for("SCSessionDidEnd", session)
        assert watch.data("SCSessionDidFail", session)["originator"] == "local"
        peer.wait_for_request("BYE")
        assert peer.rtp.packets == 0


def test_a_reinvite_that_drops_the_encryption_is_refused_and_the_call_goes_on(watch: Watch, tone: Path) -> None:
    encrypting(forced=True)
    with telephone("forced") as peer:
        session = called(watch, peer)
        session.start_playing(str(tone), loop_count=0)
        peer.rtp.wait_to_hear(OURS, at_least=LOUD)
        peer.srtp = "off"
        answer = peer.reinvite()
        assert answer.status == 488 or lines(answer.body)[0].port == 0
        peer.srtp = "forced"
        assert peer.reinvite().status == 200
        peer.rtp.forget()
        peer.rtp.wait_to_hear(OURS, at_least=LOUD)
