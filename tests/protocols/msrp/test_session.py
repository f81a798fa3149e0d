import pytest

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols.msrp import Framer, session
from sipsimple.protocols.msrp.outputs import Ended, Failed, NotDelivered, Send, Started
from sipsimple.protocols.outputs import StartTimer, StopTimer
from tests.protocols.msrp.conftest import ALICE, BOB, End


@pytest.fixture
def active():
    end = End(session, session.create([ALICE], "seedalice"))
    end.do("start", [BOB], active=True)
    return end


@pytest.fixture
def passive():
    end = End(session, session.create([BOB], "seedbob"))
    end.do("start", [ALICE], active=False)
    return end


def request(to=BOB, from_=ALICE, method="SEND", extra="Message-ID: m123\r\nByte-Range: 1-0/0\r\n"):
    return f"MSRP tid1 {method}\r\nTo-Path: {to}\r\nFrom-Path: {from_}\r\n{extra}-------tid1$\r\n".encode()


def codes(end):
    return [each.code for each in end.sent() if each.code]


def test_the_active_side_binds_with_an_empty_send(active):
    """RFC 4975 section 5.4; data in the first SEND ends the session of some peers."""
    stop, timer, send = active.do("connected")

    assert (stop, timer) == (StopTimer("connect"), StartTimer("bind", 30.0))
    assert send.data.fields == {"To-Path": BOB, "From-Path": ALICE, "Message-ID": "seedalice0", "Byte-Range": "1-0/0"}
    assert not active.told(Started)


def test_its_200_starts_the_session(active):
    active.do("connected")

    assert active.take(b"MSRP seedalice0 200 OK\r\nTo-Path: %b\r\n-------seedalice0$\r\n" % ALICE.encode()) == [
        StopTimer("bind"),
        Started(),
    ]


def test_any_other_code_fails_it(active):
    active.do("connected")

    outputs = active.take(b"MSRP seedalice0 481 No Such Session\r\n-------seedalice0$\r\n")

    assert outputs == [Failed("start", "481 No Such Session"), StopTimer("bind"), Ended()]


def test_a_response_to_something_else_does_not_start_it(active):
    active.do("connected")

    assert active.take(b"MSRP other1 200 OK\r\n-------other1$\r\n") == []


def test_the_passive_side_starts_with_the_first_send_for_it(passive):
    passive.do("connected")

    outputs = passive.take(request())

    assert outputs[:2] == [StopTimer("bind"), Started()]
    assert outputs[2].data.fields == {"To-Path": ALICE, "From-Path": BOB}
    assert codes(passive) == [200]


def test_a_passive_side_takes_no_response_for_a_bind(passive):
    passive.do("connected")

    assert passive.take(b"MSRP seedbob0 200 OK\r\n-------seedbob0$\r\n") == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (request(to="msrp://192.0.2.2:2856/other;tcp"), 481),
        (request(to=f"{BOB} {BOB}"), 481),
        (request(from_="msrp://192.0.2.1:2855/other;tcp"), 481),
        (request(method="AUTH"), 501),
        (request(method="FILE_OFFSET", extra=""), 501),
        (request(extra=""), 400),
        (request(extra="Message-ID: m123\r\nByte-Range: x\r\n"), 400),
    ],
)
def test_refused_requests_get_their_code_and_do_not_bind(passive, data, code):
    passive.do("connected")

    passive.take(data)

    assert codes(passive) == [code]
    assert passive.state.state == "BINDING"


@pytest.mark.parametrize("path", ["MSRP://192.0.2.1:2855/alice01;TCP", f"msrp://relay:1/r;tcp {ALICE}"])
def test_equal_paths_in_other_letters_and_through_relays_are_ours(passive, path):
    passive.do("connected")

    passive.take(request(from_=path))

    assert passive.state.state == "STARTED"
    assert passive.sent()[0].fields["To-Path"] == path.split(" ")[0]


def test_nobody_can_be_answered_without_a_from_path(passive):
    passive.do("connected")

    assert passive.take(b"MSRP tid1 SEND\r\nTo-Path: %b\r\nMessage-ID: m1\r\n-------tid1$\r\n" % BOB.encode()) == []


def test_a_report_is_never_answered(passive):
    passive.do("connected")

    assert passive.take(request(method="REPORT")) == []
    assert passive.take(request(method="REPORT", to="msrp://other;tcp")) == []


