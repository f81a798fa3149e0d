"""STUN servers. The library knows one at a time, and the whole process waits for one that was not asked before."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sipsimple.media.worker.library import pj
from sipsimple.media.worker.servers import Servers

if TYPE_CHECKING:
    from sipsimple.media.worker.agenda import Agenda
    from sipsimple.media.worker.endpoint import Endpoint


class Stun(Servers):
    """What is known of STUN servers.

    Args:
        endpoint: The library, which asks them.
        agenda: For what is done later.
    """

    kind = "STUN"
    good_seconds = 300.0

    def __init__(self, endpoint: Endpoint, agenda: Agenda) -> None:
        super().__init__(agenda, endpoint.warn)
        self._library = endpoint.library
        self._current = ""
        endpoint.library.stun_checked = self._checked

    def _ask(self, server: str) -> None:
        try:
            self._library.natCheckStunServers(_named(server), False, None)
        except pj.Error:
            self._conclude(server, answered=False)

    def _checked(self, server: str, answered: bool) -> None:
        """Conclude, but not inside of the callback: calls may be made then."""
        self._agenda.at(time.monotonic(), lambda: self._conclude(server, answered=answered))

    def _use(self, server: str, good: bool) -> None:
        if good and server != self._current:
            self._library.natUpdateStunServers(_named(server), False)
            self._current = server


def _named(server: str) -> pj.StringVector:
    servers = pj.StringVector()
    servers.append(server)
    return servers
