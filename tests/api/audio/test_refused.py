"""Calls of a peer whose audio this engine cannot take, because it has none or because the line is unfit."""

from __future__ import annotations

import pytest

from sipsimple.api.engine import running as lives
from sipsimple.core import MediaFailed
from tests.api.audio.calls import needs_audio, sounding
from tests.endpoints import port, running
from tests.interop.sip_peer import SIPPeer, chat_line, description

CHAT = chat_line("msrp://127.0.0.1:9/peersession;tcp")
AUDIO = "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"


@pytest.fixture
def peer(monkeypatch):
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with SIPPeer() as peer:
        yield peer


def test_without_an_audio_engine_the_line_is_refused_and_the_session_says_why(peer):
    with running("own", max_audio_calls=0) as watch:
        peer.invite(port(), description(AUDIO, CHAT))
        session = watch.wait_for("SCSessionNewIncoming").sender
        told = watch.data("SCSessionNewIncoming")
        assert (told["has_audio"], told["has_chat"], list(told["refused_streams"])) == (False, True, ["audio"])
        with pytest.raises(MediaFailed, match="max_audio_calls is 0"):
            session.accept(audio=True, chat=True)
        assert session.state == "INCOMING"
        session.accept(chat=True)
        answer = peer.receive("SIP/2.0 200")
        assert "m=audio 0 RTP/AVP 0\r\n" in answer.body


def test_without_an_audio_engine_a_call_with_audio_alone_is_refused_with_488(peer):
    with running("own", max_audio_calls=0) as watch:
        peer.invite(port(), description(AUDIO))
        assert peer.receive("SIP/2.0").status == 488
        assert watch.count("SCSessionNewIncoming") == 0


@needs_audio
@pytest.mark.parametrize(
    "line",
    [
        "m=audio 4000 RTP/AVP 18\r\n",
        "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40 + "\r\n",
        "m=audio 4000 RTP/AVP 0\r\nc=IN IP6 ::1\r\n",
    ],
    ids=["no codec in common", "SRTP where it is off", "IPv6"],
)
def test_a_line_that_cannot_be_taken_is_refused_in_place_and_told(line, peer):
    with sounding("own") as watch:
        peer.invite(port(), description(line, CHAT))
        session = watch.wait_for("SCSessionNewIncoming").sender
        told = watch.data("SCSessionNewIncoming")
        assert (told["has_audio"], told["has_chat"], list(told["refused_streams"])) == (False, True, ["audio"])
        assert told["refused_streams"]["audio"]
        with pytest.raises(ValueError, match="audio was not proposed"):
            session.accept(audio=True)
