"""Opening sockets."""

from __future__ import annotations

import socket
import subprocess
import sys

import gevent
import pytest

from sipsimple.actors.wire import sockets
from sipsimple.errors import TransportFailed


def test_a_udp_socket_gets_a_port_of_its_own(host):
    with sockets.udp(host, 0) as one, sockets.udp(host, 0) as other:
        assert one.getsockname()[1] not in (0, other.getsockname()[1])
        assert one.gettimeout() == 0.0


def test_a_port_in_use_cannot_be_bound(host):
    with sockets.udp(host, 0) as one:
        port = one.getsockname()[1]
        with pytest.raises(TransportFailed, match="in use") as caught:
            sockets.udp(host, port)

    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.transport == "udp"
    assert caught.value.peer.endswith(str(port))


def test_both_families_share_a_port_on_the_wildcard_address():
    with sockets.udp("0.0.0.0", 0) as four, sockets.udp("::", four.getsockname()[1]) as six:
        assert four.getsockname()[1] == six.getsockname()[1]


@pytest.mark.parametrize("opening", [sockets.udp, sockets.tcp_listener])
def test_only_numeric_addresses_are_listened_on(opening):
    with pytest.raises(TransportFailed, match="not a numeric address"):
        opening("localhost", 0)


@pytest.mark.parametrize("opening", [sockets.udp, sockets.tcp_listener])
def test_a_port_beyond_the_range_is_a_failed_transport(opening):
    with pytest.raises(TransportFailed, match="cannot listen"):
        opening("127.0.0.1", 70000)


def test_a_connection_carries_bytes_both_ways(socket_pair, host):
    near, far = socket_pair(host)
    near.send(b"ping")
    assert far.recv(10) == b"ping"
    far.send(b"pong")
    assert near.recv(10) == b"pong"
    assert near.gettimeout() == far.gettimeout() == 0.0


def test_a_name_is_resolved():
    assert (socket.AF_INET, ("127.0.0.1", 5060)) in sockets.resolve("localhost", 5060)


def test_a_refused_connection_is_a_failed_transport(host):
    with sockets.tcp_listener(host, 0) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(TransportFailed, match="refused") as caught:
        sockets.connect(host, port, 5)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 99999), ("a..b", 80), ("x" * 70, 80), ("\0", 80)])
def test_an_address_that_cannot_be_one_is_a_failed_transport(host, port):
    """Such addresses come from peers: they must not crash the actor that dials."""
    with pytest.raises(TransportFailed, match="cannot connect"):
        sockets.connect(host, port, 5)


def full_listener():
    """A listener whose queue is full: the system drops further connection requests."""
    listener = sockets.tcp_listener("127.0.0.1", 0)
    listener.listen(0)
    fillers = []
    for _ in range(3):
        filler = sockets.Socket(socket.AF_INET, socket.SOCK_STREAM)
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
        fillers.append(filler)
    return listener, fillers


def test_connecting_ends_with_its_time_limit():
    listener, fillers = full_listener()
    try:
        with pytest.raises(TransportFailed, match="timed out"):
            sockets.connect("127.0.0.1", listener.getsockname()[1], 0.05)
    finally:
        for each in (listener, *fillers):
            each.close()


def test_a_killed_dialer_leaves_no_descriptor():
    """The proof is the fixture that counts descriptors."""
    listener, fillers = full_listener()
    dialer = gevent.spawn(sockets.connect, "127.0.0.1", listener.getsockname()[1], 30)
    gevent.sleep(0)
    dialer.kill()
    for each in (listener, *fillers):
        each.close()
    assert dialer.dead


def test_accepting_from_an_empty_queue_does_not_wait():
    with sockets.tcp_listener("127.0.0.1", 0) as listener, pytest.raises(BlockingIOError):
        sockets.accept(listener)


@pytest.mark.parametrize(
    ("host", "family"),
    [
        ("192.0.2.1", socket.AF_INET),
        ("2001:db8::1", socket.AF_INET6),
        ("fe80::1%eth0", socket.AF_INET6),
        ("example.com", None),
        ("host1", None),
        ("", None),
        ("1.2.3", None),
        ("a\0b", None),
    ],
)
def test_only_a_numeric_host_has_a_family(host, family):
    assert sockets.family_of(host) == family


def test_an_ipv6_address_is_written_in_brackets():
    assert sockets.address_text(("::1", 5060)) == "[::1]:5060"
    assert sockets.address_text(("127.0.0.1", 5060)) == "127.0.0.1:5060"


def test_a_link_local_address_keeps_its_zone():
    assert sockets.address_of(("fe80::1", 5060, 0, 2)) == ("fe80::1%2", 5060)
    assert sockets.address_of(("::1", 5060, 0, 0)) == ("::1", 5060)


def test_the_source_address_towards_this_host_is_the_loopback_address(host):
    assert sockets.source_address(host) == host
    assert sockets.source_address("example.com") is None


def test_sockets_are_the_systems_own_in_a_patched_program():
    """After `monkey.patch_all()` accepted and connected sockets are still plain ones, and TLS contexts work."""
    program = """
from gevent import monkey; monkey.patch_all()
from sipsimple.actors.wire import sockets, tls
listener = sockets.tcp_listener("127.0.0.1", 0)
near = sockets.connect("127.0.0.1", listener.getsockname()[1], 5)
far, _ = sockets.accept(listener)
assert {type(each).__module__ for each in (listener, near, far)} == {"socket"}, type(far)
tls.server_context(tls.self_signed_certificate("localhost")); tls.verifying_context(); tls.self_signed_context()
print("plain")
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert run.stdout == "plain\n", run.stderr


def test_a_host_that_is_too_long_for_an_address_is_not_kept():
    """Peers choose the hosts: as many long ones as are remembered would fill the memory."""
    host = "a" * 60_000
    before = sys.getrefcount(host)
    assert not sockets.family_of(host)
    assert sys.getrefcount(host) == before
