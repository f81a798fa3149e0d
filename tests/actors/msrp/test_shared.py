"""Sessions that share one MSRP connection: each gets what is for it, and one that ends or lags costs no other."""

from __future__ import annotations

import gevent
import pytest
from gevent.socket import wait_read

from sipsimple.actors.msrp import connection as msrp_connection
from sipsimple.actors.msrp import shared as msrp_shared
from sipsimple.actors.msrp.connection import answer_in_use
from sipsimple.actors.msrp.gate import Gate
from sipsimple.actors.msrp.listener import MSRPListeners
from sipsimple.actors.msrp.messages import ChunksReceived, ConnectionJoined, ConnectionLost
from sipsimple.actors.msrp.session_stream import SessionStream
from sipsimple.actors.wire import sockets, tls
from sipsimple.actors.wire.stream import Stream
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.framer import Framer
from tests.actors.msrp.sessions import chunks_of, send, session, until


@pytest.fixture
def pair(call, connections, shared):
    """A read connection that two sessions share: the far end, the connection, the reader, the sessions."""
    peer, connection = shared
    sessions = {name: session(call, name) for name in ("bob", "carol")}
    for name, (ref, told) in sessions.items():
        connection.join(SessionStream(connection, name, ref))
        until(lambda told=told: told)
        told.clear()
    return peer, connection, connections.start(connection), sessions


def test_each_session_is_told_what_is_for_it_in_order(pair):
    peer, _, _, sessions = pair
    for number in range(6):
        peer.write(send(number, session=("bob", "carol")[number % 2]).encode())
    for at, (_, told) in enumerate(sessions.values()):
        until(lambda told=told: len(chunks_of(told)) == 3)
        assert [each.message_id for each in chunks_of(told)] == [f"message-{n}" for n in range(at, 6, 2)]


def test_what_is_for_no_session_is_answered_481_and_the_others_go_on(pair):
    peer, _, _, sessions = pair
    peer.write(send(1, session="mallory").encode() + send(2).encode())
    [answer] = Framer().feed(peer.read())
    assert (answer.code, answer.transaction_id) == (481, "tid00001")
    until(lambda: chunks_of(sessions["bob"][1]))


def test_a_session_that_leaves_is_unknown_and_the_others_go_on(pair):
    peer, connection, _, sessions = pair
    connection.sessions["bob"].close()
    peer.write(send(1).encode() + send(2, session="carol").encode())
    assert b" 481 " in peer.read()
    until(lambda: chunks_of(sessions["carol"][1]))
    assert sessions["bob"][1] == []


def test_the_connection_is_closed_a_moment_after_the_last_session_has_left(pair, monkeypatch):
    monkeypatch.setattr(msrp_shared, "GRACE", 0.01)
    peer, connection, reader, _ = pair
    connection.sessions["bob"].close()
    for _ in range(20):
        gevent.sleep(0)
    assert reader.is_alive
    connection.sessions["carol"].close()
    assert peer.read() == b""
    until(lambda: not reader.is_alive)


def test_a_session_that_joins_in_that_moment_keeps_the_connection(pair, call):
    peer, connection, reader, _ = pair
    for each in tuple(connection.sessions.values()):
        each.close()
    dave = session(call, "dave")
    connection.join(SessionStream(connection, "dave", dave[0]))
    assert connection._grace is None
    peer.write(send(1, session="dave").encode())
    until(lambda: chunks_of(dave[1]))
    assert reader.is_alive


@pytest.mark.parametrize("way", ["closed", "garbage", "written to"])
def test_every_session_is_told_once_that_the_connection_is_lost(pair, way):
    peer, connection, reader, sessions = pair
    streams = tuple(connection.sessions.values())
    if way == "closed":
        peer.close()
    elif way == "garbage":
        peer.write(b"GET / HTTP/1.1\r\n\r\n")
    else:
        connection.stream.close(flush=False)
        streams[0].write_soon(b"too late")
    until(lambda: not reader.is_alive)
    for each in streams:
        each.write_soon(b"later still")
    for _, told in sessions.values():
        until(lambda told=told: told)
        assert [type(each) for each in told] == [ConnectionLost]
        assert told[0].clean is (way == "closed")


