"""An MSRP session that reaches its peer through relays of ours (RFC 4976): it gets its path first.

It starts the actor that keeps the path, is that actor's owner, and gives the path back when it ends. A relay that may
not be there is looked for; without one the peer connects to us.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sipsimple.actors.msrp.relay import MSRPRelay
from sipsimple.actors.msrp.relay_finder import LookUp, MSRPRelayFinder, RelayLookedUp, look_up
from sipsimple.actors.msrp.relay_messages import RelayFailed, RelayPathChanged, RelayReserved, Release
from sipsimple.actors.runtime import Actor, ChildSpec, Ref, Restart, handles
from sipsimple.protocols.sdp.message_media import CEMA, MessageMedia

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from sipsimple.actors.msrp.listener import MSRPListener
    from sipsimple.actors.msrp.relay_finder import RelayTarget
    from sipsimple.actors.msrp.relay_port import MSRPRelayPort
    from sipsimple.protocols.msrp.relay.state import Reservation
    from sipsimple.protocols.sdp.media import Media


_OF_HOP = (CEMA, "fingerprint")
"""What a line says of the first hop, and so perhaps no more."""


@dataclass(frozen=True, slots=True)
class RelayPlan:
    """How a session gets its path.

    Attributes:
        reservation: From `protocols.msrp.relay.create`, with the session's own URI.
        port: Made for this session, or shared with others whose relay is started elsewhere.
        target: The nearest relay.
        context: For TLS; None for one that trusts the system's authorities.
        find: Looks SRV records up.
        direct: Where the peer may connect to if the domain of the target has no relay; None: it has to have one.
        describe: Called with our line when the path is known.
    """

    reservation: Reservation = field(repr=False)
    port: MSRPRelayPort
    target: RelayTarget
    context: ssl.SSLContext | None = None
    find: LookUp = look_up
    direct: MSRPListener | None = None
    describe: Callable[[Media], None] | None = None


class RelayedSession(Actor):
    """The rows of a session's actor that are about its path at a relay.

    Attributes:
        plan: How to get the path.
    """

    plan: RelayPlan

    # For the session to say

    @property
    @abstractmethod
    def awaits_path(self) -> bool:
        """Whether the path is still to be told to the peer."""

    @property
    @abstractmethod
    def path_id(self) -> str:
        """The session id in our own URI."""

    @abstractmethod
    def be_direct(self) -> None:
        """Let the peer connect to us: there is no relay."""

    @abstractmethod
    def take_path(self, path: tuple[str, ...]) -> None:
        """Say that we can be reached, and how."""

    @abstractmethod
    def change_path(self, path: tuple[str, ...]) -> None:
        """Send by another path from now on, and have the peer told."""

    @abstractmethod
    def lose_path(self, reason: str) -> None:
        """End: there is no way to the peer, or no longer."""

    # What the session may do

    def ask_for_path(self) -> None:
        """Ask for the path; what comes through it is ours from then on. Asking again changes nothing."""
        plan = self.plan
        if plan.direct is None or plan.target.host is not None:
            self._ask(plan.find)
        elif self.supervisor.child(f"{self._relay_id} finder") is None:
            arguments = (self.ref, plan.target, plan.find)
            spec = ChildSpec(f"{self._relay_id} finder", MSRPRelayFinder, arguments, Restart.TRANSIENT)
            self.supervisor.start_child(spec)

    def release_path(self) -> None:
        """Give the path back."""
        relay = self.supervisor.child(self._relay_id)
        if isinstance(relay, Ref):
            relay.tell(Release())

    def _ask(self, find: LookUp) -> None:
        plan = self.plan
        plan.port.expect(self.path_id, self.ref)
        if self.supervisor.child(self._relay_id) is None:
            arguments = (plan.reservation, plan.port, plan.target, self.ref, plan.context, find)
            self.supervisor.start_child(ChildSpec(self._relay_id, MSRPRelay, arguments, Restart.TRANSIENT))

    @property
    def _relay_id(self) -> str:
        return f"{self.name.rpartition('/')[2]}-relay"

    # What it is told

    @handles(RelayLookedUp)
    def be_found(self, event: RelayLookedUp) -> None:
        """Ask the relay of the domain, or let the peer connect to us."""
        if not self.awaits_path:
            return
        if event.services:
            self._ask(lambda _name: list(event.services))
            return
        self.log.info("relay.none", domain=self.plan.target.domain)
        self.be_direct()

    @handles(RelayReserved)
    def be_reserved(self, event: RelayReserved) -> None:
        """Take the path."""
        if self.awaits_path:
            self.take_path(event.path)

    @handles(RelayPathChanged)
    def be_moved(self, event: RelayPathChanged) -> None:
        """Go over to another path; one that nobody was told of yet is told as it is now."""
        self.log.info("session.moved", hops=len(event.path))
        self.change_path(event.path)

    @handles(RelayFailed)
    def not_be_reserved(self, event: RelayFailed) -> None:
        """Be without a path."""
        reason = f"{event.code} {event.reason}" if event.code else event.reason
        self.lose_path(f"the MSRP relay: {reason}")


def with_path(media: Media, path: tuple[str, ...]) -> Media:
    """Put a path into our line; what the line says of a file stays.

    Behind a relay nobody sees our certificate, so its fingerprint is not told.
    """
    line = MessageMedia.from_media(media)
    moved = replace(line, path=path, fingerprint=line.fingerprint if len(path) == 1 else None).to_media()
    now = {each.name: each for each in moved.attributes}
    kept = [now.get(each.name, each) for each in media.attributes if each.name in now or each.name not in _OF_HOP]
    return moved.with_(attributes=tuple(kept))
