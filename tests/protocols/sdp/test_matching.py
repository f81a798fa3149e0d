"""Which answers fit an offer, and which offers follow a description."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sdp.capability import rejected
from sipsimple.protocols.sdp.matching import misfit_of_answer, misfit_of_new_offer
from sipsimple.protocols.sdp.media import Media

AUDIO = Media("audio", 6000, "RTP/AVP", ("0",))
CHAT = Media("message", 2855, "TCP/MSRP", ("*",))
TLS_CHAT = Media("message", 2855, "TCP/TLS/MSRP", ("*",))


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ([AUDIO, CHAT], [AUDIO, CHAT]),
        ([AUDIO, CHAT], [rejected(AUDIO), CHAT]),
        ([rejected(AUDIO)], [rejected(AUDIO)]),
        ([CHAT], [rejected(TLS_CHAT)]),
        ([AUDIO], [AUDIO.with_(protocol="rtp/avp", formats=("8",))]),
        ([], []),
    ],
)
def test_an_answer_that_fits(offered, answered):
    assert misfit_of_answer(offered, answered) is None


@pytest.mark.parametrize(
    ("offered", "answered"),
    [
        ([AUDIO, CHAT], [AUDIO]),
        ([AUDIO], [AUDIO, CHAT]),
        ([AUDIO, CHAT], [CHAT, AUDIO]),
        ([AUDIO], [rejected(CHAT)]),
        ([rejected(AUDIO)], [AUDIO]),
        ([CHAT], [TLS_CHAT]),
    ],
    ids=["fewer lines", "more lines", "order", "kind", "not offered", "transport"],
)
def test_an_answer_that_does_not_fit(offered, answered):
    assert misfit_of_answer(offered, answered)


def test_a_new_offer_may_add_lines_but_never_drops_one():
    assert misfit_of_new_offer([AUDIO], [AUDIO], [AUDIO, CHAT]) is None
    assert misfit_of_new_offer([AUDIO, CHAT], [AUDIO, CHAT], [AUDIO])


@pytest.mark.parametrize(("former", "other"), [(rejected(AUDIO), AUDIO), (AUDIO, rejected(AUDIO))])
def test_a_line_that_either_side_closed_may_change_its_kind(former, other):
    assert misfit_of_new_offer([former], [other], [CHAT]) is None


def test_a_line_in_use_keeps_its_kind():
    assert misfit_of_new_offer([AUDIO], [AUDIO], [CHAT]) == ("media line 0: message in the place of audio")