def test_a_killed_reader_loses_nothing_of_any_session(pair):
    peer, _, reader, sessions = pair
    data = b"".join(send(number, session=("bob", "carol")[number % 2]).encode() for number in range(40))
    for start in range(0, len(data), 97):
        peer.write(data[start : start + 97])
        if start % 5 == 0 and reader.restarts < 8:
            reader.kill()
        gevent.sleep(0)
    for _, told in sessions.values():
        until(lambda told=told: len(chunks_of(told)) == 20)
    assert reader.restarts > 3


def test_what_was_read_for_others_is_told_by_the_next_reader(pair):
    """Killed while it waits for the room of one session, with the chunks of the other in its hands."""
    peer, connection, reader, sessions = pair
    ref, told = sessions["bob"]
    gate = ref._slot.actor.gate
    gate.clear()
    ref._mailbox.limit = ref._mailbox._room = 1
    ref.tell(ChunksReceived(()))
    until(lambda: not ref.depth)  # it is in the hands of the session, which waits
    ref.tell(ChunksReceived(()))
    peer.write(send(0).encode() + send(1).encode() + send(2, session="carol").encode())
    until(lambda: connection.undelivered)
    reader.kill()
    until(lambda: reader.restarts == 1)
    gate.set()
    until(lambda: chunks_of(sessions["carol"][1]))
    until(lambda: len(chunks_of(told)) == 2)
    assert [each.message_id for each in chunks_of(told)] == ["message-0", "message-1"]


def test_a_session_that_holds_up_the_others_is_left_behind(pair, monkeypatch):
    monkeypatch.setattr(msrp_connection, "HOLD_UP", 0.05)
    peer, connection, _, sessions = pair
    gate = Gate()
    connection.sessions["bob"].take_up(gate)
    gate.enter(1 << 30)
    peer.write(send(1).encode() + send(2, session="carol").encode())
    until(lambda: sessions["bob"][1])
    until(lambda: len(sessions["bob"][1]) == 2)
    assert isinstance(sessions["bob"][1][1], ConnectionLost)
    assert "held up" in sessions["bob"][1][1].reason
    peer.write(send(3, session="carol").encode())
    until(lambda: len(chunks_of(sessions["carol"][1])) == 2)


def test_sessions_that_are_behind_together_hold_up_the_others_no_longer_than_one(pair, monkeypatch):
    """The time of the first is that of the second: when it is over for one it is over for both."""
    monkeypatch.setattr(msrp_connection, "HOLD_UP", 0.05)
    peer, connection, _, _ = pair
    bob, carol = connection.sessions["bob"], connection.sessions["carol"]
    connection.join(SessionStream(connection, "dave", bob.ref))
    looks: list[bool] = []
    bob.lags = lambda: True
    carol.lags = lambda: looks.append(bob.closed) or True
    peer.write(send(1).encode() + send(2, session="carol").encode())
    until(lambda: carol.closed)
    assert looks.count(True) == 1


def test_an_application_that_is_behind_is_waited_for(connections, shared, chat):
    peer, connection = shared
    stream = SessionStream(connection, "bob", chat[0])
    is_busy = [True]
    stream.lags = lambda: bool(is_busy)
    connection.join(stream)
    connections.start(connection)
    peer.write(send(1).encode())
    until(lambda: len(chunks_of(chat[1])) == 1)
    peer.write(send(2).encode())
    for _ in range(50):
        gevent.sleep(0)
    assert len(chunks_of(chat[1])) == 1
    is_busy.clear()
    until(lambda: len(chunks_of(chat[1])) == 2)


def test_a_session_alone_is_waited_for(connections, shared, chat, monkeypatch):
    monkeypatch.setattr(msrp_connection, "HOLD_UP", 0.0)
    peer, connection = shared
    stream = SessionStream(connection, "bob", chat[0], Gate())
    connection.join(stream)
    connections.start(connection)
    stream.gate.enter(1 << 30)
    peer.write(send(1).encode())
    until(lambda: len(chat[1]) == 2)
    for _ in range(50):
        gevent.sleep(0)
    assert not stream.closed
    stream.gate.open()
    peer.write(send(2).encode())
    until(lambda: len(chat[1]) == 3)


# Who dials, and who is dialled


