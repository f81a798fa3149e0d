"""Dialling MSRP connections, over loopback: who is told, who is trusted, what is closed."""

from __future__ import annotations

import gevent
import gevent.event
import pytest

from sipsimple.actors.msrp.messages import ConnectionFailed, ConnectionJoined
from sipsimple.actors.runtime import ChildSpec, Restart
from sipsimple.actors.wire import sockets, tls
from sipsimple.actors.wire.tls_stream import TLSStream
from tests.actors.msrp.sessions import Chat, Connections, readers, until


@pytest.fixture
def server():
    """A listening socket and its port."""
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        yield listener, listener.getsockname()[1]


def dial(call, chat, port, use_tls, fingerprint=None, timeout=30.0):
    """Have a session join a connection; returns the reader."""
    scheme = "msrps" if use_tls else "msrp"
    connections = Connections(call, timeout)
    connections.join(f"{scheme}://127.0.0.1:{port}/peer;tcp", fingerprint, "own", chat[0])
    return readers(call)[-1]


def test_a_session_is_told_when_its_connection_is_open(call, chat, server):
    listener, port = server
    dial(call, chat, port, False)
    until(lambda: chat[1])
    sock, _ = sockets.accept(listener)
    [made] = chat[1]
    made.stream.write_soon(b"hello")
    sockets._wait(sock, sockets.READABLE)
    assert sock.recv(10) == b"hello"
    made.stream.close()
    sock.close()


def test_a_session_hears_of_its_connection_whatever_else_waits_for_it(call, server):
    """Who writes much before there is a connection gets one all the same."""
    listener, port = server
    told, gate = [], gevent.event.Event()
    ref = call.start_child(ChildSpec("chat", Chat, (told, gate), Restart.TRANSIENT, mailbox_limit=1))
    while ref.tell(ConnectionFailed("one of many messages")):
        pass
    dial(call, (ref, told), port, False)
    sockets._wait(listener, sockets.READABLE)
    sock, _ = sockets.accept(listener)
    gate.set()
    until(lambda: any(isinstance(each, ConnectionJoined) for each in told))
    told[-1].stream.close()
    sock.close()


@pytest.fixture
def tls_server(server):
    """A TLS server that shakes hands with one client: its port and its certificate."""
    listener, port = server
    certificate = tls.self_signed_certificate("127.0.0.1")

    def serve():
        sockets._wait(listener, sockets.READABLE)
        sock, remote = sockets.accept(listener)
        stream = TLSStream(sock, remote, tls.server_context(certificate), server_side=True)
        try:
            stream.handshake(5)
            stream.read()
        finally:
            stream.close(flush=False)

    serving = gevent.spawn(serve)
    yield port, certificate
    serving.join()


def test_a_dialer_checks_the_fingerprint(call, chat, tls_server):
    port, certificate = tls_server
    dial(call, chat, port, True, certificate.fingerprint.lower())
    until(lambda: chat[1])
    [made] = chat[1]
    assert tls.fingerprint_matches(certificate.fingerprint, made.stream.connection.stream.peer_certificate)
    made.stream.close()


def test_without_a_fingerprint_any_certificate_is_taken(call, chat, tls_server):
    dial(call, chat, tls_server[0], True)
    until(lambda: chat[1])
    chat[1][0].stream.close()


@pytest.mark.parametrize("fingerprint", ["SHA-256 AA:BB", "MD5 AA", "", "garbage"])
def test_another_fingerprint_is_a_failure(call, chat, tls_server, fingerprint):
    dial(call, chat, tls_server[0], True, fingerprint)
    until(lambda: chat[1])
    assert isinstance(chat[1][0], ConnectionFailed)
    assert "fingerprint" in chat[1][0].reason


def test_a_refused_connection_is_a_failure(call, chat):
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    dialer = dial(call, chat, port, False)
    until(lambda: chat[1])
    assert "refused" in chat[1][0].reason
    until(lambda: not dialer.is_alive)


def test_a_silent_far_end_is_a_failure_after_the_time_limit(call, chat, server):
    dial(call, chat, server[1], True, None, 0.02)
    until(lambda: chat[1])
    assert "timed out" in chat[1][0].reason


def test_a_killed_dialer_dials_again(call, chat, tls_server, server):
    """Its half-open connection is closed; the proof is the fixture that counts descriptors."""
    port, _ = tls_server
    dialer = dial(call, chat, port, False)
    dialer.kill()
    until(lambda: chat[1])
    assert dialer.restarts == 1
    chat[1][0].stream.close()


def test_a_dialer_killed_in_the_handshake_closes_its_connection(call, chat, server):
    listener, port = server
    dialer = dial(call, chat, port, True)
    sockets._wait(listener, sockets.READABLE)
    first, _ = sockets.accept(listener)
    sockets._wait(first, sockets.READABLE)
    first.recv(10_000)
    dialer.kill()
    sockets._wait(first, sockets.READABLE)
    assert first.recv(10) == b""
    first.close()
    call.terminate_child("connection-1")


def test_a_connection_for_a_chat_that_has_ended_is_closed(call, chat, server, graceless):
    listener, port = server
    call.terminate_child("chat")
    dialer = dial(call, chat, port, False)
    until(lambda: not dialer.is_alive)
    sock, _ = sockets.accept(listener)
    assert sock.recv(10) == b""
    sock.close()
