"""A refresh that is refused, meets another request, or finds nobody: RFC 4028 7.3, 7.4, 10."""

import pytest

from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.extended import NO_UPDATE, OURS, TAKES_UPDATE, refreshing, reply
from tests.protocols.sip.usage.party import CONTACT
from tests.protocols.sip.usage.scenes import answer_to, in_dialog


@pytest.mark.parametrize("status", [405, 501])
def test_an_update_that_is_not_known_after_all_is_never_tried_again(status):
    party = refreshing()
    party.receive(reply(party.last, status))
    assert party.last.method == "INVITE"
    party.receive(answer_to(party, 200, OURS, TAKES_UPDATE, body=party.call.negotiation.remote))
    party.fire("refresh")
    assert party.last.method == "INVITE"
    assert len(party.requests("UPDATE")) == 1


@pytest.mark.parametrize(("status", "originator", "says_bye"), [(481, "remote", False), (408, "remote", True)])
def test_a_peer_that_knows_of_no_session_ends_it(status, originator, says_bye):
    party = refreshing()
    party.receive(reply(party.last, status))
    assert party.failure[:2] == (originator, status)
    assert bool(party.requests("BYE")) is says_bye
    assert party.names[-1] == "SCSessionDidEnd"


def test_an_update_that_nobody_answers_ends_the_session():
    party = refreshing()
    key = party.call.session_timer.update
    party.fire((key, "F"))
    assert party.failure == ("local", 408, "no answer to the refresh of the session")
    assert party.requests("BYE")


def test_a_refused_update_is_tried_again_until_the_session_is_given_up():
    party = refreshing()
    party.receive(reply(party.last, 500))
    assert party.running["refresh"] == 225.0
    assert party.running["expiry"] == 1768.0 - 900.0
    assert party.notes[-1].event == "session.refresh_refused"
    party.fire("refresh")
    assert len(party.requests("UPDATE")) == 2
    party.receive(reply(party.last, 503))
    assert party.running["expiry"] == 868.0, "it is not put off"
    party.fire("expiry")
    assert party.failure == ("local", 408, "session timer expired")
    assert party.requests("BYE")[0].get("reason") == 'SIP;cause=408;text="session timer expired"'


def test_a_refused_re_invite_likewise():
    party = refreshing(NO_UPDATE)
    told = len(party.told)
    party.receive(answer_to(party, 488))
    assert party.running["refresh"] == 225.0
    assert len(party.told) == told
    party.fire("refresh")
    assert len(party.requests("INVITE")) == 2


def test_a_refusal_is_not_followed_by_another_try_when_the_timer_is_gone_meanwhile():
    party = refreshing()
    party.receive(in_dialog(party, "UPDATE", 2))
    assert not party.running.keys() & {"refresh", "expiry"}
    party.receive(reply(party.requests("UPDATE")[0], 500))
    assert not party.running.keys() & {"refresh", "expiry"}
    assert party.state is State.ESTABLISHED


def test_an_update_that_cannot_be_sent_is_tried_again():
    party = refreshing()
    party.refuse(party.last)
    assert party.state is State.ESTABLISHED
    assert party.running["refresh"] == 225.0


@pytest.mark.parametrize("allow", [TAKES_UPDATE, NO_UPDATE])
def test_a_collision_is_waited_out(allow):
    party = refreshing(allow)
    method = party.last.method
    party.receive(reply(party.last, 491))
    timer = "refresh" if method == "UPDATE" else "retry"
    assert 2.1 <= party.running[timer] <= 4.0
    party.fire(timer)
    assert len(party.requests(method)) == 2


@pytest.mark.parametrize("allow", [TAKES_UPDATE, NO_UPDATE])
def test_an_interval_that_became_too_small_is_raised_at_once(allow):
    party = refreshing(allow)
    party.receive(reply(party.last, 422, ("Min-SE", "3600")))
    again = party.last
    assert (again.get("session-expires"), again.get("min-se")) == ("3600;refresher=uac", "3600")
    party.receive(
        reply(again, 200, ("Contact", "<sip:peer@192.0.2.2>"), ("Session-Expires", "3600;refresher=uac"))
        if again.method == "UPDATE"
        else answer_to(party, 200, ("Session-Expires", "3600;refresher=uac"), body=party.call.negotiation.remote)
    )
    assert party.running["refresh"] == 1800.0


def test_an_update_that_meets_another_one_which_ended_the_timer_is_not_tried_again():
    party = refreshing()
    update = party.last
    party.receive(in_dialog(party, "UPDATE", 2, CONTACT))
    party.receive(reply(update, 491))
    assert not {"refresh", "expiry"} & set(party.running)
