"""What a call leaves behind when it ends before its INVITE is answered: the answer gets its ACK all the same."""

from __future__ import annotations

import pytest

from sipsimple.actors.sip.lingering import State
from sipsimple.protocols.sip.authorization import Account, Authorization
from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.setup.prack import MOST_FORKS
from tests.protocols.sip.usage.descriptions import sdp
from tests.protocols.sip.usage.extended import reliable
from tests.protocols.sip.usage.keeper import Keeper
from tests.protocols.sip.usage.party import CONTACT, TAG, TOKEN, UDP
from tests.protocols.sip.usage.scenes import answer_to, calling, established, in_dialog


def given_up():
    """A call that was cancelled and never got the final response, and its keeper."""
    party = calling()
    party.receive(answer_to(party, 180))
    party.do(events.Terminate())
    party.fire("cancelled")
    return party, Keeper(party)


def changed_and_ended():
    """A call whose hold the peer has not answered, but said BYE to."""
    party = established()
    party.do(events.Hold())
    party.receive(in_dialog(party, "BYE", 2))
    return party, Keeper(party)


def got(keeper, response):
    """What is sent for a response."""
    return keeper.receive(response, UDP)


def methods(messages):
    return [each.method for each in messages]


@pytest.mark.parametrize("scene", [given_up, changed_and_ended])
def test_a_late_failure_and_its_repeats_are_acknowledged(scene):
    """RFC 3261 17.1.1.2."""
    party, keeper = scene()
    late = answer_to(party, 487)
    assert methods(got(keeper, late)) == ["ACK"]
    assert methods(got(keeper, late)) == ["ACK"]


def test_no_peer_makes_us_end_any_number_of_late_answers():
    party, keeper = given_up()
    for number in range(MOST_FORKS):
        assert methods(got(keeper, answer_to(party, 200, tag=f"tag{number}"))) == ["ACK", "BYE"]
    assert got(keeper, answer_to(party, 200, tag="one too many")) == []


def test_a_late_2xx_to_the_call_is_acknowledged_and_the_session_ended():
    """RFC 3261 9.1, 13.2.2.4: CANCEL may always come too late."""
    party, keeper = given_up()
    late = answer_to(party, 200, ("Record-Route", "<sip:192.0.2.9;lr>"))
    ack, bye = got(keeper, late)
    assert (ack.method, bye.method) == ("ACK", "BYE")
    for request in (ack, bye):
        assert request.uri == CONTACT[1].strip("<>")
        assert request.get("route") == "<sip:192.0.2.9;lr>"
        assert request.to.tag == TAG
        assert request.from_.tag == TOKEN
    assert ack.cseq.number == late.cseq.number < bye.cseq.number
    assert methods(got(keeper, late)) == ["ACK"]
    got(keeper, response_to(bye, 200))
    assert bytes(keeper.sent[-1]) == bytes(ack)


def test_its_bye_comes_after_what_was_sent_while_the_dialog_was_early():
    """RFC 3261 12.2.1.1: a lower number than that of the last PRACK would be refused."""
    party = calling()
    party.receive(reliable(party, 17))
    party.receive(reliable(party, 18))
    party.do(events.Terminate())
    party.fire("cancelled")
    _ack, bye = got(Keeper(party), answer_to(party, 200))
    assert bye.cseq.number > party.requests("PRACK")[-1].cseq.number


def test_its_bye_is_challenged_and_sent_again_once():
    party, _ = given_up()
    keeper = Keeper(party, Authorization((Account("alice", "s3cret"),)))
    _ack, bye = got(keeper, answer_to(party, 200))
    asked = ("WWW-Authenticate", 'Digest realm="one", nonce="n", qop="auth"')
    [again] = got(keeper, response_to(bye, 401, headers=(asked,)))
    assert again.method == "BYE"
    assert 'username="alice"' in again.get("authorization")
    stale = ("WWW-Authenticate", f"{asked[1]}, stale=true")
    assert got(keeper, response_to(again, 401, headers=(stale,))) == []
    keeper.run_down()
    assert keeper.state == State()


def test_each_fork_that_answers_late_is_ended_for_itself():
    party, keeper = given_up()
    assert methods(got(keeper, answer_to(party, 200))) == ["ACK", "BYE"]
    ack, bye = got(keeper, answer_to(party, 200, tag="other"))
    assert {ack.to.tag, bye.to.tag} == {"other"}
    assert methods(got(keeper, answer_to(party, 200, tag="other"))) == ["ACK"]


def test_a_late_2xx_to_a_change_is_acknowledged_and_nothing_more():
    """Its session has been ended already."""
    party, keeper = changed_and_ended()
    assert methods(got(keeper, answer_to(party, 200, body=sdp()))) == ["ACK"]


def test_a_late_2xx_that_cannot_be_read_is_left_alone():
    party, keeper = given_up()
    assert got(keeper, answer_to(party, 200, ("Contact", "<sip:[bad>"))) == []


@pytest.mark.parametrize("scene", [given_up, changed_and_ended])
def test_without_an_answer_nothing_is_sent_and_after_64_t1_nothing_is_left(scene):
    _, keeper = scene()
    assert ("W", 32.0) in [(name[1], due - keeper.now) for name, due in keeper.due.items()]
    keeper.run_down()
    assert not [each for each in keeper.sent if each.method == "INVITE"]
    assert keeper.forgotten
    assert keeper.state == State()
