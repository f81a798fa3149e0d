"""Which flows are needed, and by whom.

Thousands of registrations may share one connection. It needs one keep-alive, and
when it is lost they must not all ask anew at the same moment.

RFC: 5626 4.4, 4.4.1, 4.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from immutables import Map

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.registration.events import FlowLost
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Ref
    from sipsimple.protocols.sip.transport import Flow

PACE = 500
"""So many of those who shared a flow that was lost ask anew in one second; the first does at once."""

Way = tuple[str, tuple[str, int]]
"""Transport and far end: what makes a flow, as connections come and go."""


class Keep(Value, gc=True):
    """`user` needs `flow` from now on, in place of the one before; it is told `FlowLost`.

    Attributes:
        user: Who needs it.
        flow: The flow.
        every: Seconds between two signs of life; None: it needs none.
    """

    user: Ref
    flow: Flow
    every: float | None


class LetGo(Value, gc=True):
    """`user` needs no flow any more."""

    user: Ref


class Ping(Value):
    """Output: give a sign of life."""

    flow: Flow


class Told(Value, gc=True):
    """Output: tell `user` that its flow is lost."""

    user: Ref
    event: FlowLost


class Kept(Value, gc=True):
    """One flow that is needed."""

    flow: Flow
    every: float | None = None
    users: Map[Ref, None] = Map()


class State(Value, gc=True):
    """All flows that are needed, and who needs which."""

    kept: Map[Way, Kept] = Map()
    ways: Map[Ref, Way] = Map()


Step = tuple[State, tuple[object, ...]]


def way_of(flow: Flow) -> Way:
    """Return where a flow leads."""
    return flow.transport, flow.remote


def keep(state: State, event: Keep) -> Step:
    """Note who needs what; a flow gives signs of life as often as the most anxious of its users wants."""
    way, user = way_of(event.flow), event.user
    outputs: tuple[object, ...] = ()
    if state.ways.get(user, way) != way:
        state, outputs = let_go(state, user)
    kept = state.kept.get(way) or Kept(event.flow)
    rates = [each for each in (kept.every, event.every) if each is not None]
    every = min(rates, default=None)
    if every is not None and every != kept.every:
        outputs += (StartTimer(way, every),)
    kept = Kept(event.flow, every, kept.users if user in kept.users else kept.users.set(user, None))
    return State(state.kept.set(way, kept), state.ways.set(user, way)), outputs


def let_go(state: State, user: Ref) -> Step:
    """Forget who needs nothing any more, and the flow that nobody else needs."""
    way = state.ways.get(user)
    if way is None:
        return state, ()
    ways, kept = state.ways.delete(user), state.kept[way]
    users = kept.users.delete(user)
    if users:
        return State(state.kept.set(way, replace(kept, users=users)), ways), ()
    return State(state.kept.delete(way), ways), (StopTimer(way),)


def due(state: State, way: Way) -> Step:
    """Give a sign of life."""
    kept = state.kept.get(way)
    if kept is None or kept.every is None:
        return state, ()
    return state, (Ping(kept.flow), StartTimer(way, kept.every))


def lose(state: State, way: Way, reason: str) -> Step:
    """Tell all who need the flow, one after the other; whoever gets through says so again."""
    kept = state.kept.get(way)
    if kept is None:
        return state, ()
    told = [Told(user, FlowLost(number / PACE, reason)) for number, user in enumerate(kept.users)]
    ways = state.ways
    for user in kept.users:
        ways = ways.delete(user)
    return State(state.kept.delete(way), ways), (StopTimer(way), *told)
