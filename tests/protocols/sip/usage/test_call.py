"""A call is a value, and a small one once it is established."""

import pytest

from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.call import Call, Identity, become, without_stream
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams.stream import Phase, Stream
from tests.protocols.sip.usage.scenes import answered, calling, established, ringing

CALL = Call(Identity("t", "c", "ua", 1), streams=(Stream("chat", 0, Phase.PROPOSED), Stream("audio", 1, Phase.RUNNING)))


def test_a_change_of_state_is_told_with_both_states():
    call, told = become(CALL, State.CALLING)
    assert call.state is State.CALLING
    assert told == outputs.Notify("SCSessionChangedState", {"prev_state": "NULL", "state": "CALLING"})


def test_a_proposed_stream_is_not_one_that_the_call_has():
    assert CALL.proposes("chat")
    assert not CALL.has("chat")
    assert CALL.has("audio")


def test_a_stream_is_forgotten_by_its_kind():
    assert [each.kind for each in without_stream(CALL, "chat").streams] == ["audio"]


@pytest.mark.parametrize("party", [established, answered])
def test_an_established_call_keeps_nothing_of_the_set_up(party):
    call = party().call
    assert call.pending is None
    assert call.routes == ()
    assert call.negotiation.pending == b""
    assert call.streams == (Stream("chat", 0, Phase.RUNNING),)


def test_a_call_that_is_over_keeps_only_what_people_look_at():
    party = established()
    party.do(events.Abandoned("gone"))
    call = party.call
    assert (call.dialog, call.negotiation, call.flow, call.pending) == (None,) * 4
    assert (call.streams, call.acks) == ((), ())
    assert not call.transactions.entries
    assert (call.direction, call.remote) == ("outgoing", "<sip:bob@example.org>")


def test_a_call_that_begins_has_nothing_to_send_by():
    assert calling().call.flow is not None
    assert ringing().call.flow is not None
    assert CALL.flow is None
