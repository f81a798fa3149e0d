"""Requests of a call that are challenged: RFC 3261 22.1 to 22.3."""

import pytest

from sipsimple.protocols import digest, digest_server
from sipsimple.protocols.sip.authorization import MAX_TRIES, Account, Why
from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.sip.usage.within.credentials import of_caller
from sipsimple.protocols.values import replace
from tests.protocols.sip.usage.descriptions import audio_media, sdp, str_of
from tests.protocols.sip.usage.extended import reliable
from tests.protocols.sip.usage.party import ALICE, BOB, CONTACT, TAG, TCP, UDP, Party
from tests.protocols.sip.usage.scenes import answer_to, answering, calling, established, in_dialog, ringing, talking

ACCOUNTS = (Account("alice", "s3cret"),)
ASKED = ("WWW-Authenticate", 'Digest realm="one", nonce="n1", qop="auth", algorithm=SHA-256')
BY_PROXY = ("Proxy-Authenticate", 'Digest realm="two", nonce="n2", qop="auth"')
STALE = ("WWW-Authenticate", 'Digest realm="one", nonce="n3", qop="auth", algorithm=SHA-256, stale=true')
ANSWER = sdp(str_of(audio_media(5000, "recvonly")), version=2)


def challenge(party, request, *headers, status=401):
    """Have `request` of `party` challenged; return what it sends then."""
    count = len(party.sent)
    party.receive(response_to(request, status, to_tag=TAG, headers=headers or (ASKED,)))
    return party.sent[count:]


def challenged(flow=UDP):
    """Return a party whose INVITE was challenged and sent again."""
    party = calling(flow, accounts=ACCOUNTS)
    challenge(party, party.last)
    return party


def asked_before():
    """Return an established call whose INVITE was challenged."""
    party = challenged()
    party.receive(answer_to(party))
    assert party.state is State.ESTABLISHED
    return party


def is_answered(request, realm="one", header="Authorization"):
    """Check the credentials of a request for `realm` as a server does."""
    answers = [digest_server.parse_answer(each) for each in request.get_all(header)]
    for answer in answers:
        if answer.realm == realm:
            asked = digest.Challenge(realm, answer.nonce, answer.algorithm)
            ha1 = digest.user_hash(answer.algorithm, "alice", realm, "s3cret")
            due = digest.response_hash(
                asked, ha1, answer.cnonce, answer.nc, answer.qop, request.method, request.uri, request.body
            )
            return answer.response == due and answer.uri == request.uri
    return False


def nc(request, header="Authorization"):
    return [int(digest_server.parse_answer(each).nc, 16) for each in request.get_all(header)]


# ------------------------------------------------------------- the INVITE


def test_a_challenged_invite_goes_out_again_after_the_ack_as_the_next_request_of_its_call():
    party = calling(accounts=ACCOUNTS)
    first = party.last
    ack, again = challenge(party, first)
    assert (ack.method, ack.via.branch, ack.get("authorization")) == ("ACK", first.via.branch, None)
    assert is_answered(again)
    assert (again.call_id, again.from_.tag, again.to.tag) == (first.call_id, first.from_.tag, None)
    assert again.cseq.number == first.cseq.number + 1
    assert again.via.branch != first.via.branch
    assert again.uri == first.uri
    assert party.state is State.CALLING


def test_the_offer_stays_and_no_stream_is_prepared_anew():
    party = calling(accounts=ACCOUNTS)
    first, asked = party.last, list(party.asked)
    _ack, again = challenge(party, first)
    assert again.body == first.body
    assert party.asked == asked


@pytest.mark.parametrize("flow", [UDP, TCP])
def test_the_repeat_goes_by_the_way_of_the_first_one(flow):
    party = challenged(flow)
    assert set(party.flows) == {flow}
    assert not [each for each in party.asked if type(each).__name__ == "Resolve"][1:]


def test_the_answer_to_the_repeat_makes_the_call():
    party = asked_before()
    assert party.names == ["SCSessionNewOutgoing", "SCSessionWillStart", "SCSessionDidStart"]
    assert party.call.dialog.local_cseq == 2


