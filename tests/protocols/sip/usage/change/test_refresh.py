"""The refresh of a session, by UPDATE or by re-INVITE, and the end of one that is not refreshed. RFC 4028 7, 10."""

import pytest

from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.values import replace
from tests.protocols.sip.usage.extended import (
    NO_UPDATE,
    OURS,
    SUPPORTS,
    TAKES_UPDATE,
    THEIRS,
    TIMED,
    accepted,
    calling,
    refreshing,
    reply,
    ringing,
    timed,
)
from tests.protocols.sip.usage.party import BACK
from tests.protocols.sip.usage.scenes import answer_to, in_dialog


def quiet(party, count):
    return [each.name for each in party.told[count:]] == []


def test_it_is_an_update_without_a_body_where_the_peer_takes_it():
    party = refreshing()
    (update,) = party.sent
    assert (update.method, update.body, update.get("session-expires")) == ("UPDATE", b"", "1800;refresher=uac")
    assert update.contact is not None
    party.receive(reply(update, 200, OURS))
    assert party.running["refresh"] == 900.0
    assert "expiry" not in party.running


def test_it_is_a_re_invite_that_changes_nothing_where_the_peer_takes_no_update():
    for allow in (NO_UPDATE, ("X-Y", "no Allow"), ("Allow", "<>")):
        party = calling(TIMED)
        offered = party.last.body
        party.receive(answer_to(party, 200, OURS, allow))
        told, asked = len(party.told), len(party.asked)
        party.fire("refresh")
        invite = party.last
        assert (invite.method, invite.body, invite.get("session-expires")) == ("INVITE", offered, OURS[1])
        answer = party.call.negotiation.remote
        party.receive(answer_to(party, 200, OURS, body=answer))
        assert party.last.method == "ACK"
        assert party.running["refresh"] == 900.0
        assert quiet(party, told)
        assert len(party.asked) == asked, "no stream hears of it"


@pytest.mark.parametrize("kinds", [("audio",), ("chat",), ("audio", "chat")])
def test_two_ends_go_on_for_ever_and_agree(kinds):
    caller, callee, wire = timed(*kinds)
    before = caller.call.negotiation.local, caller.call.negotiation.remote
    told = len(caller.told), len(callee.told)
    for _ in range(3):
        caller.fire("refresh")
        wire.carry()
    assert [each.method for each in caller.sent] == ["UPDATE"] * 3
    assert (caller.call.negotiation.local, caller.call.negotiation.remote) == before
    assert quiet(caller, told[0])
    assert quiet(callee, told[1])
    assert caller.state is callee.state is State.ESTABLISHED


def test_a_call_on_hold_is_refreshed_by_re_invite_and_stays_on_hold():
    caller, callee, wire = timed()
    for side in (caller, callee):
        side.do(events.Hold())
        wire.carry()
    caller.call = replace_timer(caller.call, refuses_update=True)
    before = caller.call.negotiation
    told = len(caller.told), len(callee.told)
    caller.fire("refresh")
    wire.carry()
    assert caller.requests("INVITE")[-1].get("session-expires") == OURS[1]
    assert (caller.call.negotiation.local, caller.call.negotiation.remote) == (before.local, before.remote)
    assert quiet(caller, told[0])
    assert quiet(callee, told[1])


def replace_timer(call, **changes):
    return replace(call, session_timer=replace(call.session_timer, **changes))


def test_it_waits_for_its_turn_and_is_dropped_when_something_else_has_refreshed():
    party = calling(TIMED)
    party.receive(answer_to(party, 200, OURS, TAKES_UPDATE))
    party.do(events.AddStream("audio"))
    party.prepare("audio")
    assert party.state is State.PROPOSING
    party.fire("refresh")
    assert not party.requests("UPDATE"), "whether the re-INVITE has arrived is not known yet"
    lines = [each.decode() for each in party.last.body.split(b"m=")][1:]
    body = party.call.negotiation.remote + b"m=" + lines[1].encode()
    party.receive(answer_to(party, 200, OURS, body=body))
    assert party.state is State.ESTABLISHED
    assert not party.requests("UPDATE")
    assert party.running["refresh"] == 900.0


def test_a_proposal_that_takes_long_does_not_cost_the_session_its_refresh():
    party = calling(TIMED)
    party.receive(answer_to(party, 200, OURS, TAKES_UPDATE))
    party.do(events.AddStream("audio"))
    party.prepare("audio")
    party.receive(answer_to(party, 180))
    party.fire("refresh")
    assert party.last.method == "UPDATE"
    party.receive(reply(party.last, 200, OURS))
    assert party.state is State.PROPOSING
    assert party.running["refresh"] == 900.0


def test_a_stream_that_takes_long_to_be_prepared_does_not_cost_the_session_its_refresh():
    """A large file is hashed for minutes before it is proposed."""
    caller, callee, wire = timed()
    caller.do(events.AddStream("file-1"))
    assert caller.state is State.PROPOSING
    caller.fire("refresh")
    for message in wire.fresh(caller):
        assert message.method == "UPDATE"
        callee.receive(message, BACK)
    for message in wire.fresh(callee):
        caller.receive(message)
    assert caller.running["refresh"] == 900.0
    assert "expiry" not in caller.running
    assert caller.state is State.PROPOSING


