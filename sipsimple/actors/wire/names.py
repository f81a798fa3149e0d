"""What names mean: the records of the DNS, kept as long as they are good, and the names that this host knows itself.

Asking never waits: what is known is returned, what is not is told to the actor
that asked. Actors that ask the same meanwhile share one query.

RFC: 1035, 2308, 6761.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import Actor, Ref, Supervisor
from sipsimple.actors.wire import nameserver
from sipsimple.actors.wire.job import start_job
from sipsimple.actors.wire.sockets import Address, family_of
from sipsimple.actors.wire.system_names import FAMILIES, HostsFile, SystemServers, is_of_system, system_addresses
from sipsimple.errors import ActorDied
from sipsimple.protocols.sip.resolve.records import Answer, Query

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sipsimple.actors.wire.nameserver import Found

KEPT = 4096
ASKED_AT_ONCE = 1024


class Cache:
    """Answers until they expire; when there are too many, the oldest goes."""

    def __init__(self, now: Callable[[], float], limit: int = KEPT) -> None:
        self._now = now
        self._limit = limit
        self._kept: dict[Query, tuple[float, Answer]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, query: Query) -> Answer | None:
        """The answer, None when there is none that is still good."""
        until, answer = self._kept.get(query, (0.0, None))
        if answer is not None and until <= self._now():
            del self._kept[query]
            return None
        return answer

    def put(self, found: Found) -> None:
        """Keep an answer for as long as it says."""
        query = found.answer.query
        self._kept.pop(query, None)
        if found.seconds <= 0:
            return
        if len(self._kept) >= self._limit:
            del self._kept[next(iter(self._kept))]
        self._kept[query] = (self._now() + found.seconds, found.answer)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


class Names:
    """Answers the queries of look-ups.

    Args:
        supervisor: Gets the queries under way as children.
        servers: Addresses of name servers; None for those of the system.
        hosts: The hosts file.

    Attributes:
        cache: What is known.
        asked: How many queries went to the network, for tests and statistics.
    """

    def __init__(
        self, supervisor: Supervisor, servers: Iterable[Address] | None = None, hosts: HostsFile | None = None
    ) -> None:
        self.supervisor = supervisor
        self.cache = Cache(supervisor.system.clock.now)
        self.asked = 0
        self._given = None if servers is None else tuple(servers)
        self._hosts = hosts or HostsFile()
        self._system = SystemServers()
        self._waiting: dict[Query, list[Ref]] = {}

    @property
    def servers(self) -> tuple[Address, ...]:
        """The name servers that are asked, in turn."""
        return self._system.addresses() if self._given is None else self._given

    def known(self, query: Query) -> Answer | None:
        """Return the answer when it is known."""
        return self._own(query) or self.cache.get(query)

    def ask(self, query: Query, asker: Ref) -> Answer | None:
        """Return the answer when it is known; else None, and `asker` is told the `Answer`."""
        known = self.known(query)
        if known is not None:
            return known
        waiting = self._waiting.get(query)
        if waiting is not None:
            waiting.append(asker)
            return None
        if len(self._waiting) >= ASKED_AT_ONCE:
            return Answer(query, problem="too many look-ups at once")
        self.asked += 1
        crashed = Answer(query, problem="the look-up crashed")
        try:
            start_job(self.supervisor, f"query-{self.asked}", Questioner, (query, self), lambda _: self.tell(crashed))
        except ActorDied:
            return Answer(query, problem="shutting down")
        self._waiting[query] = [asker]
        return None

    def found(self, found: Found) -> None:
        """Keep an answer and tell all who wait for it."""
        self.cache.put(found)
        self.tell(found.answer)

    def tell(self, answer: Answer) -> None:
        """Tell all who wait for it."""
        for asker in self._waiting.pop(answer.query, ()):
            asker.tell(answer)

    def _own(self, query: Query) -> Answer | None:
        """What needs no name server: a name of this host's own has its addresses, and no other records."""
        name = _domain(query.name)
        addresses = self._hosts.addresses(name)
        family = FAMILIES.get(query.kind)
        if addresses is not None:
            return Answer(query, tuple([each for each in addresses if family and family_of(each) == family]))
        return Answer(query) if family is None and is_of_system(name) else None


class Questioner(Actor):
    """Asks one question, tells the answer, and ends; begins again when it is killed."""

    def __init__(self, query: Query, names: Names) -> None:
        super().__init__()
        self.query = query
        self.names = names

    def run(self) -> None:
        """Ask, and wait for the answer."""
        query = self.query
        by_system = is_of_system(query.name)
        found = system_addresses(query) if by_system else nameserver.ask(query, self.names.servers)
        if found.answer.problem is not None:
            self.log.warning("name.not_found", name=query.name, kind=query.kind.value, reason=found.answer.problem)
        self.names.found(found)

    def stopped(self, reason: str) -> None:
        """Leave nobody waiting."""
        self.names.tell(Answer(self.query, problem=f"the look-up was stopped: {reason}"))


def _domain(name: str) -> str:
    """Return the name without the labels of a service."""
    while name.startswith("_"):
        name = name.partition(".")[2]
    return name
