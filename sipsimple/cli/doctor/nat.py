"""NAT: whether the server sees us at the address that we have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.wire.own_address import seen_from_outside
from sipsimple.actors.wire.sockets import address_text, family_of, local_towards
from sipsimple.cli.doctor.finding import Clerk, Finding
from sipsimple.cli.doctor.lookups import LookUps
from sipsimple.core import Engine
from sipsimple.errors import RemoteProtocolError
from sipsimple.notification import NotificationCenter
from sipsimple.protocols.sip.headers.via import Via
from sipsimple.protocols.sip.message import Response, parse
from sipsimple.protocols.sip.resolve.records import Kind, Query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from sipsimple.actors.wire.sockets import Address
    from sipsimple.cli.doctor.subject import Subject
    from sipsimple.notification import Notification

nat = Clerk("nat")

TRANSLATED = (
    "Calls come in only while the way to the registrar is kept open, as Registration does. For audio let the server"
    " relay it, or set use_ice with a STUN server in [accounts.NAME.rtp]; with a fixed mapping of ports set"
    " advertised_host in [engine]."
)


class Lookout:
    """An observer that notes where servers have seen our requests come from; use as a context.

    The last response by each transport counts.
    """

    def __init__(self, seen: dict[str, Address]) -> None:
        self._seen = seen

    def __enter__(self) -> Self:
        NotificationCenter().add_observer(self, sender=Engine())
        return self

    def __exit__(self, *_: object) -> None:
        NotificationCenter().discard_observer(self, sender=Engine())

    def handle_notification(self, notification: Notification) -> None:
        """Read the top Via of a response."""
        data = notification.data
        if notification.name != "SCEngineSIPTrace" or not data.received:
            return
        try:
            message = parse(data.data.encode("utf-8", "surrogateescape"))
            if isinstance(message, Response):
                seen = seen_from_outside(Via.parse_top(message.get("via") or ""))
                if seen is not None:
                    self._seen[data.transport] = seen
        except RemoteProtocolError:
            return  # what is malformed tells nothing


def check_nat(subject: Subject) -> Iterator[Finding]:
    """Compare where the server sees us with where we are."""
    if not subject.targets:
        yield nat.skipped("no server is known")
        return
    transport, remote = subject.targets[0].way
    seen = subject.seen.get(transport)
    if seen is None:
        yield nat.skipped("no answer says where the server sees us")
        return
    engine = Engine()
    host, _ = local_towards((engine.core.host, 0), remote[0])
    port = engine.local_udp_port if transport == "udp" else None
    yield judge((host, port), seen, _advertised(subject))


def _advertised(subject: Subject) -> tuple[str, ...]:
    """Return the addresses that peers are told, also where the settings have a name."""
    host = subject.engine.get("advertised_host")
    if host is None or family_of(host) is not None:
        return () if host is None else (host,)
    answers = LookUps(subject.system, subject.name_servers).answers([Query(host, Kind.A), Query(host, Kind.AAAA)])
    return tuple([str(record) for answer in answers for record in answer.records]) or (host,)


def judge(own: tuple[str, int | None], seen: Address, advertised: tuple[str, ...] = ()) -> Finding:
    """Say whether somebody translates our address.

    Args:
        own: Address and port that we send from; the port is None where it says nothing, as of a connection.
        seen: Where the server saw it come from.
        advertised: What the settings have peers told; empty: nothing.
    """
    host, port = own
    if seen[0] == host and (port is None or seen[1] == port):
        return nat.ok(f"the server sees us where we are, at {address_text(seen)}: there is no NAT between")
    if seen[0] == host:
        return nat.warning(f"the server sees us at port {seen[1]}, and not at our own, {port}", TRANSLATED)
    if seen[0] in advertised:
        return nat.ok(f"we are at {host}, and the server sees us at {seen[0]}, which advertised_host says")
    if advertised:
        what = f"advertised_host says {', '.join(advertised)}, and the server sees us at {seen[0]}"
        return nat.warning(what, "Is advertised_host right in [engine]?")
    return nat.warning(f"we are at {host}, and the server sees us at {address_text(seen)}: NAT is between", TRANSLATED)
