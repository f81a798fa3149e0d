"""DNS: what the records of the domain or proxy say, and where RFC 3263 has requests go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.wire.sockets import address_text
from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.cli.doctor.lookups import LookUps
from sipsimple.protocols.sip.resolve.records import NAPTR, SRV, Answer, Kind, Query
from sipsimple.protocols.sip.resolve.search import FAMILIES, PREFIXES, Means, Resolved
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.cli.doctor.subject import Subject
    from sipsimple.protocols.sip.resolve.targets import Destination, Target

dns = Clerk("dns")

TRANSPORTS = ("udp", "tcp", "tls")
SHOWN = 4
"""So many targets are named."""

MISSPELT = "Is the domain spelt right in the settings? A server that has no records can be named by outbound_proxy."
OTHER_FAMILY = (
    "It has one of the other IP version: set local_ip in [engine] to an address of this host of that version."
)
DISCONNECTED = "Is this host connected? Do the name servers in /etc/resolv.conf answer others?"


def check_names(subject: Subject) -> Iterator[Finding]:
    """Look up what a request of the account would."""
    if subject.account is None:
        yield dns.skipped("there is no account whose server could be looked up")
        return
    destination, means = subject.destination, _means(subject)
    lookups = LookUps(subject.system, subject.name_servers)
    if destination.is_numeric:
        yield dns.ok(f"the server is given by its address, {destination.host}: there is nothing to look up")
    else:
        yield from _records(destination, means, lookups)
    outcome = lookups.resolve(destination, means)
    if not isinstance(outcome, Resolved):
        yield dns.wrong(outcome.reason, _advice(destination.host, means, lookups))
        return
    subject.targets = outcome.targets
    subject.alternatives = _alternatives(destination, means, lookups, outcome.targets)
    yield dns.ok(f"requests go to {chain(outcome.targets)}")


def _advice(host: str, means: Means, lookups: LookUps) -> str:
    """Return what to do about a server without address."""
    if any(each.problem for each in lookups.answers(_addresses(host, means))):
        return DISCONNECTED
    others = [Query(host, kind) for family, kind in FAMILIES.items() if family not in means.families]
    return OTHER_FAMILY if any(each.records for each in lookups.answers(others)) else MISSPELT


def _means(subject: Subject) -> Means:
    """Return what the engine will be able to use: it listens in the family of its one address."""
    destination = subject.destination
    host = subject.engine.get("local_ip") or (destination.host if destination.is_numeric else "")
    return Means(TRANSPORTS, (6 if ":" in host else 4,))


def _records(destination: Destination, means: Means, lookups: LookUps) -> Iterator[Finding]:
    """Tell what the domain has: what counts is told by `chain`."""
    host = destination.host
    queries = []
    if destination.port is None:
        queries = [Query(f"{PREFIXES[each]}.{host}", Kind.SRV) for each in TRANSPORTS]
        if destination.transport is None:
            queries.insert(0, Query(host, Kind.NAPTR))
    answers = lookups.answers([*queries, *_addresses(host, means)])
    for answer in answers:
        if answer.problem is not None:
            servers = ", ".join(map(address_text, lookups.servers)) or "none is known"
            yield dns.warning(f"{named(answer.query)}: {answer.problem}", f"Name servers: {servers}. {DISCONNECTED}")
    found = [line for answer in answers if answer.records for line in [f"{named(answer.query)}: {shown(answer)}"]]
    missing = [named(answer.query) for answer in answers if not answer.records and answer.problem is None]
    if found:
        yield dns.ok("; ".join(found))
    if missing:
        yield dns.ok(f"there is no {', no '.join(missing)}")
    yield from _servers_without_address(answers, means, lookups)


def _servers_without_address(answers: list[Answer], means: Means, lookups: LookUps) -> Iterator[Finding]:
    hosts = {each.target: None for answer in answers for each in answer.records if isinstance(each, SRV)}
    for host in hosts:
        if host in ("", ".") or any(each.records for each in lookups.answers(_addresses(host, means))):
            continue
        yield dns.warning(
            f"an SRV record names {host}, which has no address",
            "Whoever keeps the records of the domain should remove or mend it.",
        )


def _addresses(host: str, means: Means) -> list[Query]:
    return [Query(host, FAMILIES[each]) for each in means.families]


def _alternatives(
    destination: Destination, means: Means, lookups: LookUps, targets: tuple[Target, ...]
) -> dict[str, Target]:
    """Return where requests would go by the other transports; the port that is given is TLS's or that of the others."""
    if destination.is_secure:
        return {}
    used = {each.transport for each in targets}
    found = {}
    for transport in [each for each in TRANSPORTS if each not in used]:
        port = destination.port if (transport == "tls") == (targets[0].transport == "tls") else None
        outcome = lookups.resolve(replace(destination, transport=transport, port=port), means)
        if isinstance(outcome, Resolved):
            found[transport] = outcome.targets[0]
    return found


def named(query: Query) -> str:
    """Return a query in words."""
    return f"{query.kind.value} of {query.name}"


def shown(answer: Answer) -> str:
    """Return the records of an answer, as zone files have them; those that come first stand first."""
    return ", ".join([_record(each) for each in sorted(answer.records, key=_rank)])


def _rank(record: object) -> tuple[int, int]:
    if isinstance(record, NAPTR):
        return record.order, record.preference
    return (record.priority, -record.weight) if isinstance(record, SRV) else (0, 0)


def _record(record: object) -> str:
    if isinstance(record, NAPTR):
        return f"{record.order} {record.preference} {record.service} {record.replacement}"
    if isinstance(record, SRV):
        return f"{record.priority} {record.weight} {record.target}:{record.port}"
    return str(record)


def chain(targets: tuple[Target, ...]) -> str:
    """Return the targets in their order, in words."""
    shown = [f"{each.transport} {address_text((each.host, each.port))}" for each in targets[:SHOWN]]
    more = f", and {len(targets) - SHOWN} more" if len(targets) > SHOWN else ""
    return f"{', then '.join(shown)}{more}"
