"""Listening for MSRP connections and giving each to its session, over loopback."""

from __future__ import annotations

from contextlib import suppress

import gevent
import pytest

from sipsimple.actors.msrp import listener as msrp_listener
from sipsimple.actors.msrp.listener import MSRPListeners
from sipsimple.actors.wire import sockets, tls
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import TransportFailed
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.framer import MAX_CHUNK_BYTES, Framer
from tests.actors.msrp.sessions import chunks_of, until


@pytest.fixture
def supervisor(call):
    return call


@pytest.fixture
def listeners(supervisor):
    listeners = MSRPListeners(supervisor)
    yield listeners
    listeners.close()


@pytest.fixture
def bound(chat):
    return chat[1]


@pytest.fixture(params=[False, True], ids=["tcp", "tls"])
def listener(listeners, chat, request):
    """A listener that expects the session `bob`."""
    listener = listeners.get("127.0.0.1", 0, request.param)
    listener.expect("bob", chat[0])
    return listener


@pytest.fixture
def connect():
    """Connect to a listener as a peer: `connect(listener) -> Stream`, closed after the test."""
    opened = []

    def connect(listener):
        sock = sockets.connect(listener.host, listener.port, 5)
        remote = sockets.address_of(sock.getpeername())
        stream = TLSStream(sock, remote, tls.self_signed_context()) if listener.tls else Stream(sock, remote)
        opened.append(stream)
        stream.handshake(5)
        return stream

    yield connect
    for each in opened:
        each.close(flush=False)


def send(session="bob", content=b"", method="SEND"):
    """The request by which a peer names its session."""
    to_path, from_path = f"msrp://127.0.0.1:2855/{session};tcp", "msrp://127.0.0.1:2856/alice;tcp"
    content_type = "text/plain" if content else None
    built = chunk.send("tid12345", to_path, from_path, "message-1", content, content_type)
    built.method = method
    return built


def response_to_bob():
    """A response to a request that our session never sent."""
    request = chunk.send("tid12345", "msrp://127.0.0.1:2856/alice;tcp", "msrp://127.0.0.1:2855/bob;tcp", "message-1")
    return chunk.response(request, 200)


def test_a_connection_goes_to_the_session_that_its_first_request_names(listener, bound, connect):
    peer = connect(listener)
    peer.write(send().encode() + send(content=b"more").encode() + send().encode()[:30])
    until(lambda: bound)
    [given] = bound
    assert given.chunks == (send(), send(content=b"more"))
    peer.write(send().encode()[30:])
    until(lambda: len(bound) == 2)
    assert bound[1].chunks == (send(),)
    assert given.stream.connection.framer.max_chunk == MAX_CHUNK_BYTES
    assert not listener.unbound
    given.stream.write_soon(b"welcome")
    assert peer.read() == b"welcome"


def test_the_first_request_may_come_in_pieces(listener, bound, connect):
    peer = connect(listener)
    for byte in send().encode():
        peer.write(bytes([byte]))
        gevent.sleep(0)
    until(lambda: chunks_of(bound))
    assert chunks_of(bound) == [send()]


def test_a_session_gets_its_connection_before_a_large_first_chunk_is_complete(listener, bound, connect):
    peer = connect(listener)
    data = send(content=bytes(1000)).encode()
    at = data.index(b"\r\n\r\n") + 20
    peer.write(data[:at])
    until(lambda: bound)
    assert bound[0].chunks == ()
    assert bound[0].head.message_id == "message-1"


def test_an_unknown_session_is_answered_481_and_closed(listener, connect):
    peer = connect(listener)
    peer.write(send("mallory").encode())
    [answer] = Framer().feed(peer.read())
    assert (answer.code, answer.transaction_id) == (481, "tid12345")
    assert str(answer.to_path[0]) == "msrp://127.0.0.1:2856/alice;tcp"
    assert peer.read() == b""


def test_a_forgotten_session_is_unknown(listener, bound, connect):
    listener.forget("bob")
    listener.forget("bob")
    peer = connect(listener)
    peer.write(send().encode())
    assert b" 481 " in peer.read()
    assert bound == []


def test_a_session_whose_actor_has_ended_is_unknown(listener, supervisor, connect):
    supervisor.terminate_child("chat")
    peer = connect(listener)
    peer.write(send().encode())
    assert b" 481 " in peer.read()


