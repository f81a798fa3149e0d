"""By which way a subscriber is told: RFC 6665 4.2, RFC 3261 12.2.1.1."""

from __future__ import annotations

from sipsimple.protocols.sip.message import parse, response_to
from sipsimple.protocols.sip.notifier.notifier import Accept
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import ResponseArrived
from sipsimple.protocols.values import replace
from tests.protocols.sip.asker import FLOW
from tests.protocols.sip.notifier.notifying import Notifying, accepted, subscribe

THEIRS = Flow("tcp", FLOW.local, ("192.0.2.9", 49152), 7, ("192.0.2.9", 5060))
AWAY = "<sip:carol@10.0.0.1;transport=tcp>"


def test_a_subscriber_who_is_where_it_came_from_is_told_there():
    """Nothing is to be looked up."""
    party = accepted()
    assert (party.core.client.flow, party.resolved) == (FLOW, [])


def test_a_subscriber_behind_nat_is_told_by_its_connection():
    party = Notifying(600, THEIRS, Contact=AWAY)
    party.take(Accept(600))
    party.answer(200)
    party.notify("one")
    assert (len(party.requests), party.core.client.flow, party.resolved) == (2, THEIRS, [])


def test_a_subscriber_who_sees_us_elsewhere_is_behind_the_same_connection():
    """Should it be lost, nobody listens where it came from: that is not forgotten."""
    party = Notifying(600, THEIRS, Contact=AWAY)
    party.take(Accept(600))
    response = parse(bytes(response_to(party.requests[-1], 200)))
    party.take(ResponseArrived(response, Flow("tcp", ("203.0.113.1", 5060), THEIRS.remote, 7)))
    assert party.core.client.flow == replace(THEIRS, local=("203.0.113.1", 5060))


def test_a_connection_that_is_lost_leaves_its_contact():
    """RFC 3261 12.2.1.1: nobody listens where it came from."""
    party = Notifying(600, THEIRS, Contact=AWAY)
    party.take(Accept(600))
    party.lose()
    assert party.resolved == [AWAY[1:-1]]
    assert (len(party.requests), party.core.client.flow) == (2, FLOW)
    party.answer(200)
    party.notify("one")
    assert party.resolved == [AWAY[1:-1]]


def test_the_connection_that_a_subscriber_has_now_is_taken():
    party = Notifying(600, THEIRS, Contact=AWAY)
    party.take(Accept(600))
    party.answer(200)
    again = replace(THEIRS, remote=("192.0.2.9", 50000), connection=8)
    party.receive(subscribe(2, Contact=AWAY), again)
    assert (party.core.client.flow, party.resolved) == (again, [])


def test_a_route_leads_elsewhere_while_the_connection_lives():
    party = Notifying(600, THEIRS, Contact=AWAY, Record_Route="<sip:192.0.2.50;transport=tcp;lr>")
    party.take(Accept(600))
    assert party.resolved == ["<sip:192.0.2.50;transport=tcp;lr>"]


def test_another_contact_leads_elsewhere_while_the_connection_lives():
    party = Notifying(600, THEIRS, Contact=AWAY)
    party.take(Accept(600))
    party.answer(200)
    party.receive(subscribe(2, Contact="<sip:carol@192.0.2.9:5099;transport=tcp>"), THEIRS)
    assert party.resolved == ["sip:carol@192.0.2.9:5099;transport=tcp"]