def test_commands_wait_for_the_update():
    party = refreshing()
    assert party.call.is_busy
    party.do(events.AddStream("audio"))
    party.prepare_all()
    assert [each.method for each in party.sent] == ["UPDATE"]
    party.receive(reply(party.sent[0], 200, OURS))
    party.prepare_all()
    assert [each.method for each in party.sent] == ["UPDATE", "INVITE"]


def test_an_invite_of_the_peer_does_not_have_to_wait_for_it():
    caller, callee, wire = timed()
    caller.fire("refresh")
    callee.do(events.Hold())
    wire.carry()
    assert 491 not in caller.statuses()
    assert caller.call.held_by_remote
    assert caller.running["refresh"] == 900.0


def test_a_session_that_the_peer_does_not_refresh_ends_with_bye():
    party = calling(TIMED)
    party.receive(answer_to(party, 200, THEIRS))
    assert party.running["expiry"] == 1768.0
    party.fire("expiry")
    assert party.failure == ("local", 408, "session timer expired")
    assert party.names[-1] == "SCSessionDidEnd"
    assert party.requests("BYE")[0].get("reason") == 'SIP;cause=408;text="session timer expired"'


def test_a_session_that_expires_before_its_ack_ends_when_that_has_come():
    """RFC 3261 15: BYE must not overtake the ACK."""
    party = ringing(SUPPORTS, ("Session-Expires", "90;refresher=uac"), policy=TIMED)
    party.do(events.Accept(("chat",)))
    party.prepare()
    assert party.running["expiry"] == 60.0
    party.fire("expiry")
    assert party.state is State.TERMINATING
    party.receive(in_dialog(party, "ACK", 1))
    assert party.last.method == "BYE"
    party.receive(reply(party.last, 200))
    assert party.failure == ("local", 408, "session timer expired")


def test_a_refresh_that_is_due_before_the_ack_waits_for_it():
    party = ringing(SUPPORTS, ("Session-Expires", "90;refresher=uas"), TAKES_UPDATE, policy=TIMED)
    party.do(events.Accept(("chat",)))
    party.prepare()
    party.fire("refresh")
    assert not party.requests("UPDATE")
    party.receive(in_dialog(party, "ACK", 1))
    assert party.last.method == "UPDATE"


def test_clocks_that_are_late_change_nothing():
    party = refreshing()
    party.receive(reply(party.last, 200, OURS))
    before = party.call
    party.fire("expiry")
    assert party.call == before
    plain = accepted()
    before = plain.call
    plain.fire("refresh")
    plain.fire("expiry")
    assert plain.call == before


def test_the_answer_to_an_update_of_before_changes_nothing():
    party = refreshing()
    update = party.last
    party.receive(reply(update, 200, OURS))
    before = party.call.session_timer
    party.receive(reply(update, 481))
    assert party.call.session_timer == before
    assert party.state is State.ESTABLISHED


def test_while_the_call_ends_the_answer_to_its_update_is_no_matter():
    party = refreshing()
    update = party.last
    party.do(events.Terminate())
    party.receive(reply(update, 481))
    assert party.state is State.TERMINATING
    party.receive(reply(party.requests("BYE")[0], 200))
    assert party.names[-1] == "SCSessionDidEnd"
    assert "SCSessionDidFail" not in party.names


def test_a_2xx_that_moves_the_peer_is_followed():
    party = refreshing()
    party.receive(reply(party.last, 200, OURS, ("Contact", "<sip:new@192.0.2.77:5070>")))
    party.do(events.Terminate())
    assert party.last.uri == "sip:new@192.0.2.77:5070"


# ------------------------------------------------------------- crashes


def test_after_a_crash_who_refreshes_does_it_at_once():
    """The crash may have cost the clock, or the answer."""
    party = refreshing()
    party.do(events.Resumed())
    assert len(party.requests("UPDATE")) == 2
    party.receive(reply(party.last, 200, OURS))
    assert party.running["refresh"] == 900.0


def test_what_becomes_of_the_update_from_before_the_crash_is_no_matter():
    party = refreshing()
    first = party.last
    party.do(events.Resumed())
    party.receive(reply(first, 481))
    assert party.state is State.ESTABLISHED
    lost = refreshing()
    key = lost.call.session_timer.update
    lost.do(events.Resumed())
    lost.fire((key, "F"))
    assert lost.state is State.ESTABLISHED


def test_after_a_crash_the_clock_of_the_end_runs():
    party = calling(TIMED)
    party.receive(answer_to(party, 200, THEIRS))
    party.running.pop("expiry")
    party.do(events.Resumed())
    assert party.running["expiry"] == 1768.0


def test_a_crash_does_not_begin_a_second_re_invite():
    party = refreshing(NO_UPDATE)
    party.do(events.Resumed())
    assert len(party.requests("INVITE")) == 1
    party.receive(answer_to(party, 200, OURS, body=party.call.negotiation.remote))
    assert len(party.requests("INVITE")) == 1
    assert party.running["refresh"] == 900.0
