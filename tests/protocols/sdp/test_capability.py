"""Answers and new offers, line by line."""

from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sdp.capability import answer_media, free_index, offer_media, rejected
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.media import Attribute, Connection, Media

AUDIO = Media("audio", 6000, "RTP/AVP", ("0", "101"), (Attribute("sendrecv"),), Connection("192.0.2.1"))
VIDEO = Media("video", 6004, "RTP/AVP", ("99",))
CHAT = Media("message", 2855, "TCP/MSRP", ("*",), (Attribute("setup", "passive"),))


def document(*media: Media) -> SessionDescription:
    return SessionDescription.create(1, "192.0.2.1", "-", media)


def test_a_refused_line_keeps_kind_protocol_and_formats_only():
    assert rejected(AUDIO) == Media("audio", 0, "RTP/AVP", ("0", "101"))


def test_lines_that_are_not_accepted_are_refused_in_their_place():
    answer = answer_media(document(VIDEO, AUDIO, CHAT), {1: AUDIO})

    assert answer == (rejected(VIDEO), AUDIO, rejected(CHAT))


@pytest.mark.parametrize("index", [-1, 1, 2])
def test_what_was_not_offered_cannot_be_accepted(index):
    with pytest.raises(LocalProtocolError):
        answer_media(document(AUDIO, rejected(CHAT)), {index: CHAT})


def test_a_stopped_stream_keeps_its_line():
    assert offer_media(document(AUDIO, CHAT), {1: CHAT}) == (rejected(AUDIO), CHAT)


def test_an_added_stream_gets_a_line_at_the_end():
    assert offer_media(document(AUDIO), {0: AUDIO, 1: CHAT}) == (AUDIO, CHAT)


@pytest.mark.parametrize("index", [-1, 2])
def test_an_offer_has_no_gaps(index):
    with pytest.raises(LocalProtocolError):
        offer_media(document(AUDIO), {0: AUDIO, index: CHAT})


def test_the_line_of_an_ended_stream_is_used_again_by_its_kind():
    local, remote = document(AUDIO, CHAT), document(AUDIO, rejected(CHAT))

    assert free_index(local, remote, "message") == 1
    assert free_index(local, remote, "audio") == 2
    assert free_index(document(rejected(AUDIO)), document(AUDIO), "audio") == 0
