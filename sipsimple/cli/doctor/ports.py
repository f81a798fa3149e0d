"""Our own ports: whether those that the settings ask for can be had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.sockets import address_text
from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.errors import TransportFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.cli.doctor.subject import Subject

ports = Clerk("ports")

OPENERS = {"udp": sockets.udp, "tcp": sockets.tcp_listener, "tls": sockets.tcp_listener}
TAKEN = "If a program of yours runs with these settings, that is as it should be; else choose another port in [engine]."


def check_ports(subject: Subject) -> Iterator[Finding]:
    """Open each port that is asked for, and close it again."""
    wanted = {name: port for name in OPENERS if (port := subject.engine.get(f"local_{name}_port"))}
    if not wanted:
        yield ports.ok("the settings ask for no ports of our own: any free ones are taken")
    host = subject.engine.get("local_ip") or "0.0.0.0"  # noqa: S104 - as the engine would
    for transport, port in wanted.items():
        place = f"{transport} {address_text((host, port))}"
        try:
            OPENERS[transport](host, port).close()
        except TransportFailed as error:
            yield ports.warning(f"{place}: {error.reason}", TAKEN)
        else:
            yield ports.ok(f"{place} is free")
