"""Our re-INVITE and what becomes of it: RFC 3261 12.2.1.2, 14.1."""

import pytest

from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.descriptions import audio_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, TAG, TCP, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, in_dialog, talking, told_since

RECVONLY = sdp(str_of(audio_media(5000, "recvonly")), version=2)


def holding():
    caller, callee, wire = talking("audio")
    caller.do(events.Hold())
    return caller, callee, wire


def test_it_is_sent_within_the_dialog_and_says_who_we_are():
    caller, _callee, _wire = holding()
    invite = caller.last
    assert (invite.method, invite.cseq.number, invite.to.tag) == ("INVITE", 2, TAG)
    assert invite.contact is not None
    assert invite.get("allow")
    assert invite.content_type.essence == "application/sdp"


def test_its_2xx_is_acknowledged_with_its_own_number_and_again_for_each_repeat():
    caller, _callee, _wire = holding()
    answer = answer_to(caller, 200, tag=TAG, body=RECVONLY)
    caller.receive(answer)
    ack = caller.last
    assert (ack.method, ack.cseq.number) == ("ACK", 2)
    count = len(caller.told)
    caller.receive(answer)
    assert caller.last == ack
    assert len(caller.told) == count


def test_the_acks_of_two_invites_are_not_mixed_up():
    caller, _callee, _wire = holding()
    first = caller.call.acks[0][2]
    caller.receive(answer_to(caller, 200, tag=TAG, body=RECVONLY))
    assert next(each[2] for each in caller.call.acks) == first
    assert len(caller.call.acks) == 2
    names = [name for name in caller.running if isinstance(name, tuple) and name[1] == "M"]
    for name in names:
        caller.fire(name)
    assert caller.call.acks == ()


def test_its_2xx_may_change_the_target():
    caller, _callee, _wire = holding()
    caller.receive(answer_to(caller, 200, ("Contact", "<sip:moved@192.0.2.9:5090>"), tag=TAG, body=RECVONLY))
    assert caller.last.uri == "sip:moved@192.0.2.9:5090"
    assert caller.flows[-1].remote == ("192.0.2.9", 5090)


def test_a_target_that_cannot_be_read_is_not_followed():
    caller, _callee, _wire = holding()
    caller.receive(answer_to(caller, 200, ("Contact", "<sip:[bad>"), tag=TAG, body=RECVONLY))
    assert caller.last.method == "ACK"
    assert "[bad>" not in caller.call.dialog.remote_target


@pytest.mark.parametrize("body", [b"", b"junk", sdp("m=message 0 TCP/MSRP *\r\n")], ids=["none", "junk", "other kind"])
def test_a_2xx_without_a_usable_answer_is_acknowledged_and_ends_the_call(body):
    caller, _callee, _wire = holding()
    caller.receive(answer_to(caller, 200, tag=TAG, body=body))
    assert [each.method for each in caller.sent] == ["INVITE", "ACK", "BYE"]
    assert caller.failure[:2] == ("local", 488)


@pytest.mark.parametrize(("status", "methods"), [(481, ["INVITE"]), (408, ["INVITE", "BYE"])])
def test_408_and_481_end_the_session(status, methods):
    caller, _callee, _wire = holding()
    caller.receive(answer_to(caller, status, tag=TAG))
    assert [each.method for each in caller.sent if each.method != "ACK"] == methods
    assert caller.failure[:2] == ("remote", status)


def test_no_answer_at_all_ends_the_session_with_408():
    caller, _callee, _wire = holding()
    caller.fire((caller.call.pending.key, "B"))
    assert caller.failure[:2] == ("local", 408)
    assert "cause=408" in caller.last.get("reason")


def test_a_peer_that_cannot_be_reached_just_now_has_refused():
    caller, _callee, _wire = holding()
    caller.refuse(caller.last)
    assert caller.state is State.ESTABLISHED
    assert not caller.call.held_by_local


def test_a_refused_change_is_offered_anew_with_another_version():
    caller, _callee, _wire = holding()
    caller.receive(answer_to(caller, 488, tag=TAG))
    caller.do(events.Hold())
    first, second = caller.requests("INVITE")
    versions = [SessionDescription.parse(each.body).origin.session_version for each in (first, second)]
    assert versions[0] < versions[1]


def test_commands_wait_for_their_turn_and_pointless_ones_are_dropped():
    caller, callee, wire = holding()
    commands = (events.Unhold(), events.Hold(), events.Hold(), events.AddStream("chat"), events.AddStream("chat"))
    for command in commands:
        caller.do(command)
    assert len(caller.requests("INVITE")) == 1
    assert caller.call.is_busy
    assert caller.state is State.ESTABLISHED
    wire.carry()
    assert caller.state is State.PROPOSING
    callee.do(events.AcceptProposal())
    wire.carry()
    assert len(caller.requests("INVITE")) == 4
    assert caller.call.on_hold
    assert not caller.call.is_busy
    assert caller.names.count("SCSessionGotStreamProposal") == 1


