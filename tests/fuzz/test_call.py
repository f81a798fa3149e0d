"""Whatever happens to a call, in whatever order: it ends once, says why, answers what it must, and leaves nothing.

`Party` checks with each output that states and notifications follow their
rules; here the world around it does what it likes.
"""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.sip.authorization import Account
from sipsimple.protocols.sip.message import Request, Response, parse, response_to
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.usage import events, stimuli
from sipsimple.protocols.sip.usage.policy import Policy
from sipsimple.protocols.sip.usage.refer import events as transfer_events
from sipsimple.protocols.sip.usage.state import State, Stimulus
from sipsimple.protocols.sip.usage.table import IGNORED, TRANSITIONS
from sipsimple.protocols.values import replace
from tests.protocols.sip.usage.descriptions import audio_media, chat_media, sdp, str_of
from tests.protocols.sip.usage.party import ALICE, BOB, CONTACT, TAG, TCP, UDP, Party
from tests.protocols.sip.usage.scenes import TERMS, answer_to, cancel_of, in_dialog, invite

CHAT = str_of(chat_media())
REFUSED = "m=message 0 TCP/MSRP *\r\n"
AUDIO = "m=audio 4000 RTP/AVP 0\r\n"
HELD = "m=audio 4000 RTP/AVP 0\r\na=sendonly\r\n"
NO_AUDIO = "m=audio 0 RTP/AVP 0\r\n"
GSM = "m=audio 4000 RTP/AVP 3\r\n"
BODIES = st.sampled_from(
    [
        b"",
        b"junk",
        b"SIP/2.0 180 Ringing\r\n",
        b"SIP/2.0 200 OK\r\n",
        *[sdp(version=version) for version in (1, 2)],
        *[sdp(*lines) for lines in ((REFUSED,), (CHAT, CHAT), (AUDIO,), (HELD,), (GSM, CHAT))],
        *[sdp(*lines) for lines in ((AUDIO, CHAT), (HELD, CHAT), (NO_AUDIO, CHAT), (AUDIO, REFUSED), (CHAT, AUDIO))],
    ]
)
TAGS = st.sampled_from([TAG, TAG, TAG, "other", None])
CONTACTS = st.sampled_from(
    [CONTACT, CONTACT, ("Contact", "<sip:a@[2001:db8::1];transport=tcp>"), ("Contact", "<sip:[bad>"), ("Contact", "*")]
)
ODD = st.sampled_from(
    [
        {},
        {},
        {"To": None},
        {"From": "<<"},
        {"Call-ID": None},
        {"CSeq": "x"},
        {"Contact": None},
        {"Record-Route": "<sip:192.0.2.9>, <sip:p.example.org;lr>"},
        {"Record-Route": "<sip:[bad>"},
        {"Require": "foo"},
        {"Require": "100rel"},
        {"Require": "100rel", "RSeq": "1"},
        {"Require": "100rel", "RSeq": "2"},
        {"Supported": "timer", "Session-Expires": "90;refresher=uac", "Allow": "UPDATE"},
        {"Supported": "timer", "Session-Expires": "120;refresher=uas"},
        {"Supported": "timer", "Session-Expires": "5", "Min-SE": "3600"},
        {"Session-Expires": "x"},
        {"Warning": '399 a "b'},
        {"Refer-To": "<sip:carol@example.org>"},
        {"Refer-To": "<sip:carol@example.org?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>", "Refer-Sub": "false"},
        {"Event": "refer", "Subscription-State": "active", "Content-Type": "message/sipfrag"},
        {"Event": "refer;id=3", "Subscription-State": "terminated", "Content-Type": "message/sipfrag"},
        {"Reason": "Q.850;cause=16"},
        {"WWW-Authenticate": 'Digest realm="one", nonce="n", qop="auth", stale=true'},
        {"Proxy-Authenticate": 'Digest realm="two", nonce="n"', "WWW-Authenticate": "Digest"},
        {"Contact": "<sip:second@192.0.2.4>, <sips:third@192.0.2.5>;q=0.5"},
        {"Content-Type": "text/plain"},
        {"To": f"{BOB};tag=caf\u00e9"},
    ]
)
COMMANDS = st.sampled_from(
    [
        events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",)),
        events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",), tuple(["<sip:192.0.2.9;lr;x=yyyyyyyyyy>"] * 40)),
        events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",), redirects=2),
        events.Accept(("chat",)),
        events.Reject(603),
        events.Terminate(),
        events.Terminate("SIP;cause=200"),
        transfer_events.Refer("sip:carol@example.org", "<sip:carol@example.org>"),
        transfer_events.AcceptTransfer(),
        transfer_events.RejectTransfer(480),
        transfer_events.ReferralProgressed(180),
        transfer_events.ReferralProgressed(200),
        transfer_events.SendInfo("1", "text/plain", b"x"),
        events.TargetResolved(UDP),
        events.TargetResolved(TCP),
        events.TargetFailed(""),
        events.StreamPrepared("chat", chat_media()),
        events.StreamPrepared("chat", chat_media(cema=True)),
        events.StreamFailed("chat", ""),
        events.StreamEnded("chat", "closed"),
        events.Accept(("audio", "chat")),
        events.StreamPrepared("audio", audio_media(4000)),
        events.StreamPrepared("audio", audio_media(4010)),
        events.StreamFailed("audio", "x", 503),
        events.StreamEnded("audio", "x"),
        events.StreamMoved("audio", audio_media(7000)),
        events.StreamOutdated("audio"),
        events.Hold(),
        events.Unhold(),
        events.AddStream("audio"),
        events.AddStream("chat"),
        events.RemoveStream("audio"),
        events.RemoveStream("chat"),
        events.AcceptProposal(),
        events.RejectProposal(),
        events.Resumed(),
        events.Abandoned(""),
    ]
)
STATUSES = st.sampled_from(
    [100, 180, 183, 200, 200, 202, 302, 401, 407, 404, 405, 422, 481, 486, 487, 488, 491, 500, 503]
)
METHODS = st.sampled_from(
    ["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "PRACK", "REFER", "NOTIFY", "SUBSCRIBE", "UPDATE"]
)
HAPPENINGS = st.one_of(
    st.tuples(st.just("command"), COMMANDS),
    st.tuples(st.just("invite"), BODIES, CONTACTS, ODD),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("prack"), st.integers(1, 5), st.integers(0, 1), BODIES),
    st.tuples(st.just("request"), METHODS, st.integers(1, 5), TAGS, BODIES, ODD),
    st.tuples(st.just("answer"), STATUSES, TAGS, BODIES, CONTACTS, ODD),
    st.tuples(st.just("response"), st.integers(0, 9), STATUSES, ODD),
    st.tuples(st.just("refuse"), st.integers(0, 9), st.sampled_from(["", "timeout", "refused"])),
    st.tuples(st.just("timer"), st.integers(0, 99)),
    st.tuples(st.just("crash"), st.integers(0, 99)),
    st.tuples(st.just("late"), st.sampled_from(sorted(stimuli.TIMERS))),
)
SDP = ("Content-Type", "application/sdp")
POLICY = Policy(120, 90, reliable_provisionals=True)


