"""Finding the servers of a SIP URI: which record to ask for next, and what the answers mean.

::

    SERVICES   NAPTR of the domain: which transports it offers     only when neither transport nor port is given
    SERVERS    SRV of each transport: which hosts, in which order  only when no port is given
    ADDRESSES  A and AAAA of each host
    DONE

The outcome is a list of targets in the order to try. Once one of them is
known, answers that are slow get little time: a name server that does not know
the third spare must not delay the call.

RFC: 3263 4.1, 4.2.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from immutables import Map

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.grammar import is_ip_literal
from sipsimple.protocols.sip.resolve import order
from sipsimple.protocols.sip.resolve.records import NAPTR, SRV, Answer, Kind, Query
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sipsimple.protocols.sip.resolve.targets import Destination, Target

MAX_SERVERS = 16
MAX_ADDRESSES = 8
MAX_TARGETS = 32
PATIENCE, LONG_PATIENCE = 0.3, 2.0  # seconds, when the best server is known and when only a spare is
PREFIXES = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}
FAMILIES = {4: Kind.A, 6: Kind.AAAA}

Outputs = tuple[object, ...]


class Means(Value):
    """What this host can use: transports and address families, the preferred ones first."""

    transports: tuple[str, ...] = ("udp", "tcp", "tls")
    families: tuple[int, ...] = (4,)


class Resolved(Value):
    """The look-up is over: try these in turn; there is at least one."""

    targets: tuple[Target, ...]


class Unresolvable(Value):
    """The look-up is over: there is no target."""

    reason: str


class State(Enum):
    """What is waited for."""

    SERVICES = "services"
    SERVERS = "servers"
    ADDRESSES = "addresses"
    DONE = "done"


class Server(Value):
    """A host that serves the domain by a transport; port None is the transport's own."""

    transport: str
    host: str
    port: int | None


class Resolution(Value):
    """One look-up; a value.

    Attributes:
        destination: What it is for.
        means: What we can use.
        entropy: 64 bits of chance.
        state: What is waited for.
        waiting: The queries that are not answered yet.
        answers: What was found in this state.
        services: Transports and the names of their SRV records, in order.
        servers: The hosts, in order.
        problem: The last thing that went wrong.
    """

    destination: Destination
    means: Means
    entropy: int = 0
    state: State = State.SERVICES
    waiting: frozenset[Query] = frozenset()
    answers: Map[Query, Answer] = Map()
    services: tuple[tuple[str, str], ...] = ()
    servers: tuple[Server, ...] = ()
    problem: str | None = None


def begin(destination: Destination, means: Means, entropy: int) -> tuple[Resolution, Outputs]:
    """Begin a look-up; one that needs no query is over at once."""
    resolution = Resolution(destination, means, entropy)
    if not destination.host:
        return _fail(resolution, "the URI names no host")
    if not _usable(resolution):
        wanted = destination.transport or ("tls" if destination.is_secure else "any")
        return _fail(resolution, f"this host has no transport for it: {wanted}")
    transport = _default(resolution)
    if destination.is_numeric:
        target = destination.at(transport, destination.host, destination.port)
        return replace(resolution, state=State.DONE), (Resolved((target,)),)
    if destination.port is not None:
        return _ask_addresses(resolution, (Server(transport, destination.host, destination.port),))
    if destination.transport is not None:
        return _ask_servers(resolution, _own_services(resolution))
    return _ask(resolution, [Query(destination.host, Kind.NAPTR)])


def answered(resolution: Resolution, answer: Answer) -> tuple[Resolution, Outputs]:
    """Take an answer; one that is not waited for changes nothing."""
    if answer.query not in resolution.waiting:
        return resolution, ()
    resolution = replace(
        resolution,
        waiting=resolution.waiting - {answer.query},
        answers=resolution.answers.set(answer.query, answer),
        problem=answer.problem or resolution.problem,
    )
    if not resolution.waiting:
        return NEXT[resolution.state](resolution)
    if resolution.state is State.ADDRESSES and answer.records:
        is_best_known = bool(_addresses(resolution, resolution.servers[0].host))
        return resolution, (StartTimer("patience", PATIENCE if is_best_known else LONG_PATIENCE),)
    return resolution, ()


def timer_fired(resolution: Resolution) -> tuple[Resolution, Outputs]:
    """End the wait for further addresses."""
    return _conclude(resolution) if resolution.state is State.ADDRESSES else (resolution, ())


def _after_services(resolution: Resolution) -> tuple[Resolution, Outputs]:
    """Go on with what the NAPTR records name, or with every transport of ours when there are none."""
    records = _records(resolution, Query(resolution.destination.host, Kind.NAPTR))
    named = order.services([each for each in records if isinstance(each, NAPTR)], _usable(resolution))
    return _ask_servers(resolution, tuple(named) or _own_services(resolution))