def test_a_command_waits_for_the_ack_of_the_peers_invite():
    caller, _callee, _wire = talking("audio")
    remote = caller.call.negotiation.remote
    caller.receive(in_dialog(caller, "INVITE", 2, ("Content-Type", "application/sdp"), body=remote))
    caller.do(events.Hold())
    assert not caller.requests("INVITE")
    assert not caller.call.held_by_local
    caller.receive(in_dialog(caller, "ACK", 2))
    assert caller.last.method == "INVITE"
    assert caller.call.held_by_local


def test_a_command_that_met_a_proposal_of_the_peer_waits():
    caller, callee, wire = talking("audio")
    caller.do(events.AddStream("chat"))
    wire.carry()
    callee.do(events.Hold())
    assert callee.state is State.PROPOSED
    assert not callee.call.held_by_local
    callee.do(events.RejectProposal())
    wire.carry()
    assert callee.call.held_by_local
    assert caller.call.held_by_remote


def test_the_commands_of_the_application_are_counted():
    caller, _callee, _wire = talking("audio")
    before = caller.call.taken
    for command in (events.Hold(), events.Hold(), events.Accept(("audio",))):
        caller.do(command)
    assert caller.call.taken == before + 3
    caller.do(events.Resumed())
    assert caller.call.taken == before + 3


def test_a_2xx_that_our_bye_overtook_is_acknowledged():
    caller, _callee, _wire = holding()
    answer = answer_to(caller, 200, tag=TAG, body=RECVONLY)
    caller.do(events.Terminate())
    caller.receive(answer)
    ack = caller.last
    assert (ack.method, ack.cseq.number) == ("ACK", 2)
    assert caller.state is State.TERMINATING
    caller.receive(answer)
    assert caller.last == ack
    caller.receive(response_to(caller.requests("BYE")[0], 200))
    assert "SCSessionDidFail" not in caller.names


@pytest.mark.parametrize("first", ["bye", "invite"])
def test_a_487_ends_nothing_before_our_bye_is_answered(first):
    caller, _callee, _wire = holding()
    refusal = answer_to(caller, 487, tag=TAG)
    caller.do(events.Terminate())
    done = response_to(caller.requests("BYE")[0], 200)
    for message in (done, refusal) if first == "bye" else (refusal, done):
        caller.receive(message)
    assert caller.state is State.TERMINATED
    assert caller.names[-2:] == ["SCSessionWillEnd", "SCSessionDidEnd"]


def test_over_a_connection_a_resumed_call_asks_again_for_the_answer():
    party = Party(audio=TERMS)
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("audio",)))
    party.do(events.TargetResolved(TCP))
    party.prepare_all()
    party.receive(answer_to(party, 200, tag=TAG, body=sdp(str_of(audio_media(5000)))))
    party.do(events.Hold())
    count = len(party.sent)
    party.do(events.Resumed())
    assert bytes(party.sent[-1]) == bytes(party.requests("INVITE")[1])
    assert len(party.sent) == count + 1


def test_an_idle_call_that_is_resumed_asks_for_nothing():
    caller, _callee, _wire = talking("audio")
    assert all(isinstance(each, StartTimer) for each in caller.do(events.Resumed()))


@pytest.mark.parametrize("what", ["change", "proposal", "theirs", "following"])
def test_a_resumed_call_asks_again_for_the_lines_that_it_waits_for(what):
    caller, callee, wire = talking("audio")
    if what == "proposal":
        caller.do(events.AddStream("chat"))
    elif what == "following":
        caller.do(events.Hold())
        caller.receive(answer_to(caller, 200, tag=TAG, body=RECVONLY))
    elif what == "theirs":
        body = sdp(str_of(audio_media(5000, "sendonly")), version=2)
        caller.receive(in_dialog(caller, "INVITE", 2, ("Content-Type", "application/sdp"), body=body))
    else:
        callee.do(events.AddStream("chat"))
        callee.prepare_all()
        for message in wire.fresh(callee):
            caller.receive(message)
        caller.do(events.AcceptProposal())
    (asked,) = caller.unprepared
    caller.asked.clear()
    caller.do(events.Resumed())
    assert caller.asked == [asked]
    assert caller.running["preparing"] == 32


def test_a_call_that_is_given_up_while_it_changes_ends_in_the_ordinary_way():
    for make in (holding, lambda: talking("audio")):
        caller, callee, wire = make()
        wire.carry()
        callee.do(events.AddStream("chat"))
        wire.carry()
        count = len(caller.told)
        caller.do(events.Abandoned("crashed"))
        assert caller.statuses()[-1] == 487
        assert caller.last.method == "BYE"
        assert told_since(caller, count) == ["PROPOSED>TERMINATED", "DidFail", "DidEnd"]
        assert caller.failure == ("local", 0, "crashed")
