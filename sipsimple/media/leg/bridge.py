"""Two legs that hear each other. Both must be in one worker: the one that asked moves beside the other.

Each tells the other where it sounds. Where the worker of the one that was asked
is full, both go to a third one: the pool keeps room there, and the one that
moves calls the other. A bridge outlives lost workers; nothing is posted of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.media import wire
from sipsimple.media.leg import seats
from sipsimple.media.leg.outputs import Note, TellPeer
from sipsimple.media.leg.state import OFFER, Bridge, State

if TYPE_CHECKING:
    from sipsimple.media.leg.events import BridgeWith, PeerAt, PeerGone
    from sipsimple.media.leg.state import Leg
    from sipsimple.media.seat.state import Outputs

MOST_MOVES = 3


def bridge_with(leg: Leg, event: BridgeWith, _now: float) -> tuple[Leg, Outputs]:
    """Ask the other leg; it answers where it is."""
    leg, ended = _end(leg, event.other)
    leg = replace(leg, bridge=Bridge(event.other, leads=False))
    return leg, (*ended, TellPeer(event.other, *_place(leg), is_asking=True))


def unbridge(leg: Leg, _event: object, _now: float) -> tuple[Leg, Outputs]:
    """Part from the other leg; a move to it that nobody knows of yet is not made."""
    leg, ended = _end(leg)
    if leg.state is State.MOVING and leg.seat is not None:
        leg, dropped = seats.drop_candidate(leg)
        return replace(leg, state=State.RUNNING), (*ended, *dropped)
    return leg, ended


def peer_at(leg: Leg, event: PeerAt, now: float) -> tuple[Leg, Outputs]:
    """Take the wish of another leg, or the news where it is."""
    outputs: Outputs = ()
    bridge = leg.bridge
    if event.is_asking:
        is_mutual = bridge is not None and bridge.peer is event.peer and not bridge.leads
        leg, outputs = _end(leg, event.peer)
        bridge = Bridge(event.peer, leads=not is_mutual, is_mutual=is_mutual)
        outputs = (*outputs, TellPeer(event.peer, *_place(leg)))
    elif bridge is None or bridge.peer is not event.peer:
        return leg, (TellPeer(event.peer, is_gone=True),)
    if event.is_calling:
        return _follow(leg, bridge, event.token)
    bridge = replace(bridge, token=event.token, worker=event.worker, is_on=False, is_awaiting=False)
    leg, joined = join(replace(leg, bridge=bridge), now)
    return leg, (*outputs, *joined)


def peer_gone(leg: Leg, event: PeerGone, _now: float) -> tuple[Leg, Outputs]:
    """Forget the other leg, which ended the bridge or itself."""
    bridge = leg.bridge
    if bridge is None or bridge.peer is not event.peer:
        return leg, ()
    leg, parted = replace(leg, bridge=None), _parted(leg)
    if leg.state is State.MOVING and leg.seat is not None:
        leg, dropped = seats.drop_candidate(leg)
        return replace(leg, state=State.RUNNING), (*parted, *dropped)
    return leg, parted


def join(leg: Leg, _now: float) -> tuple[Leg, Outputs]:
    """Hear each other where both are in one worker; else go there, if that is our part."""
    bridge, seat = leg.bridge, leg.seat
    if bridge is None or not bridge.token or seat is None or seat.link is None or bridge.is_on:
        return leg, ()
    if bridge.worker == seat.link.name:
        leg = replace(leg, bridge=replace(bridge, is_on=True))
        told = seats.to_worker(leg, lambda token: wire.Bridge(token, bridge.token))
        return leg, (*told, Note("bridge.started", {"worker": bridge.worker}))
    leads = seat.token < bridge.token if bridge.is_mutual else bridge.leads
    if leads or bridge.is_awaiting or leg.state is not State.RUNNING or not _is_answered(leg):
        return leg, ()
    return _follow(leg, bridge, bridge.token)


def _is_answered(leg: Leg) -> bool:
    return leg.sound.is_watched  # not only early


def _follow(leg: Leg, bridge: Bridge | None, token: str) -> tuple[Leg, Outputs]:
    if bridge is None or leg.state is not State.RUNNING or leg.seat is None or bridge.moves >= MOST_MOVES:
        return leg, ()
    bridge = replace(bridge, moves=bridge.moves + 1)
    return seats.take_seat(replace(leg, bridge=bridge, state=State.MOVING, ask=OFFER), OFFER, token)


def call_here(leg: Leg, worker: str) -> tuple[Leg, Outputs]:
    """Call the other leg to the worker that this one was given instead."""
    bridge, candidate = leg.bridge, leg.candidate
    if bridge is None or candidate is None:
        return leg, ()
    leg = replace(leg, bridge=replace(bridge, is_awaiting=True))
    return leg, (TellPeer(bridge.peer, candidate.token, worker, is_calling=True),)


def announce(leg: Leg) -> Outputs:
    """Tell the other leg where this one is now."""
    return () if leg.bridge is None else (TellPeer(leg.bridge.peer, *_place(leg)),)


def departed(leg: Leg) -> tuple[Leg, Outputs]:
    """Tell the other leg that this one has lost its worker."""
    if leg.bridge is None:
        return leg, ()
    return replace(leg, bridge=replace(leg.bridge, is_on=False)), (TellPeer(leg.bridge.peer),)


def stay(leg: Leg, why: str) -> tuple[Leg, Outputs]:
    """Note that a move was not made."""
    if leg.bridge is None:
        return leg, ()
    leg = replace(leg, bridge=replace(leg.bridge, is_awaiting=False))
    return leg, (Note("bridge.failed", {"why": why}),)


def finish(leg: Leg) -> tuple[Leg, Outputs]:
    """Tell the other leg that this one ends."""
    return _end(leg)


def _end(leg: Leg, but: object = None) -> tuple[Leg, Outputs]:
    """End the bridge; the other leg is told, unless it is `but`."""
    bridge = leg.bridge
    if bridge is None:
        return leg, ()
    told = () if bridge.peer is but else (TellPeer(bridge.peer, is_gone=True),)
    return replace(leg, bridge=None), (*_parted(leg), *told)


def _parted(leg: Leg) -> Outputs:
    bridge = leg.bridge
    if bridge is None or not bridge.is_on:
        return ()
    return seats.to_worker(leg, lambda token: wire.Unbridge(token, bridge.token))


def _place(leg: Leg) -> tuple[str, str]:
    seat = leg.seat
    if seat is None or seat.link is None or not leg.is_agreed:
        return "", ""
    return seat.token, seat.link.name
