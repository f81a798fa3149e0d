"""Being registered, staying so, and being unregistered again: RFC 3261 10, RFC 5626."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.registration.events import FlowLost, Register, Unregister
from sipsimple.protocols.sip.transport import Flow
from sipsimple.protocols.values import replace
from tests.protocols.sip.asker import FLOW
from tests.protocols.sip.registration.registrar import CONTACT, INSTANCE, Registering, registered, registering


def test_the_first_register_says_who_where_and_for_how_long():
    (request,) = registering().requests
    assert (request.method, request.uri, request.call_id) == ("REGISTER", "sip:example.org", "call-1")
    assert str(request.from_.uri) == str(request.to.uri) == "sip:alice@example.org"
    assert request.to.tag is None
    assert request.get("contact") == f'<{CONTACT}>;+sip.instance="<{INSTANCE}>";reg-id=1'
    assert (request.expires, request.supported) == (600, ("path", "outbound", "gruu"))


def test_success_is_told_after_the_change_of_state():
    party = registering()
    party.grant(400)
    assert party.names() == ["=registering", "=registered", "DidSucceed"]
    expected = {
        "code": 200,
        "reason": "OK",
        "contact_uri": CONTACT,
        "expires": 400,
        "contact_uri_list": [(CONTACT, 400)],
    }
    assert party.data("DidSucceed") == expected
    assert party.data("ChangedState").items() >= expected.items()


def test_every_register_has_the_same_call_id_and_the_next_number():
    """RFC 3261 10.2."""
    party = registered()
    party.fire("refresh")
    party.grant()
    party.take(Unregister())
    party.answer(200)
    party.take(Register())
    assert {each.call_id for each in party.requests} == {"call-1"}
    assert [each.cseq.number for each in party.requests] == [1, 2, 3, 4]
    assert len({each.from_.tag for each in party.requests}) == 1


def test_a_refresh_comes_before_the_end_and_is_told_as_success_without_a_change_of_state():
    party = registered()
    assert 60 <= party.timers["refresh"] < party.timers["expiry"] == 600
    party.fire("refresh")
    assert (party.state, party.core.shown) == ("refreshing", "registered")
    party.grant()
    assert party.names() == ["DidSucceed"]
    assert 450 <= party.timers["refresh"] <= 540


@pytest.mark.parametrize("fails_first", [False, True])
def test_the_first_refresh_and_the_one_after_a_failure_come_anywhere_in_the_time(fails_first):
    """Those that began together, or were refused together, part."""
    refreshes = set()
    for lots in range(30):
        party = registering() if not fails_first else registered()
        if fails_first:
            party.fire("refresh")
            party.answer(503)
            party.fire("retry")
        party.core = replace(party.core, client=replace(party.core.client, lots=lots))
        party.grant()
        refreshes.add(party.timers["refresh"])
    assert min(refreshes) < 300 < max(refreshes)


def test_a_binding_for_ever_is_refreshed_within_a_week():
    party = registering()
    party.grant(2**32 - 1)
    assert party.core.expires == 2**32 - 1
    assert party.timers["refresh"] < party.timers["expiry"] == 7 * 86_400


def test_the_contact_is_the_same_in_every_register():
    party = registered()
    party.fire("refresh")
    party.take(Unregister())
    party.grant()
    assert len({each.get("contact") for each in party.requests}) == 1


def test_unregistering_takes_our_own_binding_back_and_no_other():
    """RFC 3261 10.2.2: not `Contact: *`."""
    party = registered()
    party.take(Unregister())
    request = party.requests[-1]
    assert (request.expires, str(request.contact.uri)) == (0, CONTACT)
    party.answer(200, (("Contact", "<sip:alice@192.0.2.50>;expires=55"),))
    assert party.names() == ["=unregistering", "WillEnd", "=unregistered", "DidEnd"]
    assert party.data("DidEnd") == {"code": 200, "reason": "OK", "expired": False}
    assert (party.ended, party.timers.keys() & {"refresh", "retry", "expiry"}) == (1, set())


def test_a_binding_that_is_not_taken_back_ends_by_itself():
    party = registered()
    party.take(Unregister())
    party.answer(500)
    assert party.names() == ["=unregistering", "WillEnd", "=unregistered", "DidFail", "DidEnd"]
    assert party.data("DidFail")["retry_after"] is None
    assert party.ended == 1


def test_a_register_under_way_is_answered_before_its_binding_is_taken_back():
    """RFC 3261 10.2: no new REGISTER before the final response."""
    party = registering()
    party.take(Unregister())
    assert (party.state, party.asked_for) == ("closing", [600])
    party.grant()
    assert (party.state, party.asked_for) == ("unregistering", [600, 0])
    party.answer(200)
    assert party.names() == ["=registering", "=unregistering", "WillEnd", "=unregistered", "DidEnd"]


def test_a_register_that_was_refused_leaves_nothing_to_take_back():
    party = registering()
    party.take(Unregister())
    party.answer(403)
    assert (party.asked_for, party.ended) == ([600], 1)
    assert party.names()[-2:] == ["=unregistered", "DidEnd"]


def test_a_register_that_was_never_answered_may_have_bound_something():
    party = registering()
    party.take(Unregister())
    party.time_out()
    assert party.asked_for == [600, 0]


def test_a_wish_to_register_while_it_ends_is_carried_out_after_the_end():
    party = registered()
    party.take(Unregister())
    party.take(Register())
    assert party.asked_for == [600, 0]
    party.answer(200)
    assert party.asked_for == [600, 0, 600]
    assert party.names() == ["=unregistering", "WillEnd", "=unregistered", "DidEnd", "=registering"]
    assert party.ended == 0
    assert not [name for name in party.timers if isinstance(name, str)]


def test_the_last_wish_counts():
    party = registered()
    for wish in (Unregister(), Register(), Unregister()):
        party.take(wish)
    party.answer(200)
    assert (party.state, party.ended) == ("unregistered", 1)


def test_register_refreshes_at_once_what_is_registered_and_may_ask_for_another_time():
    party = registered()
    party.take(Register(1200))
    assert (party.state, party.asked_for) == ("refreshing", [600, 1200])


def test_register_while_one_is_under_way_sends_no_second_one():
    party = registering()
    party.take(Register())
    assert len(party.requests) == 1


# The flow


def test_a_lost_flow_is_followed_by_a_register_at_once():
    """RFC 5626 4.4, 4.5."""
    party = registered()
    party.take(FlowLost(reason="no answer to a keep-alive"))
    assert (party.state, len(party.requests)) == ("refreshing", 2)
    assert "refresh" not in party.timers


def test_of_many_at_one_flow_each_has_its_turn():
    party = registered()
    party.take(FlowLost(1.5))
    assert (party.state, party.core.shown, party.timers["retry"]) == ("fading", "registered", 1.5)
    party.fire("retry")
    party.grant()
    assert party.names() == ["DidSucceed"]


def test_a_flow_that_is_lost_over_and_over_does_not_make_it_ask_over_and_over():
    """Else a proxy that closes each connection after its answer would be asked without end."""
    party = registered()
    party.take(FlowLost())
    party.grant()
    for bound in (60, 120, 240):
        party.take(FlowLost())
        assert bound / 2 <= party.fire("retry") <= bound
        party.grant()
    party.fire("refresh")
    party.grant()
    party.take(FlowLost())
    assert party.state == "refreshing"


@pytest.mark.parametrize(
    ("header", "transport", "lowest", "highest"),
    [((), "udp", 24, 29), ((), "tcp", 95, 120), ((("Flow-Timer", "50"),), "tcp", 40, 50)],
)
def test_the_flow_is_kept_open_as_often_as_its_transport_or_the_registrar_asks(header, transport, lowest, highest):
    """RFC 5626 4.4."""
    party = Registering()
    party.finds = Flow(transport, FLOW.local, FLOW.remote)
    party.take(Register())
    party.grant(600, *header)
    (kept,) = party.kept
    assert kept.flow == party.finds
    assert lowest <= kept.every <= highest


def test_a_flow_is_watched_but_not_kept_open_where_that_is_not_wanted():
    party = registered(keeps_alive=False)
    assert [each.every for each in party.kept] == [None]
