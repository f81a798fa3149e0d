"""The raw telephone, with another of its kind: so that what fails with the library fails because of the library."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.interop.audio_peer import AudioPeer
from tests.interop.audio_sdp import NOWHERE, audio, audio_line, document, lines
from tests.interop.sip_peer import chat_line
from tests.media.srtp import Crypto

if TYPE_CHECKING:
    from collections.abc import Iterator

MEDIA = "msrp://127.0.0.1:9/x;tcp"


@contextlib.contextmanager
def telephones(**options: Any) -> Iterator[tuple[AudioPeer, AudioPeer]]:
    """Two that play different tones, the second of which accepts at once."""
    with AudioPeer(**options) as caller, AudioPeer(**options) as callee:
        caller.rtp.play(440)
        callee.rtp.play(600)
        callee.on_invite = callee.accept
        yield caller, callee


def hear_each_other(caller: AudioPeer, callee: AudioPeer) -> None:
    callee.rtp.wait_to_hear(440)
    caller.rtp.wait_to_hear(600)


def test_a_line_is_read_as_it_was_written() -> None:
    key = Crypto(tag=3)
    text = audio_line(4000, ("PCMA",), direction="sendonly", protocol="RTP/SAVP", crypto=key, host=NOWHERE)
    video, line = lines(document(1, "m=video 0 RTP/AVP 99\r\n", text))
    assert (video.kind, video.port, video.host, video.direction) == ("video", 0, "127.0.0.1", "sendrecv")
    assert (line.kind, line.port, line.protocol, line.formats) == ("audio", 4000, "RTP/SAVP", ("8", "101"))
    assert (line.host, line.direction, line.crypto, line.text) == (NOWHERE, "sendonly", key, text)
    assert (line.events, video.events) == (101, None)
    assert not line.lets_us_send


@pytest.mark.parametrize("late", [False, True], ids=["early offer", "late offer"])
@pytest.mark.parametrize("srtp", ["off", "optional", "forced"])
def test_two_telephones_hear_each_other(srtp: str, late: bool) -> None:
    with telephones(srtp=srtp) as (caller, callee):
        answer = caller.call(callee.port, late=late)
        assert answer.status == 200
        hear_each_other(caller, callee)
        assert (caller.rtp.srtp is None) == (srtp == "off")
        assert caller.hang_up().status == 200
        assert callee.has_ended


def test_the_codec_of_the_answer_is_spoken() -> None:
    with AudioPeer() as caller, telephones(codecs=("PCMA",)) as (_, callee):
        caller.rtp.play(440)
        caller.call(callee.port)
        hear_each_other(caller, callee)
        assert caller.rtp.law.name == "PCMA"


def test_digits_bear_the_payload_type_that_the_other_side_asked_for() -> None:
    with telephones() as (caller, callee):
        caller.rtp.hears_events_as = 120
        caller.call(callee.port)
        assert (callee.rtp.says_events_as, caller.rtp.says_events_as) == (120, 120)
        callee.rtp.send_digit("5")
        caller.rtp.wait_for_digits("5")
        caller.rtp.send_digit("6")
        callee.rtp.wait_for_digits("6")


def test_early_media_flow_before_the_answer() -> None:
    with telephones() as (caller, callee):
        callee.on_invite = lambda _: callee.ring_with_media()
        calling = caller.start_call(callee.port)
        hear_each_other(caller, callee)
        assert not calling.ready()
        callee.accept()
        assert calling.get(timeout=5).status == 200


@pytest.mark.parametrize(("style", "answered"), [("sendonly", "recvonly"), ("inactive", "inactive")])
def test_a_held_telephone_is_silent_until_it_is_not(style: str, answered: str) -> None:
    with telephones() as (caller, callee):
        caller.call(callee.port)
        hear_each_other(caller, callee)
        held = audio(caller.hold(style).body)
        assert held is not None
        assert held.direction == answered
        caller.rtp.wait_for_quiet()
        assert caller.unhold().status == 200
        hear_each_other(caller, callee)


def test_the_old_style_of_hold_is_the_address_nowhere() -> None:
    with telephones() as (caller, callee):
        caller.call(callee.port)
        caller.hold("zero")
        offered = audio(callee.wait_for_request("INVITE", 2).body)
        assert offered is not None
        assert (offered.host, offered.direction) == (NOWHERE, "sendrecv")
        caller.rtp.wait_for_quiet()


def test_lines_are_added_and_removed_in_their_places() -> None:
    with telephones() as (caller, callee):
        caller.call(callee.port)
        caller.others = [chat_line(MEDIA)]
        assert [(line.kind, bool(line.port)) for line in lines(caller.reinvite().body)] == [
            ("audio", True),
            ("message", False),
        ]
        callee.others = [chat_line(MEDIA)]
        caller.has_audio = False
        assert [line.port for line in lines(caller.reinvite().body)] == [0, 9]
        callee.rtp.wait_for_quiet()


def test_a_reinvite_without_an_offer_gets_one() -> None:
    with telephones() as (caller, callee):
        caller.call(callee.port)
        assert audio(caller.reinvite(late=True).body)
        hear_each_other(caller, callee)


def test_a_refused_reinvite_changes_nothing() -> None:
    with telephones() as (caller, callee):
        caller.call(callee.port)
        callee.on_reinvite = callee.refusing(491, "Request Pending")
        assert caller.reinvite().status == 491
        assert callee.wait_for_request("ACK", 2).get("CSeq") == "2 ACK"
        hear_each_other(caller, callee)


def test_the_one_that_was_called_can_offer_and_end_too() -> None:
    with telephones() as (caller, callee):
        caller.call(callee.port)
        assert callee.hold().status == 200
        callee.rtp.wait_for_quiet()
        assert callee.hang_up().status == 200
        assert caller.has_ended


def test_a_telephone_that_insists_on_encryption_refuses_a_plain_line() -> None:
    with telephones(srtp="forced") as (_, callee), AudioPeer() as plain:
        (line,) = lines(plain.call(callee.port).body)
        assert line.port == 0


def test_a_cancelled_call_ends_with_487() -> None:
    with AudioPeer() as caller, AudioPeer() as callee:
        calling = caller.start_call(callee.port)
        callee.wait_for_call()
        callee.ring()
        caller.cancel()
        assert calling.get(timeout=5).status == 487
        assert callee.has_ended