@pytest.fixture
def listener(call, request):
    """A listener of the same engine: both ends share a supervisor."""
    listeners = MSRPListeners(call)
    yield listeners.get("127.0.0.1", 0, getattr(request, "param", False))
    listeners.close()


def join(listener, call, name, fingerprint=None):
    """Have a session join a connection to the session `to NAME`, which is expected; both, and what they were told."""
    there, here = session(call, f"to {name}"), session(call, name)
    listener.expect(f"to-{name}", there[0])
    scheme = "msrps" if listener.tls else "msrp"
    hop = f"{scheme}://127.0.0.1:{listener.port}/to-{name};tcp"
    listener.connections.join(hop, fingerprint, name, here[0])
    until(lambda: here[1])
    joined = here[1][0]
    assert isinstance(joined, ConnectionJoined)
    own = f"{scheme}://127.0.0.1:{listener.port}/{name};tcp"
    joined.stream.write_soon(chunk.send(f"tid-{name}", hop, own, f"id-{name}").encode())
    until(lambda: there[1])
    return joined.stream, there[1][0].stream


def opened(connections):
    return [each for each in connections.children if each.spec.id.startswith("connection-")]


@pytest.mark.parametrize("listener", [False, True], indirect=True, ids=["tcp", "tls"])
def test_sessions_to_the_same_place_use_one_connection(listener, call):
    ends = [join(listener, call, name, listener.fingerprint) for name in ("one", "two", "three")]
    assert len(opened(call)) == 2, "one at each end"
    assert len({id(each.connection) for pair in ends for each in pair}) == 2


def test_sessions_that_come_while_it_is_dialled_wait_for_the_same_connection(listener, call):
    refs = [session(call, name) for name in ("one", "two")]
    for number, (ref, _) in enumerate(refs):
        listener.connections.join(f"msrp://127.0.0.1:{listener.port}/x;tcp", None, f"s{number}", ref)
    for _, told in refs:
        until(lambda told=told: told)
    assert refs[0][1][0].stream.connection is refs[1][1][0].stream.connection


@pytest.mark.parametrize("listener", [True], indirect=True)
def test_another_certificate_is_another_connection(listener, call):
    join(listener, call, "one", listener.fingerprint)
    join(listener, call, "two", None)
    assert len(opened(call)) == 4


def test_where_nobody_answers_all_that_wait_are_told(call, listener):
    with sockets.tcp_listener("127.0.0.1", 0) as closed:
        port = closed.getsockname()[1]
    refs = [session(call, name) for name in ("one", "two")]
    for number, (ref, _) in enumerate(refs):
        listener.connections.join(f"msrp://127.0.0.1:{port}/x;tcp", None, f"s{number}", ref)
    for _, told in refs:
        until(lambda told=told: told)
        assert "refused" in told[0].reason


@pytest.mark.parametrize("listener", [True], indirect=True)
def test_all_sessions_of_a_wrong_certificate_are_refused(listener, call):
    other = tls.self_signed_certificate("127.0.0.1").fingerprint
    ref, told = session(call, "one")
    listener.connections.join(f"msrps://127.0.0.1:{listener.port}/x;tcp", other, "one", ref)
    until(lambda: told)
    assert "fingerprint" in told[0].reason


@pytest.fixture
def far_end():
    """A peer that is dialled: accepts and gives streams."""
    taken = []
    with sockets.tcp_listener("127.0.0.1", 0) as listening:

        def accept():
            sockets._wait(listening, sockets.READABLE)
            stream = Stream(*sockets.accept(listening))
            taken.append(stream)
            return stream

        yield listening.getsockname()[1], accept
    for each in taken:
        each.close(flush=False)


def two_on_one(listener, call, far_end):
    """Two sessions on the connection to a peer of which only the first was answered."""
    port, accept = far_end
    refs = [session(call, name) for name in ("one", "two")]
    for number, (ref, told) in enumerate(refs):
        listener.connections.join(f"msrp://127.0.0.1:{port}/x;tcp", None, f"s{number}", ref)
        until(lambda told=told: told)
    peer, streams = accept(), [told[0].stream for _, told in refs]
    for each in streams:
        each.write_soon(f"words of {each.session_id}".encode())
    return peer, accept, streams, refs


