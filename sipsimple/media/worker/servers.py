"""Servers that calls want to use: each is tried first, on the side, and one that is silent is left out.

The library would wait for its answer, for seconds in every call.
"""

from __future__ import annotations

import ipaddress
import time
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.worker.agenda import Agenda

PATIENCE_SECONDS = 1.5
BAD_SECONDS = 15.0


def is_numeric(server: str) -> bool:
    """Return whether `host:port` needs no look-up, for which the whole process would wait."""
    try:
        ipaddress.IPv4Address(server.partition(":")[0])
    except ValueError:
        return False
    return True


class Servers:
    """What is known of the servers of one kind.

    Args:
        agenda: For what is done later.
        warn: Writes a warning into the engine's log.
    """

    kind: ClassVar[str]
    good_seconds: ClassVar[float]
    """For which a server that has answered is taken to answer."""

    def __init__(self, agenda: Agenda, warn: Callable[[str], None]) -> None:
        self._agenda = agenda
        self._warn = warn
        self._verdicts: dict[str, tuple[bool, float]] = {}
        self._waiting: dict[str, list[Callable[[], None]]] = {}

    def works(self, server: str) -> bool:
        """Return whether a server has answered when it was tried last."""
        return self._verdicts.get(server, (False, 0.0))[0]

    def check(self, server: str, then: Callable[[], None]) -> None:
        """Call `then` when it is known whether the server answers: at once, or in a moment; no server is known."""
        good, until = self._verdicts.get(server, (False, 0.0))
        if not server:
            then()
        elif time.monotonic() < until:
            self._use(server, good)
            then()
        elif not is_numeric(server):
            self._warn(f"the {self.kind} server {server} is no numeric address")
            then()
        elif server in self._waiting:
            self._waiting[server].append(then)
        else:
            self._waiting[server] = [then]
            self._agenda.at(time.monotonic() + PATIENCE_SECONDS, lambda: self._conclude(server, answered=False))
            self._ask(server)

    def _ask(self, server: str) -> None:
        """Ask the server something; what becomes of it is told to `_conclude`."""
        raise NotImplementedError

    def _use(self, server: str, good: bool) -> None:
        """Take note of the server that is used next."""

    def _conclude(self, server: str, *, answered: bool) -> None:
        waiting = self._waiting.pop(server, None)
        if waiting is None:
            return
        if not answered:
            self._warn(f"the {self.kind} server {server} does not answer")
        self._verdicts[server] = answered, time.monotonic() + (self.good_seconds if answered else BAD_SECONDS)
        self._use(server, answered)
        for then in waiting:
            then()
