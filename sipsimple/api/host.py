"""What this host is called by others."""

from __future__ import annotations

import socket

from gevent import monkey

_TEST_NET = ("192.0.2.1", 9)
_LOOPBACK = "127.0.0.1"


def default_host_ip() -> str:
    """Return the IPv4 address that leaves this host by default; the loopback address when nothing leaves it.

    Connecting a UDP socket sends nothing: it only asks the routing table.
    """
    probe = monkey.get_original("socket", "socket")(socket.AF_INET, socket.SOCK_DGRAM)
    with probe:
        try:
            probe.connect(_TEST_NET)
        except OSError:
            return _LOOPBACK
        return str(probe.getsockname()[0])
