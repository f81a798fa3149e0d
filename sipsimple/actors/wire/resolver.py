"""From a SIP URI to a flow: the actors' side of `protocols.sip.resolve`.

The transaction user keeps the flow that it was given, and repeats of a request
(with credentials, say) go by it. When the flow fails it asks again and names the
flows that were tried: what the DNS said is known by then, so the next target
comes at once, in the order that RFC 2782 asks for.

RFC: 3263 4; 3261 18.1.1, 26.2.2.
"""

from __future__ import annotations

import secrets
from collections import deque
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import Actor, GivenUp, Ref, Supervisor, TimerFired, carries, handles
from sipsimple.actors.wire.job import start_job
from sipsimple.actors.wire.names import Names
from sipsimple.errors import ActorDied, LocalProtocolError, RemoteProtocolError, TransportFailed
from sipsimple.protocols.sip.resolve import search as core
from sipsimple.protocols.sip.resolve.records import Answer, Query
from sipsimple.protocols.sip.resolve.targets import Destination, chosen
from sipsimple.protocols.sip.usage.events import TargetFailed, TargetResolved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.actors.wire.transports import Transports
    from sipsimple.protocols.sip.resolve.search import Resolution
    from sipsimple.protocols.sip.resolve.targets import Target, Way
    from sipsimple.protocols.sip.transport import Flow


class Resolver:
    """Finds flows; a look-up that takes time is a child of `supervisor`.

    Args:
        transports: By which the flows lead.
        supervisor: Gets the look-ups, and the queries of `names`.
        names: Asks the DNS; None for the name servers of the system.
    """

    def __init__(self, transports: Transports, supervisor: Supervisor, names: Names | None = None) -> None:
        self.transports = transports
        self.supervisor = supervisor
        self.names = names or Names(supervisor)
        self._lookups = 0

    def resolve(
        self, text: str, transport: str | None, asker: Ref, tried: Iterable[Flow] = ()
    ) -> TargetResolved | TargetFailed | None:
        """Return the outcome when it is known at once; else None, and `asker` is told.

        Args:
            text: A Route value or a URI.
            transport: Overrides what the URI says; None does not.
            asker: Told `TargetResolved` or `TargetFailed`.
            tried: Flows of the same request that failed: others are wanted (RFC 3263 4.3).
        """
        try:
            destination = Destination.parse(text, transport)
        except RemoteProtocolError as error:
            return TargetFailed(error.reason)
        ways = frozenset([(each.transport, each.remote) for each in tried])
        resolution, outputs = self._as_far_as_known(destination)
        if resolution.state is core.State.DONE:
            return self.outcome(outputs[-1], ways)
        return self._look_up(resolution, outputs, asker, ways)

    def avoid(self, flow: Flow, seconds: float) -> None:
        """Try the far end of a flow last for a while: it answered 503, or nothing.

        What cannot be connected to is avoided without being told.
        """
        self.transports.avoided.add((flow.transport, flow.remote), seconds)

    def outcome(self, output: object, tried: frozenset[Way]) -> TargetResolved | TargetFailed:
        """Return what the asker is told: the flow to the best target, or why there is none."""
        if isinstance(output, core.Unresolvable):
            return TargetFailed(output.reason)
        assert isinstance(output, core.Resolved)
        left = list(output.targets)
        failure = "every target was tried" if tried else "no target"
        while (target := chosen(left, tried, self.transports.avoided)) is not None:
            try:
                return TargetResolved(self._flow(target))
            except (LocalProtocolError, TransportFailed) as error:
                failure = error.reason
            left.remove(target)
        return TargetFailed(failure)

    def _as_far_as_known(self, destination: Destination) -> tuple[Resolution, tuple[object, ...]]:
        """Begin a look-up and answer what is known already; what is left to carry comes with it."""
        resolution, outputs = core.begin(destination, self.transports.means(), secrets.randbits(64))
        queue, left = deque(outputs), []
        while queue:
            output = queue.popleft()
            answer = self.names.known(output) if isinstance(output, Query) else None
            if answer is None:
                left.append(output)
            else:
                resolution, more = core.answered(resolution, answer)
                queue.extend(more)
        return resolution, tuple(left)

    def _look_up(
        self, resolution: Resolution, outputs: tuple[object, ...], asker: Ref, tried: frozenset[Way]
    ) -> TargetFailed | None:
        self._lookups += 1
        arguments = (self, asker, tried, resolution, outputs)

        def give_up(_: GivenUp) -> None:
            asker.tell(TargetFailed("the look-up crashed"))

        try:
            start_job(self.supervisor, f"lookup-{self._lookups}", Lookup, arguments, give_up)
        except ActorDied:
            return TargetFailed("shutting down")
        return None

    def _flow(self, target: Target) -> Flow:
        return self.transports.flow_to(target.transport, target.host, target.port, target.server_name)


class Lookup(Actor):
    """One look-up: asks what its core asks for, tells the outcome, and ends.

    Args:
        resolver: Which knows the names and the transports.
        asker: Told the outcome.
        tried: What is not wanted again.
        resolution: The look-up as far as it has come.
        outputs: What it asked for and has not got.
    """

    def __init__(
        self,
        resolver: Resolver,
        asker: Ref,
        tried: frozenset[Way],
        resolution: Resolution,
        outputs: tuple[object, ...],
    ) -> None:
        super().__init__()
        self.resolver = resolver
        self.asker = asker
        self.tried = tried
        self.outputs = outputs
        self.state = resolution

    def started(self) -> None:
        """Ask."""
        self.advance(_carry, self.outputs)

    def restarted(self) -> None:
        """Ask again for what is still waited for: the crash may have cost the answer."""
        self.advance(_carry, tuple(self.state.waiting))

    @handles(Answer)
    def take(self, answer: Answer) -> None:
        """Go on with an answer."""
        self.advance(core.answered, answer)

    @handles(TimerFired)
    def hurry(self, _: TimerFired) -> None:
        """Wait no longer."""
        self.advance(core.timer_fired)

    @carries(Query)
    def ask(self, query: Query) -> None:
        """Ask for records."""
        answer = self.resolver.names.ask(query, self.ref)
        if answer is not None:
            self.advance(core.answered, answer)

    @carries(core.Resolved)
    @carries(core.Unresolvable)
    def tell(self, output: object) -> None:
        """Tell the outcome, and end."""
        self.asker.tell(self.resolver.outcome(output, self.tried))
        self.stop()


def _carry(resolution: Resolution, outputs: tuple[object, ...]) -> tuple[Resolution, tuple[object, ...]]:
    return resolution, outputs
