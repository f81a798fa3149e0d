"""Directions: the hold table of the API and its symmetry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sdp import direction
from sipsimple.protocols.sdp.direction import answer_direction, mirrored, receives, sends

directions = st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"])


@pytest.mark.parametrize(
    ("offered", "answered"),
    [("sendrecv", "sendrecv"), ("sendonly", "recvonly"), ("recvonly", "sendonly"), ("inactive", "inactive")],
)
def test_an_answer_to_hold_mirrors_the_offer(offered, answered):
    assert answer_direction(offered) == answered


def test_an_answer_while_we_hold_does_not_receive():
    assert answer_direction("sendrecv", wanted="sendonly") == "sendonly"
    assert answer_direction("sendonly", wanted="sendonly") == "inactive"


def test_hold_and_unhold_leave_the_other_side_its_own_hold():
    assert [direction.hold_direction(held) for held in (False, True)] == ["sendonly", "inactive"]
    assert [direction.unhold_direction(held) for held in (False, True)] == ["sendrecv", "recvonly"]


@given(directions)
def test_mirroring_swaps_sending_and_receiving(each):
    assert (sends(mirrored(each)), receives(mirrored(each))) == (receives(each), sends(each))
    assert mirrored(mirrored(each)) == each


@given(directions, directions)
def test_an_answer_never_uses_a_flow_that_the_offer_lacks(offered, wanted):
    answered = answer_direction(offered, wanted)

    assert sends(answered) == (sends(wanted) and receives(offered))
    assert receives(answered) == (receives(wanted) and sends(offered))
