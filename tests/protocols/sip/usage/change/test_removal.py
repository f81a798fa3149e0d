"""Removing a stream, and telling the peer of one that broke: RFC 3264 8.2."""

import pytest

from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import TAG
from tests.protocols.sip.usage.scenes import answer_to, talking, told_since


def ports(message):
    return [each.port for each in SessionDescription.parse(message.body).media]


@pytest.mark.parametrize(("kind", "left"), [("audio", [0, 2855]), ("chat", [4000, 0])])
def test_a_stream_is_stopped_at_once_and_its_line_gets_port_0(kind, left):
    caller, callee, wire = talking("audio", "chat")
    counts = len(caller.told), len(callee.told)
    caller.do(events.RemoveStream(kind))
    assert caller.asked == [outputs.StopStream(kind, linger=True)]
    assert ports(caller.last) == left
    wire.carry()
    assert callee.asked == [outputs.StopStream(kind)]
    assert told_since(caller, counts[0]) == told_since(callee, counts[1]) == ["GotStreamUpdate"]
    assert caller.state is callee.state is State.ESTABLISHED


def test_its_line_is_used_again():
    caller, callee, wire = talking("audio", "chat")
    caller.do(events.RemoveStream("audio"))
    wire.carry()
    callee.do(events.AddStream("audio"))
    wire.carry()
    assert ports(callee.requests("INVITE")[0])[0] != 0
    assert len(ports(callee.requests("INVITE")[0])) == 2
    caller.do(events.AcceptProposal())
    wire.carry()
    assert {each.kind: each.index for each in caller.call.streams} == {"chat": 1, "audio": 0}


def test_a_refused_removal_leaves_the_stream_ended():
    caller, _callee, _wire = talking("audio", "chat")
    caller.do(events.RemoveStream("chat"))
    caller.receive(answer_to(caller, 488, tag=TAG))
    assert not caller.call.has("chat")
    assert not caller.call.is_busy


def test_the_last_stream_is_not_removed():
    """The public method raises; a command that finds itself too late is dropped."""
    caller, _callee, _wire = talking("audio", "chat")
    caller.do(events.StreamEnded("chat", "closed"))
    caller.do(events.RemoveStream("audio"))
    assert caller.call.runs("audio")
    assert not caller.sent
    assert caller.notes[-1].event == "stream.kept"


def test_removing_what_is_not_there_is_nothing():
    caller, _callee, _wire = talking("audio")
    assert caller.do(events.RemoveStream("chat")) == []


def test_the_peer_is_told_of_audio_that_broke():
    caller, callee, wire = talking("audio", "chat")
    caller.do(events.StreamFailed("audio", "the worker died"))
    assert ports(caller.last) == [0, 2855]
    wire.carry()
    assert not callee.call.has("audio")
    assert any(each.event == "stream.failed" and each.data["reason"] == "the worker died" for each in caller.notes)


def test_the_peer_is_told_of_a_chat_that_broke():
    """Its connection may not have told it: that carries other sessions too."""
    caller, callee, wire = talking("audio", "chat")
    caller.do(events.StreamFailed("chat", "connection reset"))
    assert ports(caller.last) == [4000, 0]
    assert not caller.call.has("chat")
    wire.carry()
    assert not callee.call.has("chat")


def test_ends_that_both_saw_it_break_agree_on_it():
    caller, callee, wire = talking("audio", "chat")
    for party in (caller, callee):
        party.do(events.StreamFailed("chat", "connection reset"))
    wire.carry()
    for party in sorted((caller, callee), key=lambda party: party.running["retry"]):
        if "retry" in party.running:  # else the other's offer has said it all
            party.now += party.running["retry"]
            party.fire("retry")
            wire.carry()
    assert [each.port for each in SessionDescription.parse(caller.call.negotiation.local).media] == [4000, 0]
    assert not caller.call.is_busy
    assert not callee.call.is_busy


def test_audio_that_breaks_with_a_code_ends_the_call_with_it_where_it_was_all():
    caller, _callee, _wire = talking("audio")
    caller.do(events.StreamFailed("audio", "no worker", 503))
    assert caller.failure == ("local", 503, "no worker")
    assert 'cause=503;text="no worker"' in caller.last.get("reason")