def _after_servers(resolution: Resolution) -> tuple[Resolution, Outputs]:
    """Go on with the servers that the SRV records name, or with the domain itself when there are none."""
    destination = resolution.destination
    found: list[Server] = []
    is_declined = False
    for number, (transport, name) in enumerate(resolution.services):
        records = [each for each in _records(resolution, Query(name, Kind.SRV)) if isinstance(each, SRV)]
        offered = [each for each in records if each.target not in ("", ".")]
        is_declined = is_declined or len(offered) < len(records)
        ordered = order.by_weight(offered[: 2 * MAX_SERVERS], resolution.entropy + number)
        found += [Server(transport, each.target, each.port) for each in ordered]
    if found:
        return _ask_addresses(resolution, tuple(found[:MAX_SERVERS]))
    if is_declined:  # a target of "." says that the service is decidedly not there (RFC 2782)
        return _fail(resolution, f"{destination.host} offers no SIP by this transport")
    return _ask_addresses(resolution, (Server(_default(resolution), destination.host, None),))


def _conclude(resolution: Resolution) -> tuple[Resolution, Outputs]:
    """Put the targets in order: server by server, family by family, each target once."""
    found: dict[Target, None] = {}
    for server in resolution.servers:
        for address in _addresses(resolution, server.host):
            found[resolution.destination.at(server.transport, address, server.port)] = None
    if not found:
        return _fail(resolution, f"{resolution.destination.host} has no address")
    resolution = replace(resolution, state=State.DONE, waiting=frozenset())
    return resolution, (StopTimer("patience"), Resolved(tuple(found)[:MAX_TARGETS]))


NEXT: dict[State, Callable[[Resolution], tuple[Resolution, Outputs]]] = {
    State.SERVICES: _after_services,
    State.SERVERS: _after_servers,
    State.ADDRESSES: _conclude,
}
"""What happens when the last answer of a state has come."""


def _usable(resolution: Resolution) -> tuple[str, ...]:
    """Return the transports that come into question."""
    destination, ours = resolution.destination, resolution.means.transports
    if destination.is_secure:
        return tuple([each for each in ours if each == "tls"])
    if destination.transport is not None:
        return tuple([each for each in ours if each == destination.transport])
    return ours


def _default(resolution: Resolution) -> str:
    """Return the transport to use where the DNS does not say: UDP, if it may be (4.1)."""
    usable = _usable(resolution)
    return next(each for each in PREFIXES if each in usable)


def _own_services(resolution: Resolution) -> tuple[tuple[str, str], ...]:
    """Return the SRV names of the domain itself: a `sip:` URI that asks for no transport has none for TLS."""
    destination = resolution.destination
    is_open = destination.transport is None and not destination.is_secure
    asked = [each for each in _usable(resolution) if each != "tls" or not is_open]
    return tuple([(each, f"{PREFIXES[each]}.{destination.host}") for each in asked])


def _ask_servers(resolution: Resolution, services: tuple[tuple[str, str], ...]) -> tuple[Resolution, Outputs]:
    services = services[:MAX_SERVERS]
    resolution = replace(resolution, state=State.SERVERS, services=services)
    return _ask(resolution, [Query(name, Kind.SRV) for _, name in services])


def _ask_addresses(resolution: Resolution, servers: tuple[Server, ...]) -> tuple[Resolution, Outputs]:
    hosts = [each.host for each in servers if not is_ip_literal(each.host)]
    kinds = [FAMILIES[family] for family in resolution.means.families]
    resolution = replace(resolution, state=State.ADDRESSES, servers=servers)
    return _ask(resolution, [Query(host, kind) for host in hosts for kind in kinds])


def _ask(resolution: Resolution, queries: Iterable[Query]) -> tuple[Resolution, Outputs]:
    once = tuple(dict.fromkeys(queries))
    resolution = replace(resolution, waiting=frozenset(once), answers=Map())
    return (resolution, once) if once else NEXT[resolution.state](resolution)


def _records(resolution: Resolution, query: Query) -> tuple[object, ...]:
    answer = resolution.answers.get(query)
    return answer.records if answer is not None else ()


def _addresses(resolution: Resolution, host: str) -> list[str]:
    if is_ip_literal(host):
        return [host]
    found: list[str] = []
    for family in resolution.means.families:
        records = [each for each in _records(resolution, Query(host, FAMILIES[family])) if isinstance(each, str)]
        found += order.rotated(records[:MAX_ADDRESSES], resolution.entropy)
    return found


def _fail(resolution: Resolution, reason: str) -> tuple[Resolution, Outputs]:
    text = f"{reason}: {resolution.problem}" if resolution.problem else reason
    resolution = replace(resolution, state=State.DONE, waiting=frozenset())
    return resolution, (StopTimer("patience"), Unresolvable(text))
