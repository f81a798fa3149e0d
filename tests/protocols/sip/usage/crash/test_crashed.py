"""What is due to the peer of a call whose actors crashed for good."""

import pytest

from sipsimple.protocols.sip.message import Response
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.crash.crashed import due
from sipsimple.protocols.sip.usage.outputs import HandOver
from sipsimple.protocols.sip.usage.setup.admission import admit
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.step import step
from tests.protocols.sip.usage.keeper import Keeper
from tests.protocols.sip.usage.party import TCP, UDP, Party
from tests.protocols.sip.usage.scenes import answering, calling, invite, ringing, talking


def statuses(messages):
    return [each.status for each in messages if isinstance(each, Response)]


def kept(party, handed):
    """The keeper of what is left of the call of `party`."""
    party.handed = handed.transactions
    return Keeper(party)


@pytest.mark.parametrize("accepted", [True, False])
def test_an_invite_without_an_answer_gets_500_and_each_repeat_the_same_again(accepted):
    party = ringing()
    if accepted:
        party.do(events.Accept(("chat",)))
    left, sent = due(party.call, (), ())
    assert [(each.message.status, each.message.to.tag) for each in sent] == [(500, party.call.identity.token)]
    keeper = kept(party, left)
    assert statuses(keeper.receive(invite(), UDP)) == [500]
    assert statuses(keeper.receive(invite(), UDP)) == [500]
    keeper.run_down()
    assert keeper.forgotten


@pytest.mark.parametrize("flow", [UDP, TCP])
def test_so_does_the_one_that_the_call_crashed_on_before_it_was_made_of_it(flow):
    party = Party()
    left, sent = due(party.call, (), (None, admit(invite(), flow, 43)))
    assert [each.message.status for each in sent] == [500]
    assert [each.flow for each in sent] == [flow]
    assert list(left.transactions.entries) == [layer.server_key(invite())]


def test_so_does_a_reinvite_that_the_application_has_not_decided_on():
    caller, callee, wire = talking()
    caller.do(events.AddStream("chat"))
    caller.prepare_all()
    wire.carry()
    assert callee.state is State.PROPOSED
    _, sent = due(callee.call, (), ())
    assert [(each.message.status, each.message.cseq.number) for each in sent] == [(500, 2)]


def test_an_answer_that_is_out_is_not_taken_back():
    party = answering()
    left, sent = due(party.call, (), ())
    assert sent == ()
    assert len(left.transactions.entries) == 1


def test_what_was_decided_before_the_crash_is_sent_and_nothing_else():
    party = ringing()
    after, outputs = step(party.call, events.Abandoned("crashed too often"))
    left, sent = due(after, outputs, ())
    assert [each.message.status for each in sent] == [500]
    assert left in outputs
    assert statuses(kept(party, left).receive(invite(), UDP)) == [500]


def test_a_call_that_nobody_waits_for_leaves_nothing():
    assert due(Party().call, (), ()) == (HandOver(Party().call.transactions), ())
    left, sent = due(calling().call, (), ())
    assert (len(left.transactions.entries), sent) == (0, ())