@pytest.mark.parametrize(
    "first",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0" * 100,
        b"MSRP tid12345 SEND\r\nTo-Path: nonsense\r\nFrom-Path: nonsense\r\n-------tid12345$\r\n",
        response_to_bob().encode(),
        send("mallory", method="REPORT").encode(),
    ],
    ids=["http", "zeros", "bad path", "response", "report"],
)
def test_what_names_no_session_is_closed_without_an_answer(listener, bound, connect, first):
    peer = connect(listener)
    peer.write(first)
    assert peer.read() == b""
    assert bound == []
    assert not listener.unbound


def test_a_peer_that_says_nothing_is_closed_after_the_time_limit(listener, connect, monkeypatch):
    monkeypatch.setattr(msrp_listener, "GREETING_TIMEOUT", 0.1)
    peer = connect(listener)
    assert peer.read() == b""


def test_a_peer_that_hangs_up_is_forgotten(listener, connect):
    peer = connect(listener)
    until(lambda: listener.unbound)
    peer.close()
    until(lambda: not listener.unbound)


def test_a_first_chunk_beyond_the_limit_for_strangers_is_closed(listener, bound, connect, monkeypatch):
    monkeypatch.setattr(msrp_listener, "GREETING_CHUNK_BYTES", 1000)
    peer = connect(listener)
    peer.write(send(content=b"x" * 5000).encode())
    with suppress(TransportFailed):  # a reset, when bytes were still under way
        while peer.read():
            pass
    until(lambda: not listener.unbound)
    assert bound == []


def test_strangers_who_say_nothing_keep_nobody_out(listener, bound, connect):
    """One connection more than the limit ends the oldest; the newcomer names its session and is served."""
    listener.unbound_limit = 1
    silent = connect(listener)
    until(lambda: len(listener.unbound) == 1)
    newcomer = connect(listener)
    newcomer.write(send().encode())
    until(lambda: bound)
    assert silent.read() == b""
    assert not listener.unbound


def test_a_killed_acceptor_goes_on_accepting(listener, bound, connect, supervisor):
    supervisor.child(listener.child_id).child("reader").kill()
    connect(listener).write(send().encode())
    until(lambda: bound)


def test_a_reader_killed_while_it_waits_for_the_first_request_goes_on(listener, bound, connect, supervisor):
    peer = connect(listener)
    until(lambda: listener.unbound)
    peer.write(send().encode()[:40])
    supervisor.child("connection-1").child("reader").kill()
    peer.write(send().encode()[40:])
    until(lambda: bound)
    assert bound[0].chunks == (send(),)


def test_garbage_instead_of_a_tls_handshake_is_closed(listeners):
    listener = listeners.get("127.0.0.1", 0, True)
    with sockets.connect("127.0.0.1", listener.port, 5) as peer:
        peer.send(send().encode())
        until(lambda: listener.unbound)
        until(lambda: not listener.unbound)


def test_all_sessions_share_the_listener_of_an_address(listeners):
    first = listeners.get("127.0.0.1", 0, False)
    assert listeners.get("127.0.0.1") is first
    assert listeners.get("127.0.0.1", first.port) is first
    assert listeners.get("127.0.0.1", 0, True) is not first
    assert listeners.get("::1").port != 0


def test_a_tls_listener_tells_the_fingerprint_of_its_certificate(listeners, connect):
    listener = listeners.get("127.0.0.1", tls=True)
    peer = connect(listener)
    assert tls.fingerprint_matches(listener.fingerprint, peer.peer_certificate)
    assert listeners.get("127.0.0.1").fingerprint is None


def test_a_port_in_use_cannot_be_listened_on(listeners, supervisor):
    port = listeners.get("127.0.0.1").port
    with pytest.raises(TransportFailed, match="in use"):
        MSRPListeners(supervisor).get("127.0.0.1", port)


def test_closing_closes_the_strangers_and_leaves_the_sessions(listener, listeners, bound, connect):
    member, stranger = connect(listener), connect(listener)
    member.write(send().encode())
    until(lambda: bound)
    until(lambda: len(listener.unbound) == 1)
    listeners.close()
    assert stranger.read() == b""
    bound[0].stream.write_soon(b"still here")
    assert member.read() == b"still here"
    with pytest.raises(TransportFailed, match="refused"):
        connect(listener)
