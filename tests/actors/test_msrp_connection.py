"""The actors of one MSRP connection, over loopback."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors import msrp_connection
from sipsimple.actors.msrp_connection import MSRPConnection, MSRPDialer
from sipsimple.actors.msrp_messages import ChunksReceived, ConnectionFailed, ConnectionLost, ConnectionMade
from sipsimple.actors.runtime import Actor, ChildSpec, Restart, SupervisorSpec, System, handles
from sipsimple.actors.wire import sockets, tls
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.framer import Framer


class Chat(Actor):
    """Keeps what it is told; while `gate` is shut it handles nothing."""

    def __init__(self, told, gate):
        super().__init__()
        self.told = told
        self.gate = gate

    @handles(ChunksReceived, ConnectionLost, ConnectionMade, ConnectionFailed)
    def keep(self, message) -> None:
        """Keep a message."""
        self.gate.wait()
        self.told.append(message)


@pytest.fixture(autouse=True)
def time_limit(hub):
    """A test that waits for what never comes fails in ten seconds."""
    with gevent.Timeout(10):
        yield


@pytest.fixture
def call():
    """The supervisor of one call."""
    system = System()
    yield system.start_child(SupervisorSpec("call", intensity=10, period=1.0))
    system.stop()
    assert (system.actors, system.timers) == (0, 0)
    assert gevent.get_hub().loop.activecnt == 1  # the time limit of the test


@pytest.fixture
def gate():
    opened = gevent.event.Event()
    opened.set()
    return opened


@pytest.fixture
def chat(call, gate):
    """The chat actor's ref, and what it was told."""
    told = []
    return call.start_child(ChildSpec("chat", Chat, (told, gate), Restart.TRANSIENT)), told


@pytest.fixture
def connection(call, chat):
    """A read connection: the far end's stream, the reader's ref."""
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        near = sockets.connect(*listener.getsockname(), 5)
        far, remote = sockets.accept(listener)
    stream, peer = Stream(near, near.getpeername()), Stream(far, remote)
    reader = ChildSpec("connection", MSRPConnection, (stream, Framer(), chat[0]), Restart.TRANSIENT)
    yield peer, call.start_child(reader)
    peer.close(flush=False)
    stream.close(flush=False)


@pytest.fixture
def server():
    """A listening socket and its port."""
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        yield listener, listener.getsockname()[1]


def send(number, content=b"hello"):
    """A SEND whose Message-ID tells it from others."""
    to_path, from_path = "msrp://127.0.0.1:2855/bob;tcp", "msrp://127.0.0.1:2856/alice;tcp"
    return chunk.send(f"tid{number:05}", to_path, from_path, f"message-{number}", content, "text/plain")


def until(condition):
    """Let the others run until something holds."""
    while not condition():
        gevent.sleep(0)


def chunks_of(told):
    """All chunks that were told, in order."""
    return [each for message in told if isinstance(message, ChunksReceived) for each in message.chunks]


def test_the_chunks_of_one_read_are_told_together(connection, chat):
    peer, _ = connection
    _, told = chat
    peer.write(send(1).encode() + send(2).encode() + send(3).encode()[:20])
    until(lambda: told)
    assert told == [ChunksReceived((send(1), send(2)))]
    peer.write(send(3).encode()[20:])
    until(lambda: len(told) == 2)
    assert told[1] == ChunksReceived((send(3),))


def test_the_end_of_the_connection_is_clean(connection, chat):
    peer, reader = connection
    _, told = chat
    peer.write(send(1).encode())
    peer.close()
    until(lambda: len(told) == 2 and not reader.is_alive)
    assert told == [ChunksReceived((send(1),)), ConnectionLost(True, "the connection was closed")]


