"""Opening sockets: UDP, TCP listening and TCP connecting, over IPv4 and IPv6.

The sockets are the standard library's own, non-blocking, also in a program that
gevent has monkey-patched: this package waits on them itself. Only `connect`
and `resolve` wait, and they let other greenlets run.
"""

from __future__ import annotations

import errno
import os
import socket
from contextlib import closing
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gevent import Timeout, get_hub
from gevent.monkey import get_original
from gevent.socket import getaddrinfo

from sipsimple.errors import TransportFailed
from sipsimple.protocols.sip.grammar import LONGEST_LITERAL

if TYPE_CHECKING:
    Socket = socket.socket
else:
    Socket = get_original("socket", "socket")

Address = tuple[str, int]

READABLE, WRITABLE = 1, 2
UDP_BUFFER_BYTES = 4 * 1024 * 1024
LISTEN_BACKLOG = 1024
KEEP_ALIVE = {"TCP_KEEPIDLE": 120, "TCP_KEEPINTVL": 30, "TCP_KEEPCNT": 4}  # seconds, seconds, times
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - to be recognised
UNUSABLE = (OSError, OverflowError, UnicodeError)  # refused, no such port, no such name: addresses come from peers


def family_of(host: str) -> int | None:
    """The address family of a numeric host, None for a name."""
    return _family_of(host) if len(host) <= LONGEST_LITERAL else None


@lru_cache(maxsize=4096)
def _family_of(host: str) -> int | None:
    for family, text in ((socket.AF_INET, host), (socket.AF_INET6, host.partition("%")[0])):
        try:
            socket.inet_pton(family, text)
        except (OSError, ValueError):  # ValueError: a null character in the text
            continue
        return family
    return None


def address_text(address: Address) -> str:
    """`host:port`, with an IPv6 host in brackets."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def address_of(name: tuple[Any, ...]) -> Address:
    """The host and port of what the socket calls return; a link-local host keeps its zone."""
    host: str = name[0]
    if len(name) == 4 and name[3] and "%" not in host:
        host = f"{host}%{name[3]}"
    return host, name[1]


def udp(host: str, port: int) -> Socket:
    """Open a UDP socket bound to a numeric host; port 0 lets the system choose.

    Raises:
        TransportFailed: The address cannot be bound.
    """
    sock = _new(host, port, socket.SOCK_DGRAM, "udp")
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        sock.setsockopt(socket.SOL_SOCKET, option, UDP_BUFFER_BYTES)
    return _bound(sock, host, port, "udp")


def tcp_listener(host: str, port: int) -> Socket:
    """Open a TCP socket that listens on a numeric host; port 0 lets the system choose.

    Raises:
        TransportFailed: The address cannot be bound.
    """
    sock = _new(host, port, socket.SOCK_STREAM, "tcp")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock = _bound(sock, host, port, "tcp")
    sock.listen(LISTEN_BACKLOG)
    return sock


def accept(listener: Socket) -> tuple[Socket, Address]:
    """Take one waiting connection.

    Raises:
        OSError: Nothing waits (`BlockingIOError`), or the system is out of descriptors.
    """
    sock, name = listener.accept()
    if type(sock) is not Socket:  # patched: the standard `accept` wraps in whatever `socket.socket` now is
        sock = Socket(sock.family, sock.type, sock.proto, fileno=sock.detach())
    try:
        return _prepared(sock), address_of(name)
    except OSError:  # it is gone already
        sock.close()
        raise


def connect(host: str, port: int, timeout: float) -> Socket:
    """Open a TCP connection, trying each address of a name in turn.

    Waits at most `timeout` seconds in all, letting other greenlets run.

    Raises:
        TransportFailed: No address answered.
    """
    limit = Timeout.start_new(timeout)
    try:
        return _first_connected(host, port)
    except Timeout as expired:
        if expired is not limit:
            raise
        error: Exception = TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    except UNUSABLE as refused:
        error = refused
    finally:
        limit.close()
    peer = address_text((host, port))
    raise TransportFailed(f"cannot connect to {peer}: {_reason(error)}", peer, "tcp") from error


def keep_alive(sock: Socket) -> None:
    """Have the system notice a far end that is gone without a word: within some minutes, at no cost of ours."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEP_ALIVE.items():
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def remote_address(sock: Socket, asked: Address) -> Address:
    """The far end of a socket that was connected to `asked`; that itself when the far end has gone already."""
    try:
        return address_of(sock.getpeername())
    except OSError:
        return asked


def resolve(host: str, port: int) -> list[tuple[int, Address]]:
    """The addresses of a host as (family, address); a numeric host asks nobody."""
    family = family_of(host)
    if family is not None:
        return [(family, (host, port))]
    name = host.encode("idna").decode("ascii")  # here, where the error of a bad name is ours to catch
    found = getaddrinfo(name, port, 0, socket.SOCK_STREAM)
    return [(each[0], address_of(each[4])) for each in found]


def source_address(remote_host: str) -> str | None:
    """The address of this host that the routing table uses towards a numeric host; nothing is sent."""
    family = family_of(remote_host)
    if family is None:
        return None
    with closing(Socket(family, socket.SOCK_DGRAM)) as sock:
        try:
            sock.connect((remote_host, 9))
        except OSError:
            return None
        return address_of(sock.getsockname())[0]


def _new(host: str, port: int, kind: int, transport: str) -> Socket:
    family = family_of(host)
    if family is None:
        peer = address_text((host, port))
        raise TransportFailed(f"cannot listen on {peer}: not a numeric address", peer, transport)
    sock = Socket(family, kind)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # `::` and `0.0.0.0` live side by side
    return sock


def _bound(sock: Socket, host: str, port: int, transport: str) -> Socket:
    try:
        sock.bind((host, port))
    except UNUSABLE as error:
        sock.close()
        peer = address_text((host, port))
        raise TransportFailed(f"cannot listen on {peer}: {_reason(error)}", peer, transport) from error
    sock.setblocking(False)
    return sock


def local_towards(local: Address, remote_host: str) -> Address:
    """A bound address as that host sees it: of one bound to all addresses, the one that the routes choose."""
    host, port = local
    if host in WILDCARDS:
        host = source_address(remote_host) or host
    return host, port


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()


def _prepared(sock: Socket) -> Socket:
    sock.setblocking(False)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _first_connected(host: str, port: int) -> Socket:
    error: Exception = OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    for family, target in resolve(host, port):
        try:
            return _connected(Socket(family, socket.SOCK_STREAM), target)
        except UNUSABLE as refused:
            error = refused
    raise error


def _connected(sock: Socket, target: Address) -> Socket:
    try:
        code = _prepared(sock).connect_ex(target)
        if code == errno.EINPROGRESS:
            begun_in = os.getpid()
            _wait(sock, WRITABLE)
            if os.getpid() != begun_in:
                raise TransportFailed("another process connects", address_text(target), "tcp")
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code))
    except BaseException:  # also when the waiting greenlet is killed
        sock.close()
        raise
    return sock


def _wait(sock: Socket, events: int) -> None:
    hub = get_hub()
    watcher = hub.loop.io(sock.fileno(), events)
    try:
        hub.wait(watcher)
    finally:
        watcher.close()
