"""A call whose actor crashed asks again for what it waits for; what never comes has a clock: 64*T1."""

import pytest

from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.refer.events import Refer
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import chat_media, sdp
from tests.protocols.sip.usage.party import ALICE, BOB, CONTACT, TCP, UDP, Party
from tests.protocols.sip.usage.scenes import answer_to, answered, answering, calling, established, in_dialog, ringing

RESUMED = events.Resumed()
PREPARE = outputs.Prepare("chat", outgoing=True)
RESOLVE = outputs.Resolve("sip:bob@192.0.2.2")
GUARD = 64 * 0.5
NO_CHAT = "m=message 0 TCP/MSRP *\r\n"


def connecting(**options):
    party = Party()
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",), **options))
    return party


def accepting():
    party = ringing()
    party.do(events.Accept(("chat",)))
    return party


def asked_again(party):
    """What the call asks for when it is resumed."""
    before = len(party.asked)
    state = party.state
    party.do(RESUMED)
    assert party.state is state
    return party.asked[before:]


def test_an_outgoing_call_asks_again_for_its_next_hop_and_its_streams():
    assert asked_again(connecting()) == [RESOLVE, PREPARE]


def test_what_is_known_is_not_asked_for_again():
    party = connecting()
    party.do(events.TargetResolved(UDP))
    assert asked_again(party) == [PREPARE]
    party = connecting()
    party.prepare()
    assert asked_again(party) == [RESOLVE]


def test_the_look_up_for_a_large_invite_is_repeated_for_tcp():
    party = connecting(routes=tuple(["<sip:192.0.2.9;lr;x=yyyyyyyyyy>"] * 40))
    party.do(events.TargetResolved(UDP))
    party.prepare()
    assert asked_again(party) == [outputs.Resolve("<sip:192.0.2.9;lr;x=yyyyyyyyyy>", transport="tcp")]


def test_an_answer_asks_again_for_the_accepted_streams():
    party = accepting()
    (prepare,) = asked_again(party)
    assert (prepare.kind, prepare.outgoing) == ("chat", False)
    assert prepare.remote == party.call.streams[0].remote


@pytest.mark.parametrize("make", [calling, ringing, answering, established, answered])
def test_a_call_that_waits_for_the_network_or_the_application_asks_for_nothing(make):
    party = make()
    sent, told = len(party.sent), len(party.told)
    assert asked_again(party) == []
    assert (len(party.sent), len(party.told)) == (sent, told)


def held_back():
    """A hold that met another INVITE and waits for its second try."""
    party = established()
    party.do(events.Hold())
    party.receive(answer_to(party, 491))
    return party


def changing():
    """A hold that the peer says nothing more about."""
    party = established()
    party.do(events.Hold())
    party.receive(answer_to(party, 183))
    return party


def cancelling_a_change():
    party = changing()
    party.fire("answer")
    return party


def cancelling():
    party = calling()
    party.receive(answer_to(party, 180))
    party.do(events.Terminate())
    return party


def ending():
    party = established()
    party.do(events.Terminate())
    return party


def ending_early():
    party = answering()
    party.do(events.Terminate())
    return party


def deserted():
    party = established()
    party.do(events.StreamEnded("chat", "closed"))
    return party


def referred():
    party = established()
    party.receive(in_dialog(party, "REFER", 2, ("Refer-To", "<sip:carol@example.org>"), CONTACT))
    return party


def transferring():
    party = established()
    party.do(Refer("sip:carol@example.org", "<sip:carol@example.org>"))
    party.receive(response_to(party.last, 202))
    return party


@pytest.mark.parametrize(
    "make",
    [
        calling,
        answering,
        held_back,
        changing,
        cancelling_a_change,
        cancelling,
        ending,
        ending_early,
        deserted,
        ringing,
        referred,
        transferring,
    ],
)
def test_the_clock_that_a_crash_has_cost_runs_again(make):
    """Whichever was about to fire: the others run on, and start anew with it."""
    for name, seconds in make().running.items():
        party = make()
        del party.running[name]
        state = party.state
        party.do(RESUMED)
        assert party.state is state
        assert party.running[name] == seconds or name == "retry"


def test_a_call_whose_last_stream_was_ended_by_invite_is_not_ended_by_a_crash():
    """It may get another stream."""
    party = established()
    party.receive(in_dialog(party, "INVITE", 2, ("Content-Type", "application/sdp"), body=sdp(NO_CHAT, version=2)))
    party.receive(in_dialog(party, "ACK", 2))
    assert (party.call.streams, party.state) == ((), State.ESTABLISHED)
    party.do(RESUMED)
    assert "grace" not in party.running


def test_over_a_connection_the_invite_brings_a_lost_final_response_again():
    party = calling(TCP)
    party.receive(answer_to(party, 180))
    party.do(RESUMED)
    first, again = party.requests("INVITE")
    assert bytes(first) == bytes(again)


def test_what_was_asked_for_twice_may_be_answered_twice():
    party = connecting()
    party.do(RESUMED)
    for _ in range(2):
        party.do(events.TargetResolved(UDP))
        party.prepare()
    assert len(party.requests("INVITE")) == 1
    party = accepting()
    party.do(RESUMED)
    for _ in range(2):
        party.do(events.StreamPrepared("chat", chat_media()))
    assert party.statuses() == [180, 200]


def test_an_outgoing_call_whose_next_hop_is_never_found_fails_with_503():
    party = connecting()
    assert party.running["preparing"] == GUARD
    party.prepare()
    party.fire("preparing")
    assert party.failure == ("local", 503, "the next hop was not found in time")
    assert not party.sent


def test_an_outgoing_call_whose_streams_are_never_prepared_fails():
    party = connecting()
    party.do(events.TargetResolved(UDP))
    party.fire("preparing")
    assert party.failure == ("local", 0, "the streams were not prepared in time")
    assert not party.sent


def test_an_incoming_call_whose_streams_are_never_prepared_is_answered_500_and_fails():
    party = accepting()
    assert party.running["preparing"] == GUARD
    party.fire("preparing")
    assert party.statuses() == [180, 500]
    assert party.failure == ("local", 0, "the streams were not prepared in time")


@pytest.mark.parametrize("make", [calling, answering])
def test_the_clock_of_the_preparations_stops_when_the_message_goes_out(make):
    party = make()
    assert "preparing" not in party.running
    assert party.fire("preparing") == []


def test_a_call_that_is_left_alone_in_its_preparations_ends():
    for make in (connecting, accepting):
        party = make()
        party.do(RESUMED)
        party.run_down()
        assert party.state is State.TERMINATED