@pytest.mark.parametrize("code", [481, 506])
def test_a_peer_that_takes_one_session_on_each_connection_is_dialled_again(listener, call, far_end, code):
    peer, accept, (one, two), refs = two_on_one(listener, call, far_end)
    request = chunk.send("tid00001", "msrp://127.0.0.1:1/x;tcp", "msrp://127.0.0.1:2/s1;tcp", "message-1")
    peer.write(chunk.response(request, code).encode())
    assert accept().read() == b"words of s1"
    assert one.connection is not two.connection
    assert [type(each) for each in refs[1][1]] == [ConnectionJoined], "it hears nothing of this"


def test_a_session_that_the_peer_had_not_answered_survives_the_end_of_the_connection(listener, call, far_end):
    peer, accept, _streams, refs = two_on_one(listener, call, far_end)
    peer.close()
    assert accept().read() == b"words of s1"
    until(lambda: len(refs[0][1]) == 2)
    assert isinstance(refs[0][1][1], ConnectionLost)
    assert len(refs[1][1]) == 1


def test_one_that_was_answered_does_not(listener, call, far_end):
    peer, _accept, _streams, refs = two_on_one(listener, call, far_end)
    request = chunk.send("tid00001", "msrp://127.0.0.1:1/x;tcp", "msrp://127.0.0.1:2/s1;tcp", "message-1")
    peer.write(chunk.response(request, 200).encode())
    until(lambda: len(refs[1][1]) == 2)
    peer.close()
    for _, told in refs:
        until(lambda told=told: isinstance(told[-1], ConnectionLost))


def test_a_peer_may_ask_for_two_sessions_in_one_read(listener, call):
    sessions = [session(call, name) for name in ("bob", "carol")]
    for name, (ref, _) in zip(("bob", "carol"), sessions, strict=True):
        listener.expect(name, ref)
    with sockets.connect("127.0.0.1", listener.port, 5) as peer:
        peer.send(send(1).encode() + send(2, session="carol").encode())
        for _, told in sessions:
            until(lambda told=told: told)
        assert sessions[0][1][0].stream.connection is sessions[1][1][0].stream.connection


def test_nothing_more_is_read_before_a_new_session_has_taken_the_connection_up(listener, call):
    (bob, told), (carol, others) = session(call, "bob", takes_up=False), session(call, "carol")
    listener.expect("bob", bob)
    listener.expect("carol", carol)
    with sockets.connect("127.0.0.1", listener.port, 5) as peer:
        peer.send(send(1).encode())
        until(lambda: told)
        peer.send(send(2, session="carol").encode())
        for _ in range(50):
            gevent.sleep(0)
        assert others == []
        told[0].stream.take_up()
        until(lambda: others)


def test_a_session_that_is_named_after_one_that_is_over_is_served(listener, call):
    """The far end asks for both before it hears that there is only one."""
    ref, told = session(call, "bob")
    listener.expect("bob", ref)
    with sockets.connect("127.0.0.1", listener.port, 5) as peer:
        peer.send(send(1, session="mallory").encode() + send(2).encode())
        until(lambda: told)
        peer.send(send(3).encode())
        until(lambda: len(chunks_of(told)) == 2)
    until(lambda: isinstance(told[-1], ConnectionLost))


def test_each_request_for_a_session_that_refuses_the_connection_is_answered_506_once(listener, call):
    """However large it is, and in however many reads it comes; unless its sender wishes no answer."""
    ref, told = session(call, "bob")
    listener.expect("bob", ref)
    large = send(2, bytes(200_000)).encode()
    with sockets.connect("127.0.0.1", listener.port, 5) as peer:
        peer.send(send(1, failure_report="no").encode() + large[:100_000])
        until(lambda: told)
        answer_in_use(told[0])
        told[0].stream.close()
        peer.send(large[100_000:] + send(3).encode() + send(4, failure_report="no").encode() + send(5).encode())
        framer, answers = Framer(), []
        while len(answers) < 3:
            answers += framer.feed(receive(peer))
    assert [(each.transaction_id, each.code) for each in answers] == [(f"tid{n:05}", 506) for n in (2, 3, 5)]
    assert len(told) == 1


def receive(peer):
    """Wait for bytes with the hub running."""
    wait_read(peer.fileno())
    return peer.recv(65_536)