@pytest.mark.parametrize("timer", ["connect", "bind"])
def test_a_session_that_does_not_start_in_time_fails(active, timer):
    assert active.outputs == [StartTimer("connect", 30.0)]
    if timer == "bind":
        active.do("connected")

    outputs = active.do("timer_fired", timer)

    assert [type(each) for each in outputs] == [Failed, StopTimer, Ended]
    assert outputs[0].context == "start"


def test_a_late_or_unknown_timer_changes_nothing(sessions):
    before = sessions.alice.state

    for name in ("connect", "bind", "close", "other", ("response", "seedalice0")):
        assert sessions.alice.do("timer_fired", name) == []
    assert sessions.alice.state == before


@pytest.mark.parametrize(("clean", "kinds"), [(True, [Ended]), (False, [Failed, Ended])])
def test_losing_the_connection_ends_a_started_session(sessions, clean, kinds):
    outputs = sessions.alice.do("connection_lost", clean, "reset")

    assert [type(each) for each in outputs] == kinds
    assert clean or outputs[0] == Failed("reading", "reset")
    assert sessions.alice.do("connection_lost", clean, "again") == []


@pytest.mark.parametrize("clean", [True, False])
def test_losing_the_connection_before_the_start_is_a_failure(active, clean):
    outputs = active.do("connection_lost", clean, "")

    assert isinstance(outputs[0], Failed)
    assert outputs[0].context == "start"
    assert outputs[0].reason
    assert outputs[-1] == Ended()


def test_ending_is_at_once_when_nothing_is_awaited(sessions):
    assert sessions.alice.do("end")[-1] == Ended()
    assert sessions.alice.do("end") == []
    assert sessions.alice.state.state == "CLOSED"


def test_ending_waits_two_seconds_for_reports(sessions):
    alice = sessions.alice
    alice.do("send", "m123", b"bye", "text/plain")

    assert alice.do("end") == [StartTimer("close", 2.0)]
    outputs = alice.do("timer_fired", "close")

    assert [type(each) for each in outputs] == [StopTimer, StopTimer, NotDelivered, Ended]


def test_the_last_report_ends_the_waiting(sessions):
    alice, bob = sessions.alice, sessions.bob
    alice.do("send", "m123", b"bye", "text/plain")
    alice.do("end")
    sessions.exchange()
    bob.do("report", bob.outputs[-1].message)
    sessions.exchange()

    assert [type(each).__name__ for each in alice.outputs[-3:]] == ["Delivered", "StopTimer", "Ended"]


def test_an_ending_session_refuses_new_messages(sessions):
    sessions.alice.do("send", "m123", b"x", "text/plain")
    sessions.alice.do("end")
    sessions.bob.do("send", "m456", b"late", "text/plain")
    sessions.exchange()

    assert [(each.message_id, each.code) for each in sessions.bob.told(NotDelivered)] == [("m456", 481)]


def test_misuse_raises_and_changes_nothing(sessions, active):
    alice = sessions.alice
    for arguments in (
        ("abc", b"", "text/plain"),
        ("m123", b"", "text/plain", "maybe"),
        ("m123", b"", "a/b", "no", "x"),
    ):
        with pytest.raises(LocalProtocolError):
            alice.do("send", *arguments)
    with pytest.raises(SessionStateError, match="STARTED"):
        active.do("send", "m123", b"", "text/plain")
    with pytest.raises(SessionStateError):
        alice.do("start", [BOB], active=True)
    with pytest.raises(LocalProtocolError):
        session.start(session.create([ALICE], "seed"), [], active=True)
    for path, seed in (([], "seed"), ([ALICE], "abc"), ([ALICE], "a" * 21), ([ALICE], "se-ed")):
        with pytest.raises(LocalProtocolError):
            session.create(path, seed)


def test_our_relays_stand_before_the_peers_path():
    """RFC 4976: To-Path begins with the relay nearest to us; From-Path is our own URI."""
    state = session.create(["msrp://far:1/f;tcp", "msrp://near:1/n;tcp", ALICE], "seedalice")
    state, _ = session.start(state, ["msrp://theirs:1/t;tcp", BOB], active=True)
    state, outputs = session.connected(state)

    (sent,) = (each.data for each in outputs if isinstance(each, Send))
    assert sent.fields["To-Path"].split(" ") == [
        "msrp://near:1/n;tcp",
        "msrp://far:1/f;tcp",
        "msrp://theirs:1/t;tcp",
        BOB,
    ]
    assert sent.fields["From-Path"] == ALICE
    assert (state.local_path[-1], state.remote_path[-1], state.active) == (ALICE, BOB, True)
    assert Framer().feed(sent.encode()) == [sent]