def happen(party: Party, kind: str, *how) -> None:
    """Let one thing happen, if it can in this moment."""
    invites = party.requests("INVITE")
    ours = [each for each in party.sent if isinstance(each, Request) and each.method != "ACK"]
    if kind == "command":
        if isinstance(how[0], events.Accept) and not all(party.call.proposes(kind) for kind in how[0].kinds):
            return  # the public method raises
        party.do(how[0])
    elif kind == "invite" and party.state is State.NULL:
        body, contact, odd = how
        admitted(party, invite(contact, body=body).replacing(odd))
    elif kind == "cancel" and party.state is not State.NULL:
        party.receive(cancel_of(invite()))
    elif kind == "prack" and party.call.reliable is not None:
        cseq, beyond, body = how
        rack = ("RAck", f"{party.call.reliable.rseq + beyond} {party.call.reliable.cseq} INVITE")
        party.receive(in_dialog(party, "PRACK", cseq, rack, SDP, body=body))
    elif kind == "request" and party.state is not State.NULL:
        method, cseq, tag, body, odd = how
        party.receive(in_dialog(party, method, cseq, SDP, tag=tag, body=body).replacing(odd))
    elif kind == "answer" and invites:
        status, tag, body, contact, odd = how
        party.receive(answer_to(party, status, contact, tag=tag, body=body).replacing(odd))
    elif kind == "response" and ours:
        index, status, odd = how
        party.receive(response_to(ours[index % len(ours)], status, to_tag=TAG).replacing(odd))
    elif kind == "refuse" and party.sent:
        index, why = how
        party.refuse(party.sent[-1 - index % len(party.sent)], why)
    elif kind == "timer" and party.running:
        names = sorted(party.running, key=str)
        party.fire(names[how[0] % len(names)])
    elif kind == "crash" and party.running and party.state not in (State.NULL, State.TERMINATED):
        names = sorted(party.running, key=str)
        del party.running[names[how[0] % len(names)]]  # what it crashed on had just fired
        party.do(events.Resumed())
    elif kind == "late":
        party.fire(how[0])