def test_the_ack_of_the_2xx_repeats_the_credentials_of_the_invite_and_so_do_its_repeats():
    party = challenged()
    invite = party.last
    party.receive(answer_to(party))
    ack = party.last
    assert (ack.method, ack.cseq.number) == ("ACK", 2)
    assert ack.get("authorization") == invite.get("authorization")
    party.receive(answer_to(party))
    assert party.last == ack


def test_the_ack_for_another_fork_repeats_them_too():
    party = challenged()
    invite = party.last
    party.receive(answer_to(party))
    party.receive(answer_to(party, 200, tag="another"))
    ack, bye = party.sent[-2:]
    assert (ack.method, ack.to.tag, ack.get("authorization")) == ("ACK", "another", invite.get("authorization"))
    assert bye.method == "BYE"
    assert is_answered(bye)


def test_proxy_and_callee_may_ask_one_after_the_other():
    party = calling(accounts=ACCOUNTS)
    _, second = challenge(party, party.last, BY_PROXY, status=407)
    _, third = challenge(party, second)
    assert is_answered(third, "two", "Proxy-Authorization")
    assert nc(third, "Proxy-Authorization") == [2]
    assert is_answered(third)
    assert third.cseq.number == 3


def test_a_stale_nonce_is_answered_anew():
    party = challenged()
    _, again = challenge(party, party.last, STALE)
    assert is_answered(again)
    assert nc(again) == [1]


def test_a_wrong_password_fails_the_call_with_the_status_and_why():
    party = challenged()
    challenge(party, party.last)
    assert party.failure == ("remote", 401, f"{Why.REFUSED}: realm one")
    assert party.names[-2:] == ["SCSessionDidFail", "SCSessionDidEnd"]
    assert party.last.method == "ACK"


@pytest.mark.parametrize(
    ("headers", "status", "why"),
    [
        ((("WWW-Authenticate", "Digest"),), 401, Why.UNREADABLE),
        ((("WWW-Authenticate", 'Digest realm="x", nonce="y", algorithm=ROT13'),), 401, Why.UNKNOWN),
        ((("Proxy-Authenticate", "Bearer"),), 407, Why.UNREADABLE),
    ],
)
def test_a_challenge_that_is_no_use_fails_the_call_and_says_why(headers, status, why):
    party = calling(accounts=ACCOUNTS)
    challenge(party, party.last, *headers, status=status)
    assert party.failure[:2] == ("remote", status)
    assert party.failure[2].partition(":")[0] == why


def test_without_a_password_nothing_is_attempted():
    party = calling()
    challenge(party, party.last)
    assert party.failure == ("remote", 401, f"{Why.NO_ACCOUNT}: realm one")
    assert len(party.requests("INVITE")) == 1


