"""Our address changes, or is another one than we thought: RFC 3261 10.2.4, RFC 5626 4.2, 4.4."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.message import parse, response_to
from sipsimple.protocols.sip.registration.events import FlowLost, NetworkChanged, Unregister
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.sip.usage.events import ResponseArrived
from tests.protocols.sip.asker import FLOW
from tests.protocols.sip.registration.registrar import CONTACT, registered, registering


def test_a_changed_network_makes_it_look_for_the_registrar_anew():
    party = registered()
    party.take(NetworkChanged())
    assert (len(party.resolved), party.state) == (2, "refreshing")


def test_a_changed_network_ends_a_pause_after_a_failure():
    party = registering()
    party.answer(500)
    party.take(NetworkChanged())
    assert (party.state, "retry" in party.timers) == ("registering", False)


def test_a_changed_network_replaces_the_register_that_is_under_way():
    party = registering()
    party.take(NetworkChanged())
    assert len(party.requests) == 2
    party.answer(200, number=0)
    assert party.state == "registering"
    party.grant()
    assert party.state == "registered"


def test_of_many_whose_network_changed_each_has_its_turn():
    party = registered()
    party.take(NetworkChanged(2.5))
    assert (party.state, len(party.requests)) == ("registered", 1)
    assert party.fire("refresh") == 2.5
    assert (len(party.resolved), party.state) == (2, "refreshing")


def test_a_pause_after_a_failure_may_end_in_turn_too():
    party = registering()
    party.answer(500)
    party.take(NetworkChanged(2.5))
    assert (party.state, party.fire("retry")) == ("waiting", 2.5)
    assert party.state == "registering"


@pytest.mark.parametrize("after", [0.0, 2.5])
@pytest.mark.parametrize("wishes", [(), (Unregister(),)])
def test_what_is_under_way_has_no_turn_to_wait_for(after, wishes):
    """The way that it went may be gone."""
    party = registering()
    for wish in wishes:
        party.take(wish)
    party.take(NetworkChanged(after))
    assert len(party.requests) == 2


@pytest.mark.parametrize("begin", [registering, registered])
def test_a_changed_network_does_not_bind_again_what_is_ending(begin):
    party = begin()
    party.take(Unregister())
    party.take(NetworkChanged())
    assert (party.state, party.asked_for[-1]) == ("unregistering", 0)


def test_a_changed_network_forgets_how_often_the_flow_was_lost():
    """It was another one."""
    party = registered()
    party.take(FlowLost())
    party.grant()
    party.take(NetworkChanged())
    party.grant()
    party.take(FlowLost())
    assert party.state == "refreshing"


OUTSIDE = Flow("udp", ("198.51.100.7", 4000), FLOW.remote)


def _answered_from_outside(party, **options):
    contact = party.requests[-1].get("contact")
    response = response_to(party.requests[-1], 200, to_tag="x", headers=(("Contact", f"{contact};expires=600"),))
    party.take(ResponseArrived(parse(bytes(response)), options.get("flow", OUTSIDE)))


def test_behind_nat_the_address_that_the_registrar_saw_is_bound_in_place_of_ours():
    party = registering()
    _answered_from_outside(party)
    assert party.state == "registering"
    inside, outside = party.requests[-1].get_all("contact")[::-1]
    assert (inside, outside.partition(">")[0]) == (f"<{CONTACT}>;expires=0", "<sip:alice-token@198.51.100.7:4000")
    party.grant()
    assert party.names() == ["=registering", "=registered", "DidSucceed"]
    assert party.data("DidSucceed")["contact_uri"] == "sip:alice-token@198.51.100.7:4000"


def test_an_address_that_changes_with_each_answer_is_not_followed_for_ever():
    party = registering()
    for port in range(4000, 4003):
        _answered_from_outside(party, flow=Flow("udp", ("198.51.100.7", port), FLOW.remote))
    assert (party.state, len(party.requests)) == ("registered", 3)


def test_a_binding_from_before_we_moved_is_removed_where_it_is_still_listed():
    party = registered()
    party.finds = Flow("udp", ("192.0.2.2", 5060), FLOW.remote)
    party.take(NetworkChanged())
    party.grant(others=f"<{CONTACT}>;expires=300, ")
    assert party.requests[-1].get_all("contact")[1] == f"<{CONTACT}>;expires=0"
    party.grant()
    assert (party.state, party.names()) == ("registered", ["DidSucceed"])


def test_who_was_not_followed_any_further_is_followed_again_at_the_next_move():
    party = registering()
    for port in range(4000, 4003):
        _answered_from_outside(party, flow=Flow("udp", ("198.51.100.7", port), FLOW.remote))
    party.fire("refresh")
    assert len(party.requests[-1].get_all("contact")) == 1
    for port in range(5000, 5003):
        assert party.state == "refreshing"
        _answered_from_outside(party, flow=Flow("udp", ("198.51.100.7", port), FLOW.remote))
    assert (party.state, len(party.requests)) == ("registered", 6)
