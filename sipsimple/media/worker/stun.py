"""STUN servers, asked before they are used.

The library knows one server at a time, and whoever makes a call while it has not answered yet waits, and with him the
whole process. So a server is tried on the side first; one that is silent is not used.
"""

from __future__ import annotations

import ipaddress
import time
from typing import TYPE_CHECKING

from sipsimple.media.worker.library import pj

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.worker.agenda import Agenda
    from sipsimple.media.worker.endpoint import Endpoint

PATIENCE_SECONDS = 1.5
GOOD_SECONDS = 300.0
BAD_SECONDS = 15.0


def is_numeric(server: str) -> bool:
    """Return whether `host:port` needs no look-up, for which the whole process would wait."""
    try:
        ipaddress.IPv4Address(server.partition(":")[0])
    except ValueError:
        return False
    return True


class Stun:
    """What is known of STUN servers.

    Args:
        endpoint: The library.
        agenda: For what is done later.
    """

    def __init__(self, endpoint: Endpoint, agenda: Agenda) -> None:
        self._library = endpoint.library
        self._warn = endpoint.warn
        self._agenda = agenda
        self._verdicts: dict[str, tuple[bool, float]] = {}
        self._waiting: dict[str, list[Callable[[], None]]] = {}
        self._current = ""
        endpoint.library.stun_checked = self._checked

    def works(self, server: str) -> bool:
        """Return whether a server has answered when it was tried last."""
        return self._verdicts.get(server, (False, 0.0))[0]

    def check(self, server: str, then: Callable[[], None]) -> None:
        """Call `then` when it is known whether the server answers: at once, or in a moment."""
        good, until = self._verdicts.get(server, (False, 0.0))
        if time.monotonic() < until:
            self._use(server, good)
            then()
        elif not is_numeric(server):
            self._warn(f"the STUN server {server} is no numeric address")
            then()
        elif server in self._waiting:
            self._waiting[server].append(then)
        else:
            self._waiting[server] = [then]
            self._ask(server)

    def _ask(self, server: str) -> None:
        self._agenda.at(time.monotonic() + PATIENCE_SECONDS, lambda: self._conclude(server, answered=False))
        try:
            servers = pj.StringVector()
            servers.append(server)
            self._library.natCheckStunServers(servers, False, None)
        except pj.Error:
            self._conclude(server, answered=False)

    def _checked(self, server: str, answered: bool) -> None:
        """Conclude, but not inside of the callback: calls may be made then."""
        self._agenda.at(time.monotonic(), lambda: self._conclude(server, answered=answered))

    def _conclude(self, server: str, *, answered: bool) -> None:
        waiting = self._waiting.pop(server, None)
        if waiting is None:
            return
        if not answered:
            self._warn(f"the STUN server {server} does not answer")
        self._verdicts[server] = answered, time.monotonic() + (GOOD_SECONDS if answered else BAD_SECONDS)
        self._use(server, answered)
        for then in waiting:
            then()

    def _use(self, server: str, good: bool) -> None:
        if good and server != self._current:
            servers = pj.StringVector()
            servers.append(server)
            self._library.natUpdateStunServers(servers, False)
            self._current = server
