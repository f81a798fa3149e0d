"""What this host knows of names: its hosts file, its own way to look names up, and which name servers it uses.

RFC: 6761 6.3, 6.4, 6762 3.
"""

from __future__ import annotations

import os
from pathlib import Path

import dns.exception
import dns.resolver
from gevent import socket as cooperative

from sipsimple.actors.wire.nameserver import BROKEN, NEGATIVE, Found
from sipsimple.actors.wire.sockets import Address, family_of
from sipsimple.protocols.sip.resolve.records import Answer, Kind, Query

HOSTS = "/etc/hosts"
CONFIGURATION = "/etc/resolv.conf"
MAX_SERVERS = 3
FAMILIES = {Kind.A: cooperative.AF_INET, Kind.AAAA: cooperative.AF_INET6}
_LOOPBACK = ("127.0.0.1", "::1")


class HostsFile:
    """The hosts file, read again when it has changed."""

    def __init__(self, path: str = HOSTS) -> None:
        self.path = Path(path)
        self._read_at: tuple[int, int] | None = None
        self._names: dict[str, tuple[str, ...]] = {}

    def addresses(self, name: str) -> tuple[str, ...] | None:
        """The addresses of a name of either family, None when it is to be asked for elsewhere."""
        if name == "localhost" or name.endswith(".localhost"):
            return self._known().get(name) or _LOOPBACK
        if name == "invalid" or name.endswith(".invalid"):
            return ()
        return self._known().get(name)

    def _known(self) -> dict[str, tuple[str, ...]]:
        try:
            status = os.stat(self.path)
            changed = (status.st_mtime_ns, status.st_size)
            if changed != self._read_at:
                self._names = _parsed(self.path.read_text("utf-8", "replace"))
                self._read_at = changed
        except OSError:
            self._names = {}
        return self._names


def _parsed(text: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        if family_of(address) is None:
            continue
        for name in names:
            known = found.get(name.lower(), ())
            found[name.lower()] = known if address in known else (*known, address)
    return found


def is_of_system(name: str) -> bool:
    """Whether the DNS as such does not know this name: the system has its search list, and mDNS."""
    return "." not in name or name.endswith(".local")


def system_addresses(query: Query) -> Found:
    """Ask the system, in a thread of gevent's; it does not say for how long the answer is good."""
    try:
        found = cooperative.getaddrinfo(query.name, None, FAMILIES[query.kind], cooperative.SOCK_DGRAM)
    except cooperative.gaierror as error:
        is_none = error.errno in (cooperative.EAI_NONAME, cooperative.EAI_NODATA)
        return Found(Answer(query), NEGATIVE) if is_none else Found(Answer(query, problem=str(error)), BROKEN)
    except (OSError, UnicodeError) as error:
        return Found(Answer(query, problem=str(error)), BROKEN)
    return Found(Answer(query, tuple(dict.fromkeys([str(each[4][0]) for each in found]))), NEGATIVE)


class SystemServers:
    """The name servers of the system, read again when its configuration has changed."""

    def __init__(self, path: str = CONFIGURATION) -> None:
        self.path = path
        self._read_at: int | None = None
        self._addresses: tuple[Address, ...] = ()

    def addresses(self) -> tuple[Address, ...]:
        """Their addresses; none when the system names none."""
        try:
            changed = os.stat(self.path).st_mtime_ns
        except OSError:
            changed = 0
        if changed != self._read_at:
            self._addresses = _configured()
            self._read_at = changed
        return self._addresses


def _configured() -> tuple[Address, ...]:
    try:
        resolver = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError):
        return ()
    hosts = [each for each in resolver.nameservers if isinstance(each, str) and family_of(each) is not None]
    return tuple([(host, resolver.port) for host in hosts[:MAX_SERVERS]])
