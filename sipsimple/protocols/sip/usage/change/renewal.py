"""New lines of running streams: of one that moved, and of one that could not follow the peer without a new one.

A stream moves when what ran it died: its new line is offered as soon as the call
is free. A peer that refuses it leaves the stream without media: it is lost.
Where ICE has chosen another address than the line says, the peer is told too,
but may refuse: audio flows all the same.

RFC: 3264 8.3; 8839 4.4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sdp.audio_media import is_found_by_ice, is_reached_alike
from sipsimple.protocols.sip.usage.call import with_stream
from sipsimple.protocols.sip.usage.change.upkeep import LeaveCEMA, RenewStream, UpdateLine
from sipsimple.protocols.sip.usage.events import StreamFailed, StreamMoved
from sipsimple.protocols.sip.usage.outputs import Note, Prepare, Revert
from sipsimple.protocols.sip.usage.pending import Change
from sipsimple.protocols.sip.usage.streams import agreement, lines, streams
from sipsimple.protocols.sip.usage.streams.direction import agreed_direction
from sipsimple.protocols.sip.usage.streams.stream import RUNNING, Phase, Stream
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.events import StreamOutdated
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

_RENEWALS = StreamMoved | RenewStream | UpdateLine | LeaveCEMA


def moved(call: Call, command: StreamMoved) -> tuple[Call, Outputs]:
    """Offer the line of a stream that moved; one that is gone meanwhile needs none."""
    stream = call.stream(command.kind)
    if stream is None or stream.phase is not Phase.RUNNING:
        return call, ()
    changed = replace(stream, phase=Phase.CHANGED, media=streams.shown(command.kind, command.media))
    return replace(with_stream(call, changed), change=Change(command)), ()


def begin(call: Call, command: RenewStream | UpdateLine) -> tuple[Call, Outputs]:
    """Have a new line made for a stream; it is offered when it is known."""
    stream = call.stream(command.kind)
    if stream is None or stream.phase is not Phase.RUNNING:
        return call, ()
    call = replace(with_stream(call, replace(stream, phase=Phase.CHANGING)), change=Change(command))
    return call, (Prepare(command.kind, outgoing=True), streams.guard(call))


def refused(call: Call, command: StreamMoved | RenewStream, reason: str) -> tuple[Call, Outputs]:
    """Lose a stream whose new line the peer refused; one over MSRP goes on by the way that it has."""
    stream = call.stream(command.kind)
    if stream is None:
        return call, ()
    if not lines.is_audible(command.kind):
        return not_followed(call, stream, f"its new line was refused: {reason}")
    call, told = streams.lost(call, StreamFailed(command.kind, f"its new line was refused: {reason}"))
    return call, (StopTimer("preparing"), *told)


def put(call: Call, event: StreamOutdated) -> tuple[Call, Outputs]:
    """Have the peer told of a better line in its turn; a new one that waits to be told is the better one."""
    command = UpdateLine(event.kind)
    under_way = (*call.commands, None if call.change is None else call.change.command)
    if any(isinstance(each, _RENEWALS) and each.kind == event.kind for each in under_way):
        return call, ()
    return replace(call, commands=(*call.commands, command)), ()


def not_updated(call: Call, command: UpdateLine, reason: str) -> tuple[Call, Outputs]:
    """Go on with the line that the peer knows, which is good enough."""
    stream = call.stream(command.kind)
    if stream is None or stream.phase not in RUNNING:
        return call, ()
    call, outputs = not_followed(call, stream, f"its line was not updated: {reason}")
    return call, outputs if agreement.is_moving(call, command.kind) else (*outputs, Revert(command.kind))


def is_renewed(call: Call, kind: str) -> bool:
    """Tell whether a new line of this stream is what this side is changing."""
    command = None if call.change is None else call.change.command
    return isinstance(command, _RENEWALS) and command.kind == kind


def settled(call: Call) -> tuple[Call, Outputs]:
    """Be done with a new line that came through as the answer to an offer of the peer, or is not needed any more."""
    waiting = [each for each in call.streams if each.phase is Phase.CHANGED]
    command = None if call.change is None else call.change.command
    if waiting or not isinstance(command, _RENEWALS):
        return call, ()
    return replace(call, change=None), (StopTimer("retry"),)


def followed(call: Call, stream: Stream) -> tuple[Call, Outputs]:
    """Go on with a stream that follows the peer's new line; if its own is another one now, the peer is told."""
    local = _agreed(call, stream)
    if stream.media is None or stream.remote is None:
        raise AssertionError("a stream that follows has both lines")
    running = with_stream(call, Stream(stream.kind, stream.index, Phase.RUNNING))
    is_reached = is_reached_alike(local, stream.media) or is_found_by_ice(local, stream.media)
    if not is_reached and not agreement.is_moving(call, stream.kind):
        renew = RenewStream(stream.kind)
        return replace(running, commands=(renew, *call.commands)), (StopTimer("preparing"),)
    local = local.with_direction(agreed_direction(local.direction, stream.remote.direction))
    return running, (StopTimer("preparing"), *agreement.start(call, stream.kind, stream.remote, local))


def not_followed(call: Call, stream: Stream, reason: str) -> tuple[Call, Outputs]:
    """Leave a stream as it was that cannot follow the peer's new line."""
    running = with_stream(call, Stream(stream.kind, stream.index, Phase.RUNNING))
    note = Note("stream.unchanged", {"stream": stream.kind, "reason": reason})
    return running, (StopTimer("preparing"), note)


def _agreed(call: Call, stream: Stream) -> Media:
    local = exchange.negotiation_of(call).local_description
    if local is None:
        raise AssertionError("a stream that runs was agreed on")
    return local.media[stream.index]
