"""The examination: one check after another, each within its limit."""

from __future__ import annotations

from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import gevent

from sipsimple.actors.runtime import System
from sipsimple.actors.wire.names import Names
from sipsimple.actors.wire.sockets import source_address
from sipsimple.cli.doctor.audio import check_audio
from sipsimple.cli.doctor.certificates import check_certificates
from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.cli.doctor.fragmentation import check_fragmentation
from sipsimple.cli.doctor.installation import check_installation
from sipsimple.cli.doctor.names import check_names
from sipsimple.cli.doctor.nat import Lookout, check_nat
from sipsimple.cli.doctor.ports import check_ports
from sipsimple.cli.doctor.registrar import check_registrar
from sipsimple.cli.doctor.relay import check_relay
from sipsimple.cli.doctor.settings import check_settings
from sipsimple.cli.doctor.transports import check_transports
from sipsimple.cli.endpoint import EndpointOptions, running
from sipsimple.cli.refusal import Refused
from sipsimple.core import Engine
from sipsimple.errors import SIPSimpleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sipsimple.cli.doctor.subject import Subject

    Check = Callable[[Subject], Iterator[Finding]]

BEFORE: tuple[tuple[str, Check], ...] = (
    ("installation", check_installation),
    ("settings", check_settings),
    ("ports", check_ports),
    ("dns", check_names),
)
"""Checks that need no engine."""

RUNNING: tuple[tuple[str, Check], ...] = (
    ("transports", check_transports),
    ("tls", check_certificates),
    ("registrar", check_registrar),
    ("nat", check_nat),
)
"""Checks that need one."""

AFTER: tuple[tuple[str, Check], ...] = (
    ("audio", check_audio),
    ("relay", check_relay),
    ("fragmentation", check_fragmentation),
)
"""Checks that need none, and are the last."""

OWN_PORTS = ("local_udp_port", "local_tcp_port", "local_tls_port")


def examine(subject: Subject, trace: Path | None = None) -> Iterator[Finding]:
    """Carry out every check, and tell what it finds as soon as it does."""
    yield from carried_out(BEFORE, subject)
    if subject.account is None or not subject.targets:
        reason = "there is no account" if subject.account is None else "no server is known"
        yield from (Clerk(name).skipped(reason) for name, _ in RUNNING)
    else:
        try:
            with running(_options(subject, trace)), Lookout(subject.seen):
                _use_name_servers(subject)
                yield from carried_out(RUNNING, subject)
        except Refused as refusal:
            yield Clerk("engine").wrong(f"the engine does not start: {refusal}", "Look at [engine] in the settings.")
    yield from carried_out(AFTER, subject)


def _options(subject: Subject, trace: Path | None) -> EndpointOptions:
    """Return the options of an engine beside the one that the user may have running: at ports of its own."""
    host = subject.engine.get("local_ip") or source_address(subject.targets[0].host)
    engine = {name: value for name, value in subject.engine.items() if name not in OWN_PORTS}
    return EndpointOptions(host, trace=trace, trace_sip=True, engine=engine)


def _use_name_servers(subject: Subject) -> None:
    if subject.name_servers is not None:
        resolver = Engine().core.around.resolver
        resolver.names = Names(resolver.supervisor, subject.name_servers)


def carried_out(checks: tuple[tuple[str, Check], ...], subject: Subject) -> Iterator[Finding]:
    """Carry out checks, each within the limit; one that cannot go on does not keep the next one from it."""
    for name, check in checks:
        yield from _within_limit(name, check, subject)


def _within_limit(name: str, check: Check, subject: Subject) -> Iterator[Finding]:
    limit = gevent.Timeout.start_new(subject.limit)
    try:
        yield from check(subject)
    except gevent.Timeout as expired:
        if expired is not limit:
            raise
        yield Clerk(name).wrong(
            f"this check took more than {subject.limit:.0f} s", "Try again with a longer --timeout."
        )
    except (SIPSimpleError, OSError, ValueError) as error:
        yield Clerk(name).wrong(str(error) or type(error).__name__, "This check could not go on.")
    finally:
        limit.close()


@contextmanager
def actors() -> Iterator[System]:
    """Have a system of actors for the length of the block."""
    system = System()
    with closing(_Stopping(system)):
        yield system


class _Stopping:
    def __init__(self, system: Any) -> None:
        self._system = system

    def close(self) -> None:
        self._system.stop()
