"""TLS over the plain stream."""

from __future__ import annotations

import os
import ssl

import gevent
import pytest

from sipsimple.actors.wire import sockets, tls, tls_stream
from sipsimple.actors.wire.stream import Stream
from sipsimple.actors.wire.tls_stream import TLSStream
from sipsimple.errors import LocalProtocolError, TransportFailed


@pytest.fixture(scope="module")
def certificate():
    return tls.self_signed_certificate("localhost")


@pytest.fixture
def ends(socket_pair, certificate):
    """Make two ends before the handshake: `ends(client_context, server_context) -> (client, server)`."""
    opened = []

    def make(client=None, server=None):
        near, far = socket_pair()
        client_end = TLSStream(near, near.getpeername(), client or tls.self_signed_context(), server_name="localhost")
        server_end = TLSStream(far, far.getpeername(), server or tls.server_context(certificate), server_side=True)
        opened.extend((client_end, server_end))
        return client_end, server_end

    yield make
    for each in opened:
        each.close(flush=False)


def shake(client, server):
    """Run both handshakes; the errors come out here."""
    server_side = gevent.spawn(server.handshake, 5)
    client.handshake(5)
    server_side.get()


@pytest.fixture
def encrypted(ends):
    client, server = ends()
    shake(client, server)
    return client, server


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_what_is_written_is_read(ends, version):
    context = tls.self_signed_context()
    context.maximum_version = context.minimum_version = version
    client, server = ends(context)
    shake(client, server)
    client.write(b"ping")
    assert server.read() == b"ping"
    server.write(b"pong")
    assert client.read() == b"pong"


def test_the_wire_carries_no_plain_text(ends, socket_pair):
    client, server = ends()
    shake(client, server)
    client.write(b"secret words")
    wire = server._socket
    gevent.sleep(0)
    assert b"secret" not in wire.recv(10_000)


def test_the_client_sees_the_certificate_of_the_server(encrypted, certificate):
    client, server = encrypted
    assert tls.fingerprint_matches(certificate.fingerprint, client.peer_certificate)
    assert server.peer_certificate is None


def test_a_verifying_client_refuses_a_self_signed_server(ends):
    client, server = ends(tls.verifying_context())
    server_side = gevent.spawn(server.handshake, 5)
    with pytest.raises(TransportFailed, match="self-signed") as caught:
        client.handshake(5)
    assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
    assert client.closed
    with pytest.raises(TransportFailed, match="alert"):
        server_side.get()


def test_a_verifying_client_accepts_an_authority_it_was_given(ends, certificate, tmp_path):
    authority = tmp_path / "ca.pem"
    authority.write_bytes(certificate.certificate_pem)
    client, server = ends(tls.verifying_context(str(authority)))
    shake(client, server)
    client.write(b"trusted")
    assert server.read() == b"trusted"


def test_a_verifying_client_refuses_another_name(ends, tmp_path):
    stranger = tls.self_signed_certificate("stranger.example")
    authority = tmp_path / "ca.pem"
    authority.write_bytes(stranger.certificate_pem)
    client, server = ends(tls.verifying_context(str(authority)), tls.server_context(stranger))
    server_side = gevent.spawn(server.handshake, 5)
    with pytest.raises(TransportFailed, match="mismatch"):
        client.handshake(5)
    with pytest.raises(TransportFailed):
        server_side.get()


def test_garbage_instead_of_a_handshake_is_a_failed_transport(socket_pair, certificate):
    near, far = socket_pair()
    server = TLSStream(far, far.getpeername(), tls.server_context(certificate), server_side=True)
    near.send(b"MSRP 1234 SEND\r\nTo-Path: msrp://127.0.0.1:2855/x;tcp\r\n")
    with pytest.raises(TransportFailed) as caught:
        server.handshake(5)
    assert isinstance(caught.value.__cause__, ssl.SSLError)
    assert caught.value.transport == "tls"
    assert server.closed