def test_md5_is_refused_where_the_engine_says_so():
    party = Party()
    party.call = replace(party.call, identity=replace(party.call.identity, refuse_md5=True))
    party.do(events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",), accounts=ACCOUNTS))
    party.do(events.TargetResolved(UDP))
    party.prepare()
    challenge(party, party.last, BY_PROXY, status=407)
    assert party.failure == ("remote", 407, f"{Why.ONLY_MD5}: realm two")


def test_a_server_that_asks_for_ever_ends_the_call():
    party = calling(accounts=ACCOUNTS)
    for _ in range(MAX_TRIES + 1):
        assert party.state is State.CALLING
        challenge(party, party.last, STALE)
    assert party.failure == ("remote", 401, f"{Why.TOO_OFTEN}: realm one")


def test_what_was_asked_and_how_it_ended_is_noted_and_no_secret_is_told():
    party = challenged()
    challenge(party, party.last)
    events_ = {each.event: each.data for each in party.notes}
    assert events_["challenge.answered"] == {"method": "INVITE", "status": 401, "realm": "one"}
    assert events_["challenge.refused"]["why"] == f"{Why.REFUSED}: realm one"
    assert "s3cret" not in repr(party.notes) + repr(party.told) + repr(party.call)


def test_neither_the_command_nor_the_call_shows_a_secret():
    party = challenged()
    [login] = party.call.authorization.logins
    command = events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",), accounts=ACCOUNTS)
    for secret in ("s3cret", login.digest.ha1, login.digest.cnonce):
        assert secret not in repr(party.call) + repr(command)


def test_a_call_shows_neither_the_credentials_nor_the_descriptions_that_it_keeps():
    party = challenged()
    party.receive(reliable(party, 1, 183, body=sdp()))
    assert "m=message" not in repr(party.call)
    party.receive(answer_to(party))
    assert party.call.acks
    assert "Digest" not in repr(party.call)
    party = answering()
    assert "m=message" not in repr(party.call)


def test_what_was_used_is_forgotten_with_the_call():
    party = asked_before()
    party.receive(in_dialog(party, "BYE", 1))
    assert party.state is State.TERMINATED
    assert not party.call.authorization.accounts


# ------------------------------------------------------------- its end meanwhile


def test_a_call_that_is_ended_after_the_repeat_waits_for_a_provisional_response_and_cancels():
    party = calling(accounts=ACCOUNTS)
    party.receive(answer_to(party, 100, tag=None))
    challenge(party, party.last)
    party.do(events.Terminate())
    assert party.requests("CANCEL") == []
    party.receive(answer_to(party, 180))
    [cancel] = party.requests("CANCEL")
    assert cancel.cseq.number == 2
    assert cancel.get("authorization") is None
    party.receive(answer_to(party, 487))
    assert party.names[-1] == "SCSessionDidEnd"
    assert "SCSessionDidFail" not in party.names


@pytest.mark.parametrize("provisional", [False, True])
def test_a_challenge_to_a_call_that_is_ending_already_is_not_answered(provisional):
    party = calling(accounts=ACCOUNTS)
    invite = party.last
    if provisional:
        party.receive(answer_to(party, 180))
    party.do(events.Terminate())
    sent = challenge(party, invite)
    assert [each.method for each in sent] == ["ACK"]
    assert party.state is State.TERMINATED


def test_an_invite_that_its_credentials_make_too_big_for_udp_goes_over_tcp():
    party = calling(accounts=(Account("a" * 500, "s3cret"),))
    party.receive(response_to(party.last, 401, to_tag=TAG, headers=(ASKED,)))
    assert [getattr(each, "transport", None) for each in party.asked if type(each).__name__ == "Resolve"][-1] == "tcp"
    assert "preparing" in party.running
    party.do(events.TargetResolved(TCP))
    assert party.flows[-1] == TCP
    assert party.last.get("authorization") is not None
    assert "preparing" not in party.running


def test_a_call_that_looks_for_tcp_when_it_is_ended_sends_nothing_more():
    party = calling(accounts=(Account("a" * 500, "s3cret"),))
    party.receive(response_to(party.last, 401, to_tag=TAG, headers=(ASKED,)))
    count = len(party.sent)
    party.do(events.Terminate())
    assert party.state is State.TERMINATED
    assert len(party.sent) == count


@pytest.mark.parametrize("says", [503, None])
def test_the_next_server_may_ask_anew_when_the_one_that_asked_does_not_serve(says):
    party = challenged()
    party.others = [TCP]
    if says is None:
        party.refuse(party.last)
    else:
        party.receive(answer_to(party, says))
    sent = party.last
    assert party.flows[-1] == TCP
    assert is_answered(sent)
    other = ASKED[0], ASKED[1].replace("n1", "n9")
    _, again = challenge(party, sent, other)
    assert is_answered(again)
    challenge(party, again, other)
    assert party.failure == ("remote", 401, f"{Why.REFUSED}: realm one")


def test_a_repeat_that_nobody_answers_fails_like_any_invite():
    party = challenged()
    party.run_down()
    assert party.failure[:2] == ("local", 408)


# ------------------------------------------------------------- inside the dialog


def test_later_requests_bear_credentials_without_being_asked():
    party = asked_before()
    party.do(events.Terminate())
    assert (party.last.method, nc(party.last)) == ("BYE", [2])
    assert is_answered(party.last)


def test_a_challenged_bye_is_sent_again_and_its_answer_ends_the_call():
    party = established()
    party.call = of_caller(party.call, ACCOUNTS)
    party.do(events.Terminate())
    bye = party.last
    [again] = challenge(party, bye)
    assert (again.method, again.cseq.number, again.to.tag) == ("BYE", bye.cseq.number + 1, TAG)
    assert is_answered(again)
    assert party.state is State.TERMINATING
    party.receive(response_to(again, 200))
    assert party.names[-1] == "SCSessionDidEnd"


def test_a_bye_that_is_challenged_without_use_ends_the_call_all_the_same():
    party = established()
    party.do(events.Terminate())
    assert challenge(party, party.last) == []
    assert party.names[-1] == "SCSessionDidEnd"


def test_a_challenged_bye_that_is_never_answered_ends_the_call():
    party = established()
    party.call = of_caller(party.call, ACCOUNTS)
    party.do(events.Terminate())
    challenge(party, party.last)
    party.run_down()
    assert party.names[-1] == "SCSessionDidEnd"


def test_the_challenge_to_a_bye_that_is_repeated_is_answered_once():
    party = established()
    party.call = of_caller(party.call, ACCOUNTS)
    party.do(events.Terminate())
    bye = party.last
    challenge(party, bye)
    assert challenge(party, bye) == []


def test_a_challenged_re_invite_goes_out_again_with_its_offer_and_the_next_number():
    party, _callee, _wire = talking("audio")
    party.call = of_caller(party.call, ACCOUNTS)
    party.do(events.Hold())
    first = party.last
    ack, again = challenge(party, first)
    assert ack.method == "ACK"
    assert (again.cseq.number, again.to.tag, again.body) == (first.cseq.number + 1, TAG, first.body)
    assert is_answered(again)
    party.receive(response_to(again, 200, headers=(CONTACT,), body=ANSWER, content_type="application/sdp"))
    assert party.call.held_by_local
    assert (party.last.method, party.last.cseq.number) == ("ACK", again.cseq.number)
    assert party.last.get("authorization") == again.get("authorization")
    party.do(events.Terminate())
    assert party.last.cseq.number == again.cseq.number + 1


def test_a_re_invite_that_is_challenged_without_use_leaves_the_call_as_it_was():
    party, _callee, _wire = talking("audio")
    party.do(events.Hold())
    challenge(party, party.last)
    assert party.state is State.ESTABLISHED
    assert not party.call.held_by_local
    assert party.call.pending is None


def test_a_re_invite_that_a_bye_overtook_is_not_answered_for():
    party, _callee, _wire = talking("audio")
    party.call = of_caller(party.call, ACCOUNTS)
    party.do(events.Hold())
    invite = party.last
    party.do(events.Terminate())
    assert [each.method for each in challenge(party, invite)] == ["ACK"]


def test_a_request_of_any_other_method_hears_of_its_answer_under_the_key_that_it_was_sent_by():
    party = established()
    party.call = of_caller(party.call, ACCOUNTS)
    party.do(events.Terminate())
    call, dialog, request, _sent = exchange.request_in_dialog(party.call, party.call.dialog, UDP, "INFO", body=b"x")
    party.call = replace(call, dialog=dialog, bye=(request.via.branch, "INFO"))  # as if its answer ended the call
    [again] = challenge(party, request, BY_PROXY, status=407)
    assert is_answered(again, "two", "Proxy-Authorization")
    assert (again.body, party.call.dialog.local_cseq) == (b"x", again.cseq.number)
    party.receive(response_to(again, 200))
    assert party.state is State.TERMINATED


def test_the_repeats_are_forgotten_with_their_transactions():
    party = established()
    party.call = of_caller(party.call, ACCOUNTS)
    call, dialog, request, _sent = exchange.request_in_dialog(party.call, party.call.dialog, TCP, "INFO")
    party.call = replace(call, dialog=dialog)
    [again] = challenge(party, request)
    assert len(party.call.repeats) == 1
    [again] = challenge(party, again, STALE)
    assert len(party.call.repeats) == 1
    party.receive(response_to(again, 200))
    assert party.call.repeats == ()


def test_a_challenged_prack_goes_again_in_its_early_dialog_and_what_follows_has_the_next_number():
    party = calling(accounts=ACCOUNTS)
    party.receive(reliable(party, 17))
    prack = party.last
    [again] = challenge(party, prack)
    assert (again.method, again.get("rack"), again.to.tag) == ("PRACK", "17 1 INVITE", TAG)
    assert is_answered(again)
    party.receive(response_to(again, 200))
    party.receive(reliable(party, 18))
    assert party.last.cseq.number > again.cseq.number > prack.cseq.number
    party.receive(answer_to(party))
    party.do(events.Terminate())
    assert party.last.cseq.number > party.requests("PRACK")[-1].cseq.number


@pytest.mark.parametrize("tag", [TAG, "fork"])
def test_a_prack_that_is_challenged_after_its_invite_was_answered_is_not_sent_again(tag):
    """Its number would be one that the dialog has used since."""
    party = calling(accounts=ACCOUNTS)
    party.receive(reliable(party, 17, tag=tag))
    prack = party.last
    party.receive(answer_to(party))
    assert challenge(party, prack) == []
    party.receive(answer_to(party, tag="fork"))
    assert (party.last.method, party.last.to.tag) == ("BYE", "fork")
    assert party.last.cseq.number > (prack.cseq.number if tag == "fork" else 1)


def test_a_prack_that_is_challenged_after_its_invite_was_sent_again_is_forgotten():
    party = calling(accounts=ACCOUNTS)
    party.receive(reliable(party, 17))
    prack = party.last
    challenge(party, party.requests("INVITE")[-1])
    assert challenge(party, prack) == []


def test_the_early_dialogs_of_an_invite_that_was_challenged_end_with_it():
    party = calling(accounts=ACCOUNTS)
    party.receive(reliable(party, 17))
    challenge(party, party.requests("INVITE")[-1])
    assert party.call.pending.forks == ()
    party.receive(reliable(party, 1))
    assert (party.last.method, party.last.get("rack")) == ("PRACK", "1 2 INVITE")


def test_the_next_nonce_is_used_where_the_callee_names_one():
    party = challenged()
    party.receive(answer_to(party, 200, ("Authentication-Info", 'nextnonce="fresh"')))
    party.do(events.Terminate())
    assert digest_server.parse_answer(party.last.get("authorization")).nonce == "fresh"
    assert nc(party.last) == [1]


# ------------------------------------------------------------- a call that we were offered


def test_a_call_that_was_accepted_with_a_password_answers_challenges_as_the_one_who_was_called():
    assert answering().call.authorization.accounts == ()
    party = ringing()
    party.do(events.Accept(("chat",), "s3cret"))
    assert [(each.username, each.password) for each in party.call.authorization.accounts] == [("bob", "s3cret")]


# ------------------------------------------------------------- after a crash


def test_a_crash_while_the_challenge_is_answered_costs_nothing_over_a_connection():
    """The repeat is asked for its answer again, not the first one."""
    party = challenged(TCP)
    again = party.last
    party.do(events.Resumed())
    assert party.last == again


def test_a_crash_that_cost_the_challenge_has_it_repeated_over_a_connection():
    """The first INVITE again: it has its last response repeated."""
    party = calling(TCP, accounts=ACCOUNTS)
    first = party.last
    party.do(events.Resumed())
    assert party.last == first
    assert is_answered(challenge(party, first)[-1])


def test_a_challenge_that_is_repeated_gets_the_ack_again_and_no_other_invite():
    party = calling(accounts=ACCOUNTS)
    first = party.last
    challenge(party, first)
    assert [each.method for each in challenge(party, first)] == ["ACK"]
