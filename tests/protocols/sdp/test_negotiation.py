"""The table of offer and answer, and the size of what is kept."""

from __future__ import annotations

import sys

import pytest

from sipsimple.errors import RemoteProtocolError, SessionStateError
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.media import Attribute, Media
from sipsimple.protocols.sdp.negotiation import (
    IGNORED,
    REFUSED,
    TRANSITIONS,
    Negotiation,
    State,
    Stimulus,
    next_state,
)


@pytest.mark.parametrize(("state", "stimulus"), [(state, each) for state in State for each in Stimulus])
def test_every_pair_is_a_row_or_says_what_else_happens(state, stimulus):
    ours = {
        Stimulus.OFFER_MADE,
        Stimulus.ANSWER_MADE,
        Stimulus.OFFER_WITHDRAWN,
        Stimulus.FIRST_OFFER_WITHDRAWN,
        Stimulus.OFFER_REJECTED,
        Stimulus.FIRST_OFFER_REJECTED,
    }
    ways = [stimulus in TRANSITIONS[state], (state, stimulus) in REFUSED, (state, stimulus) in IGNORED]

    assert sum(ways) == 1 or (sum(ways) == 0 and stimulus in ours)


def test_a_row_is_followed():
    assert next_state("offer", State.NONE, Stimulus.OFFER_MADE) is State.OFFER_SENT


def test_without_a_row_the_peer_is_answered_and_our_own_code_is_told():
    with pytest.raises(RemoteProtocolError, match="offer came in state offer sent"):
        next_state("receive_offer", State.OFFER_SENT, Stimulus.OFFER_CAME)
    with pytest.raises(SessionStateError) as caught:
        next_state("offer", State.OFFER_SENT, Stimulus.OFFER_MADE)

    assert caught.value.allowed == ("none", "stable")


def test_before_anything_is_agreed_there_are_no_descriptions():
    fresh = Negotiation(1, "192.0.2.1", "-", 1)

    assert (fresh.local_description, fresh.remote_description, fresh.offered) == (None, None, None)


def test_a_negotiation_is_small():
    """Ten thousands of them are held: bytes and numbers, nothing parsed."""
    line = Media("message", 2855, "TCP/MSRP", ("*",), (Attribute("path", "msrp://192.0.2.1:2855/d2ec6b346e70;tcp"),))
    description = bytes(SessionDescription.create(4004363575, "192.0.2.1", "-", [line]))
    negotiation = Negotiation(4004363575, "192.0.2.1", "-", 4004363575, State.STABLE, description, description)

    assert sys.getsizeof(negotiation) + 2 * sys.getsizeof(description) < 600
    assert not hasattr(negotiation, "__dict__")