def admitted(party: Party, request: Request) -> None:
    """Let an INVITE in, unless it is refused as the endpoint would."""
    with contextlib.suppress(RemoteProtocolError):
        party.receive(request)


def check(party: Party) -> None:
    """Say what must hold after each stimulus."""
    names = party.names
    assert names.count("SCSessionDidEnd") == (party.state is State.TERMINATED)
    assert names.count("SCSessionDidFail") <= 1
    assert names.count("SCSessionDidStart") <= names.count("SCSessionWillStart") <= 1
    assert (party.states[-1] if party.states else "NULL") == party.state
    byes = [
        each for each in party.requests("BYE") if party.call.bye is not None and each.via.branch == party.call.bye[0]
    ]
    assert len({bytes(each) for each in byes}) <= 1
    answered = [each for each in party.notes if each.event == "challenge.answered" and each.data["method"] == "BYE"]
    for dialog in {each.to.tag for each in party.requests("BYE")}:
        said = {bytes(each) for each in party.requests("BYE") if each.to.tag == dialog}
        assert len(said) <= 1 + len(answered), "a BYE is said once, and again with credentials"
    if party.handed is not None:
        keys = {timer.name[0] for timer in layer.timers(party.handed)}
        assert keys == set(party.handed.entries), "a transaction was handed over that nothing will ever end"
    elif party.state is not State.NULL:
        pending = party.call.pending
        open_ = None if pending is None or pending.offer is None else pending.key  # an UPDATE waits for its streams
        transactions = party.call.transactions.entries.items()
        waiting = {"trying"} & {txn.state.value for key, txn in transactions if _is_server(txn) and key != open_}
        assert not waiting, "a request was left without an answer"


def _is_server(transaction: layer.Transaction) -> bool:
    return type(transaction).__name__ in {"Server", "InviteServer"}


ACCOUNTS = (Account("alice", "s3cret"),)
OUTGOING = [("command", events.Connect(ALICE, BOB, "sip:bob@192.0.2.2", ("chat",), accounts=ACCOUNTS))]
OUTGOING += [("command", events.TargetResolved(UDP)), ("command", events.StreamPrepared("chat", chat_media()))]
INCOMING = [("invite", sdp(), CONTACT, {})]
ACCEPTED = [("command", events.Accept(("chat",))), ("command", events.StreamPrepared("chat", chat_media()))]
TALKING = [("invite", sdp(AUDIO, CHAT), CONTACT, {}), ("command", events.Accept(("audio", "chat")))]
TALKING += [("command", events.StreamPrepared("audio", audio_media())), ACCEPTED[-1]]
TALKING += [("request", "ACK", 1, TAG, b"", {})]
STARTS = st.sampled_from(
    [
        TALKING,
        [*TALKING, ("command", events.AddStream("file-1"))],
        [],
        OUTGOING,
        [*OUTGOING, ("answer", 180, TAG, b"", CONTACT, {})],
        [*OUTGOING, ("answer", 200, TAG, sdp(), CONTACT, {})],
        INCOMING,
        [*INCOMING, *ACCEPTED],
        [*INCOMING, *ACCEPTED, ("request", "ACK", 1, TAG, b"", {})],
    ]
)


