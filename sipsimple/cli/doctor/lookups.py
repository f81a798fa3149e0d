"""Asking the DNS as the engine does, while keeping what was said: the records themselves are what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gevent

from sipsimple.actors.wire import nameserver
from sipsimple.actors.wire.names import Names
from sipsimple.actors.wire.system_names import is_of_system, system_addresses
from sipsimple.protocols.sip.resolve import search as resolve
from sipsimple.protocols.sip.resolve.records import Answer, Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.actors.runtime import System
    from sipsimple.actors.wire.sockets import Address
    from sipsimple.protocols.sip.resolve.search import Means, Resolved, Unresolvable
    from sipsimple.protocols.sip.resolve.targets import Destination


class LookUps:
    """Answers of name servers, each asked for once.

    Args:
        system: For the clock.
        servers: Name servers; None for those of the system.
    """

    def __init__(self, system: System, servers: tuple[Address, ...] | None = None) -> None:
        self._names = Names(system.root, servers)
        self._told: dict[Query, Answer] = {}

    @property
    def servers(self) -> tuple[Address, ...]:
        """Who is asked."""
        return self._names.servers

    def answers(self, queries: Iterable[Query]) -> list[Answer]:
        """Ask for all of them at once, and wait for the answers."""
        wanted = tuple(queries)
        asked = [gevent.spawn(self._ask, each) for each in wanted if each not in self._told]
        try:
            gevent.joinall(asked)
        finally:  # also when the time of the check is over
            gevent.killall(asked)
        return [self._told[each] for each in wanted]

    def _ask(self, query: Query) -> None:
        answer = self._names.known(query)
        if answer is None and is_of_system(query.name):
            answer = system_addresses(query).answer
        elif answer is None:
            answer = nameserver.ask(query, self.servers).answer
        self._told[query] = answer

    def resolve(self, destination: Destination, means: Means) -> Resolved | Unresolvable:
        """Look a destination up, in the steps of RFC 3263."""
        resolution, outputs = resolve.begin(destination, means, 0)
        while True:
            for output in outputs:
                if isinstance(output, resolve.Resolved | resolve.Unresolvable):
                    return output
            answers = self.answers([each for each in outputs if isinstance(each, Query)])
            outputs = ()
            for answer in answers:
                resolution, more = resolve.answered(resolution, answer)
                outputs += more
