"""The transports: whether the servers answer OPTIONS by UDP, TCP and TLS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gevent

from sipsimple.actors.wire.sockets import address_text
from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.cli.doctor.probe import Probe, probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sipsimple.cli.doctor.subject import Subject
    from sipsimple.protocols.sip.resolve.targets import Target

transports = Clerk("transports")

MOST = 4
"""So many targets are asked; the others are spares of spares."""

SLOW_MS = 1000.0

NOBODY = "Nothing listens there. Are address, port and transport right in the settings? Is the server up?"
SILENT = {
    "udp": 'Is the address right? A firewall may drop UDP: try transport = "tcp" or "tls" in the settings.',
    "tcp": "Is the address right? A firewall may drop it: try another transport in the settings.",
    "tls": "Is the address right? A firewall may drop it; SIP over TLS is at port 5061 by default.",
}
HANDSHAKE = "See what the check of TLS says."


def check_transports(subject: Subject) -> Iterator[Finding]:
    """Ask each target, and those of the transports that are not used."""
    if not subject.targets or subject.account is None:
        yield transports.skipped("no server is known")
        return
    used = subject.targets[:MOST]
    asked = [*used, *subject.alternatives.values()]
    probes = _asked([each for each in asked if each.transport != "tls"], subject)
    probes |= _asked([each for each in asked if each.transport == "tls"], subject)  # after: keys cost others time
    subject.reached.update(each.target for each in probes.values() if each.is_answered)
    yield from judge([probes[each] for each in used], [probes[each] for each in subject.alternatives.values()])


def _asked(targets: Sequence[Target], subject: Subject) -> dict[Target, Probe]:
    """Ask all at once."""
    assert subject.account is not None, "who asks is known"
    asking = [gevent.spawn(probe, each, subject.account.uri, subject.patience) for each in targets]
    try:
        gevent.joinall(asking, raise_error=True)
    finally:
        gevent.killall(asking)
    return {each: greenlet.value for each, greenlet in zip(targets, asking, strict=True)}


def judge(used: Sequence[Probe], others: Sequence[Probe]) -> Iterator[Finding]:
    """Say what the answers mean: a target that is silent is wrong unless another one is there in its place.

    Args:
        used: Of the targets that requests go to.
        others: Of transports that they do not go by.
    """
    is_reached = any(each.is_answered for each in used)
    for each in used:
        if each.is_answered:
            yield _answered(each)
        else:
            tell = transports.warning if is_reached else transports.wrong
            yield tell(f"{_way(each)}: {each.reason}", advice(each))
    for each in others:
        if each.is_answered:
            yield _answered(each)
        else:
            yield transports.skipped(f"{_way(each)} is not used, and not there: {each.reason}")


def advice(silent: Probe) -> str:
    """Return what to do about a target that does not answer."""
    reason = silent.reason.lower()
    if "refused" in reason:
        return NOBODY
    if silent.target.transport == "tls" and ("certificate" in reason or "tls" in reason or "ssl" in reason):
        return HANDSHAKE
    return SILENT[silent.target.transport]


def _answered(each: Probe) -> Finding:
    what = f"{_way(each)} answers {each.code} {each.reason} after {each.milliseconds:.0f} ms"
    if each.milliseconds > SLOW_MS:
        return transports.warning(what, "That is slow: calls begin late. A lost packet, a busy server or a far one?")
    return transports.ok(what)


def _way(each: Probe) -> str:
    return f"{each.target.transport} {address_text((each.target.host, each.target.port))}"