@given(STARTS, st.lists(HAPPENINGS, max_size=25))
@example([*INCOMING, *ACCEPTED], [("command", events.StreamEnded("chat", "")), ("late", "grace")])
@example(OUTGOING, [("command", events.Terminate()), ("answer", 180, TAG, b"", CONTACT, {}), ("late", "cancelled")])
def test_any_sequence_keeps_the_rules_of_a_call(start, happenings):
    party = Party(audio=TERMS, policy=POLICY)
    for happening in [*start, *happenings]:
        happen(party, *happening)
        check(party)


@given(STARTS, st.lists(HAPPENINGS, max_size=12))
def test_a_call_that_is_told_to_end_ends_by_its_timers_alone(start, happenings):
    """Whatever was before, and whatever the peer leaves out: no call stays for ever."""
    party = Party(audio=TERMS, policy=POLICY)
    for happening in [*start, *happenings]:
        happen(party, *happening)
    if party.state is State.NULL:
        return
    party.do(events.Terminate())
    party.run_down()
    check(party)
    assert party.names[-1] == "SCSessionDidEnd"


@given(st.sampled_from(State), st.sampled_from(Stimulus))
def test_every_pair_is_a_row_or_ignored_with_a_reason(state, stimulus):
    assert (stimulus in TRANSITIONS[state]) != bool(IGNORED[state].get(stimulus))


@given(STARTS, COMMANDS)
def test_an_ignored_command_changes_nothing(start, command):
    party = Party(audio=TERMS, policy=POLICY)
    for happening in start:
        happen(party, *happening)
    stimulus = stimuli.COMMANDS[type(command)]
    before = party.call
    if stimulus in IGNORED[party.state]:
        assert party.do(command) == []
        assert replace(party.call, taken=0) == replace(before, taken=0), "but for its number"


@given(st.sampled_from([(), ("audio",), ("chat", "audio")]))
def test_misuse_is_refused_and_changes_nothing(kinds):
    party = Party(audio=TERMS, policy=POLICY)
    happen(party, *INCOMING[0])
    before = party.call
    with pytest.raises(LocalProtocolError):
        party.do(events.Accept(kinds))
    assert party.call is before


@given(st.lists(st.tuples(st.sampled_from(["caller", "callee"]), COMMANDS), max_size=4), st.data())
def test_two_calls_that_talk_over_a_bad_network_both_end(commands, data):
    """Messages are lost, doubled and overtaken; when the network and the users have had their say, all clocks run."""
    sides = {"caller": Party(audio=TERMS, policy=POLICY), "callee": Party(TAG, audio=TERMS)}
    seen = {"caller": 0, "callee": 0}
    for happening in OUTGOING:
        happen(sides["caller"], *happening)
    script = [("callee", events.Accept(("chat",))), ("callee", events.StreamPrepared("chat", chat_media())), *commands]
    for _ in range(30):
        for name, other in (("caller", "callee"), ("callee", "caller")):
            fresh = sides[name].sent[seen[name] :]
            seen[name] = len(sides[name].sent)
            if len(fresh) > 1 and data.draw(st.booleans()):
                fresh = fresh[::-1]
            for message in fresh:
                for _copy in range(data.draw(st.sampled_from([0, 1, 1, 1, 2]))):
                    deliver(sides[other], message)
        if script and data.draw(st.booleans()):
            name, command = script.pop(0)
            if not isinstance(command, events.Connect | events.TargetResolved):
                happen(sides[name], "command", command)
    for party in sides.values():
        if party.state is not State.NULL:
            party.do(events.Terminate())
            party.run_down()
            check(party)
            assert party.state is State.TERMINATED


def deliver(party: Party, message: Request | Response) -> None:
    """Route a message as the router would: to the call it is for, or to nobody."""
    message = parse(bytes(message))
    if isinstance(message, Response):
        ours = message.via.branch.startswith("z9hG4bK" + party.call.identity.token)
        if ours and party.state is not State.NULL:
            party.receive(message)
    elif party.state is not State.NULL:
        party.receive(message)
    elif message.method == "INVITE":
        admitted(party, message)
