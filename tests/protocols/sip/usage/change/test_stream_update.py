"""What is told when other streams run than before."""

import pytest

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.outputs import Notify
from tests.protocols.sip.usage.scenes import answered, calling, established, talking


def is_update(output):
    return isinstance(output, Notify) and output.name == "SCSessionGotStreamUpdate"


class Watched:
    """A call and what was told of its streams."""

    def __init__(self, party):
        self.party, self.told = party, []
        feed = party.feed

        def watched(function, *stimulus):
            outputs = feed(function, *stimulus)
            self.told += [each.data["streams"] for each in outputs if is_update(each)]
            return outputs

        party.feed = watched


@pytest.fixture
def both():
    caller, callee, wire = talking("audio")
    return Watched(caller), Watched(callee), wire


def test_a_stream_that_is_added_and_one_that_is_removed_are_told_at_both_ends_once(both):
    caller, callee, wire = both
    caller.party.do(events.AddStream("chat"))
    wire.carry()
    assert caller.told == callee.told == [], "it is only proposed"
    callee.party.do(events.AcceptProposal())
    wire.carry()
    callee.party.do(events.RemoveStream("audio"))
    wire.carry()
    assert caller.told == callee.told == [["audio", "chat"], ["chat"]]


def test_a_stream_that_is_lost_is_told(both):
    caller, callee, wire = both
    caller.party.do(events.AddStream("chat"))
    wire.carry()
    callee.party.do(events.AcceptProposal())
    wire.carry()
    caller.party.do(events.StreamEnded("chat", "closed"))
    assert caller.told[-1] == ["audio"]


def test_hold_refresh_and_a_rejected_proposal_change_nothing(both):
    caller, callee, wire = both
    for command in (events.Hold(), events.Unhold()):
        caller.party.do(command)
        wire.carry()
    caller.party.do(events.AddStream("chat"))
    wire.carry()
    callee.party.do(events.RejectProposal())
    wire.carry()
    assert caller.told == callee.told == []


@pytest.mark.parametrize("make", [established, answered, calling])
def test_the_beginning_and_the_end_tell_of_themselves(make):
    call = Watched(make())
    call.party.do(events.Terminate())
    call.party.run_down()
    assert call.told == []


def test_files_tell_of_themselves():
    caller, callee, wire = talking("chat")
    watched = Watched(callee)
    caller.do(events.AddStream("file-1"))
    wire.carry()
    callee.do(events.AcceptProposal())
    wire.carry()
    assert len(callee.call.streams) == 2
    assert watched.told == []