def test_a_silent_far_end_is_given_up_after_the_time_limit(ends):
    client, _ = ends()
    with pytest.raises(TransportFailed, match="timed out"):
        client.handshake(0.01)
    assert client.closed


def test_a_far_end_that_hangs_up_in_the_handshake_is_a_failed_transport(ends):
    client, server = ends()
    server_side = gevent.spawn(server.handshake, 5)
    gevent.sleep(0)
    client.close(flush=False)
    with pytest.raises(TransportFailed):
        server_side.get()
    with pytest.raises(TransportFailed):
        client.handshake(5)


def test_an_interrupted_handshake_goes_on_where_it_was(ends):
    client, server = ends()
    first = gevent.spawn(server.handshake, 5)
    gevent.sleep(0)
    first.kill()
    shake(client, server)
    server.handshake(5)
    server.write(b"again")
    assert client.read() == b"again"


def test_writing_before_the_handshake_is_misuse(ends):
    client, _ = ends()
    for write in (client.write, client.write_soon):
        with pytest.raises(LocalProtocolError):
            write(b"early")


def test_what_is_written_soon_and_at_once_keeps_its_order(encrypted):
    client, server = encrypted
    client.write_soon(b"a")
    client.write(b"b")
    client.write_soon(b"c")
    client.close()
    assert b"".join(iter(server.read, b"")) == b"abc"


def test_a_closing_alert_ends_the_stream(encrypted, monkeypatch):
    monkeypatch.setattr(tls_stream, "END", ())  # an end without the alert would raise
    client, server = encrypted
    client.write(b"last words")
    client.close()
    assert server.read() == b"last words"
    assert server.read() == b""
    with pytest.raises(TransportFailed, match="closed"):
        client.write(b"x")


def test_an_end_without_a_closing_alert_is_an_end_too(encrypted):
    """Peers do so; a message that was cut is noticed by its framing."""
    client, server = encrypted
    Stream.close(client)
    assert server.read() == b""


def test_a_close_ends_the_wait_of_our_own_reader(encrypted):
    client, _ = encrypted
    reader = gevent.spawn(client.read)
    gevent.sleep(0)
    client.close()
    assert reader.get() == b""


def test_a_tampered_record_is_a_failed_transport(encrypted):
    client, server = encrypted
    Stream.write(client, b"\x17\x03\x03\x00\x20" + b"x" * 32)
    with pytest.raises(TransportFailed) as caught:
        server.read()
    assert isinstance(caught.value.__cause__, ssl.SSLError)
    assert server.closed


def test_a_large_write_returns_at_once_and_arrives_whole(encrypted):
    client, server = encrypted
    data = bytes(range(256)) * 20_000
    client.write(data)
    assert client.backlog_bytes
    received = bytearray()
    while len(received) < len(data):
        received += server.read()
    assert received == data


def test_one_read_returns_all_that_it_has_taken_from_the_socket(encrypted):
    """Else every other read of a large stream would bring the little that the one before had left."""
    client, server = encrypted
    sent, received = os.urandom(4 * 1024 * 1024), b""
    client.write(sent)
    with gevent.Timeout(10):
        while len(received) < len(sent):
            data = server.read(256 * 1024)
            assert 0 < len(data) <= 256 * 1024
            assert server._tls.pending() == 0
            received += data
    assert received == sent


def test_closing_lets_the_backlog_drain_first(encrypted):
    client, server = encrypted
    client.write(b"x" * 5_000_000)
    client.close()
    received = 0
    while data := server.read():
        received += len(data)
    assert received == 5_000_000


def test_a_full_backlog_closes_the_stream(socket_pair, certificate):
    near, far = socket_pair()
    client = TLSStream(near, sockets.address_of(near.getpeername()), tls.self_signed_context(), backlog_limit=10_000)
    server = TLSStream(far, far.getpeername(), tls.server_context(certificate), server_side=True)
    shake(client, server)
    with pytest.raises(TransportFailed, match="does not read"):
        client.write(b"x" * 20_000_000)
    assert client.closed
    server.close(flush=False)
