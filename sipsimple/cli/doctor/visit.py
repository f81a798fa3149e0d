"""One run of `sipsimple doctor`: examines, tells, and can be ended at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import gevent

from sipsimple.actors.wire.sockets import Address, family_of
from sipsimple.cli.doctor.examination import actors, examine
from sipsimple.cli.doctor.report import Lines, Screen, is_sound
from sipsimple.cli.doctor.subject import Subject
from sipsimple.cli.endpoint import on_signals
from sipsimple.cli.refusal import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.cli.doctor.finding import Finding

DNS_PORT = 53


@dataclass(frozen=True, slots=True)
class Order:
    """What the options say.

    Attributes:
        account: Its name; None: the default one.
        config: The settings file; None: the default one.
        limit: Seconds that each check may take.
        name_servers: To be asked in place of those of the system.
        trace: File for the structured log.
    """

    account: str | None = None
    config: Path | None = None
    limit: float = 20.0
    name_servers: tuple[Address, ...] | None = None
    trace: Path | None = None


def doctor(order: Order, as_json: bool) -> bool:
    """Examine everything; tell whether nothing is wrong and nobody has ended it before."""
    findings: list[Finding] = []

    def work() -> None:
        with actors() as system:
            subject = Subject(system, order.account, order.config, order.limit, order.name_servers)
            for finding in examine(subject, order.trace):
                findings.append(finding)
                report.tell(finding)
        report.close()

    work_of = gevent.Greenlet(work)
    report = Lines(work_of.kill) if as_json else Screen()

    def interrupt() -> None:
        work_of.kill(block=False)

    on_signals(interrupt)
    work_of.start()
    work_of.join()
    if work_of.exception is not None:
        raise work_of.exception
    return is_sound(findings) and not isinstance(work_of.value, gevent.GreenletExit)


def name_server(text: str) -> Address:
    """Read `192.0.2.1` or `192.0.2.1:53`.

    Raises:
        Refused: It is no address.
    """
    host, port = text, str(DNS_PORT)
    if family_of(text) is None:
        host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if family_of(host) is None or not port.isdecimal() or not 0 < int(port) < 65536:
        raise Refused(f"not the address of a name server: {text!r} (try 192.0.2.1:53)")
    return host, int(port)