def test_a_reset_is_not_clean(connection, chat):
    peer, reader = connection
    _, told = chat
    peer._socket.setsockopt(sockets.socket.SOL_SOCKET, sockets.socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
    until(lambda: told)
    assert (told[0].clean, "reset" in told[0].reason) == (False, True)
    until(lambda: not reader.is_alive)


def test_garbage_is_not_clean_and_what_came_before_it_is_told(connection, chat):
    peer, reader = connection
    _, told = chat
    peer.write(send(1).encode() + b"GET / HTTP/1.1\r\n\r\n")
    until(lambda: len(told) == 2)
    assert chunks_of(told) == [send(1)]
    assert isinstance(told[1], ConnectionLost)
    assert not told[1].clean
    until(lambda: not reader.is_alive)
    assert peer.read() == b""


def test_a_killed_reader_loses_nothing(connection, chat):
    """Killed in the middle of chunks: the rest of the chunk is read into the same framer."""
    peer, reader = connection
    _, told = chat
    data = b"".join(send(number).encode() for number in range(30))
    for start in range(0, len(data), 97):
        peer.write(data[start : start + 97])
        if start % 5 == 0 and reader.restarts < 8:
            reader.kill()
        gevent.sleep(0)
    until(lambda: len(chunks_of(told)) == 30)
    assert chunks_of(told) == [send(number) for number in range(30)]
    assert reader.restarts > 3


def test_a_reader_that_is_stopped_closes_the_connection(connection, chat, call):
    peer, _ = connection
    call.terminate_child("connection")
    assert peer.read() == b""


def test_a_chat_that_has_ended_ends_its_connection(connection, chat, call):
    peer, reader = connection
    call.terminate_child("chat")
    peer.write(send(1).encode())
    until(lambda: not reader.is_alive)
    assert peer.read() == b""


def test_a_far_end_that_is_faster_than_the_chat_has_to_wait(connection, chat, gate):
    """The chat's mailbox stops growing, the far end's writing stalls, and nothing is lost."""
    peer, _ = connection
    ref, told = chat
    gate.clear()
    sent = 0
    while ref.depth <= msrp_connection.MAILBOX_ENOUGH or peer.backlog_bytes < 2_000_000:
        if peer.backlog_bytes < 2_000_000:
            peer.write(send(sent, b"x" * 60_000).encode())
            sent += 1
        gevent.sleep(0)
    for _ in range(100):
        gevent.sleep(0)
    assert ref.depth == msrp_connection.MAILBOX_ENOUGH + 1

    gate.set()
    until(lambda: len(chunks_of(told)) == sent)
    assert [each.message_id for each in chunks_of(told)] == [f"message-{number}" for number in range(sent)]


def dial(call, chat, *args):
    """Start a dialer."""
    return call.start_child(ChildSpec("dialer", MSRPDialer, (chat[0], *args), Restart.TRANSIENT))


def test_a_dialer_connects_tells_and_ends(call, chat, server):
    listener, port = server
    dialer = dial(call, chat, "127.0.0.1", port, False)
    until(lambda: chat[1])
    sock, _ = sockets.accept(listener)
    [made] = chat[1]
    made.stream.write(b"hello")
    sockets._wait(sock, sockets.READABLE)
    assert sock.recv(10) == b"hello"
    until(lambda: not dialer.is_alive)
    made.stream.close()
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
    dial(call, chat, "127.0.0.1", port, True, certificate.fingerprint.lower())
    until(lambda: chat[1])
    [made] = chat[1]
    assert tls.fingerprint_matches(certificate.fingerprint, made.stream.peer_certificate)
    made.stream.close()


def test_without_a_fingerprint_any_certificate_is_taken(call, chat, tls_server):
    dial(call, chat, "127.0.0.1", tls_server[0], True)
    until(lambda: chat[1])
    chat[1][0].stream.close()


@pytest.mark.parametrize("fingerprint", ["SHA-256 AA:BB", "MD5 AA", "", "garbage"])
def test_another_fingerprint_is_a_failure(call, chat, tls_server, fingerprint):
    dial(call, chat, "127.0.0.1", tls_server[0], True, fingerprint)
    until(lambda: chat[1])
    assert isinstance(chat[1][0], ConnectionFailed)
    assert "fingerprint" in chat[1][0].reason


def test_a_refused_connection_is_a_failure(call, chat):
    with sockets.tcp_listener("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
    dialer = dial(call, chat, "127.0.0.1", port, False)
    until(lambda: chat[1])
    assert "refused" in chat[1][0].reason
    until(lambda: not dialer.is_alive)


def test_a_silent_far_end_is_a_failure_after_the_time_limit(call, chat, server):
    dial(call, chat, "127.0.0.1", server[1], True, None, 0.02)
    until(lambda: chat[1])
    assert "timed out" in chat[1][0].reason


def test_a_killed_dialer_dials_again(call, chat, tls_server, server):
    """Its half-open connection is closed; the proof is the fixture that counts descriptors."""
    port, _ = tls_server
    dialer = dial(call, chat, "127.0.0.1", port, False)
    dialer.kill()
    until(lambda: chat[1])
    assert dialer.restarts == 1
    chat[1][0].stream.close()


def test_a_dialer_killed_in_the_handshake_closes_its_connection(call, chat, server):
    listener, port = server
    dialer = dial(call, chat, "127.0.0.1", port, True)
    sockets._wait(listener, sockets.READABLE)
    first, _ = sockets.accept(listener)
    sockets._wait(first, sockets.READABLE)
    first.recv(10_000)
    dialer.kill()
    sockets._wait(first, sockets.READABLE)
    assert first.recv(10) == b""
    first.close()
    call.terminate_child("dialer")


def test_a_connection_for_a_chat_that_has_ended_is_closed(call, chat, server):
    listener, port = server
    call.terminate_child("chat")
    dialer = dial(call, chat, "127.0.0.1", port, False)
    until(lambda: not dialer.is_alive)
    sock, _ = sockets.accept(listener)
    assert sock.recv(10) == b""
    sock.close()
