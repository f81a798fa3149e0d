"""What a session will be when the changes that wait are made."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.usage.change import outlook
from sipsimple.protocols.sip.usage.events import AddStream, Hold, RemoveStream, Unhold
from sipsimple.protocols.values import replace
from tests.protocols.sip.usage.scenes import established, ringing


@pytest.mark.parametrize(
    ("waiting", "kinds"),
    [
        ((), ("chat",)),
        ((AddStream("audio"),), ("chat", "audio")),
        ((AddStream("chat"),), ("chat",)),
        ((RemoveStream("chat"), AddStream("chat")), ("chat",)),
        ((RemoveStream("chat"), AddStream("audio")), ("audio",)),
        ((AddStream("audio"), RemoveStream("audio")), ("chat",)),
        ((Hold(), RemoveStream("audio")), ("chat",)),
    ],
)
def test_the_streams_are_those_that_the_commands_leave_in_their_order(waiting, kinds):
    assert outlook.kinds(established().call, waiting) == kinds


def test_what_the_peer_only_proposes_is_no_stream():
    assert outlook.kinds(ringing().call, ()) == ()


def test_a_stream_is_leaving_when_its_removal_waits_whatever_follows():
    assert outlook.is_leaving("chat", (RemoveStream("chat"), AddStream("chat")))
    assert not outlook.is_leaving("chat", (RemoveStream("audio"), AddStream("chat")))


@pytest.mark.parametrize("held", [False, True])
def test_the_last_wish_says_who_holds_and_without_one_all_stays_as_it_is(held):
    call = replace(established().call, held_by_local=held)
    assert outlook.is_held(call, ()) is held
    assert outlook.is_held(call, (Unhold(), Hold(), AddStream("audio")))
    assert not outlook.is_held(call, (Hold(), Unhold()))
