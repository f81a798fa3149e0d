"""What this host is called by others."""

from __future__ import annotations

import socket

from gevent import monkey

_TEST_NETS = {socket.AF_INET: ("192.0.2.1", 9), socket.AF_INET6: ("2001:db8::1", 9)}
_LOOPBACKS = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - meant: a host's address may change while it is listened on
_WILDCARDS = {ANY_ADDRESS: socket.AF_INET, "::": socket.AF_INET6}


def default_host_ip(family: socket.AddressFamily = socket.AF_INET) -> str:
    """Return the address that leaves this host by default; the loopback address when nothing leaves it.

    Connecting a UDP socket sends nothing: it only asks the routing table.
    """
    try:
        with monkey.get_original("socket", "socket")(family, socket.SOCK_DGRAM) as probe:
            probe.connect(_TEST_NETS[family])
            return str(probe.getsockname()[0])
    except OSError:
        return _LOOPBACKS[family]


def reachable_ip(address: str) -> str:
    """Return `address` as peers may be told it: one of ours in place of "all of ours"."""
    family = _WILDCARDS.get(address)
    return address if family is None else default_host_ip(family)
