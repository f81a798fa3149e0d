"""What an answer means for the streams, from either side: which start, which end, which go on, and who holds.

A running stream is not disturbed by a line that says what the one before said.
Where the peer's answer brings a running stream a new line, the stream is asked
to follow; `StreamPrepared` says that it does (see `following`).

RFC: 3264 6, 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sdp.direction import sends
from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage.change import anchoring, hold
from sipsimple.protocols.sip.usage.change.upkeep import CloseLines, LeaveCEMA
from sipsimple.protocols.sip.usage.events import StreamMoved
from sipsimple.protocols.sip.usage.outputs import Note, Prepare, StartStream, StopStream
from sipsimple.protocols.sip.usage.streams import lines
from sipsimple.protocols.sip.usage.streams.direction import agreed_direction
from sipsimple.protocols.sip.usage.streams.stream import Phase, Stream
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def first(call: Call, negotiation: Negotiation, answer: SessionDescription) -> tuple[Call, Outputs]:
    """Take the peer's first answer.

    Raises:
        RemoteProtocolError: No stream was taken, or no line can be used.
    """
    after, outputs = by_the_peer(call, negotiation, answer)
    if not after.streams:
        notes = [each for each in outputs if isinstance(each, Note)]
        raise RemoteProtocolError(notes[0].data["reason"] if notes else "the answer refuses every stream", 488)
    return after, outputs


def by_the_peer(
    call: Call,
    negotiation: Negotiation,
    answer: SessionDescription,
    offer: SessionDescription | None = None,
    former: SessionDescription | None = None,
) -> tuple[Call, Outputs]:
    """Take the peer's answer to our offer.

    Args:
        call: Its streams have the indexes of the offer.
        negotiation: As it stands now.
        answer: The peer's.
        offer: Ours; not needed where no stream runs yet.
        former: The peer's description before; likewise.
    """
    kept: list[Stream] = []
    outputs: list[object] = []
    started: list[str] = []
    is_held = False
    for stream in call.streams:
        if stream.index == lines.NOT_PLACED:
            kept.append(stream)
            continue
        if stream.phase is Phase.RUNNING and not lines.is_audible(stream.kind) and answer.media[stream.index].port:
            kept.append(stream)  # what runs over a connection of its own is not disturbed
            continue
        remote, why_not = _line_of(call, stream, answer)
        if remote is None:
            why = why_not[0].data["reason"] if why_not else "the peer refused the stream"
            outputs += StopStream(stream.kind, reason=why), *why_not
            continue
        local = lines.own(call, stream, offer)
        if lines.is_audible(stream.kind) and isinstance(remote, Media) and local is not None:
            local = local.with_direction(agreed_direction(local.direction, remote.direction))
            is_held = is_held or not sends(local.direction)
        if stream.phase is Phase.RUNNING:
            after, more = _following(call, stream, remote, former)
            kept.append(after)
            outputs += more
        elif local is not None:
            started += () if stream.phase is Phase.CHANGED else (stream.kind,)
            kept.append(Stream(stream.kind, stream.index, Phase.RUNNING))
            if anchoring.is_between(stream, local, remote):
                call = replace(call, commands=(LeaveCEMA(stream.kind), *call.commands))
            else:
                outputs += start(call, stream.kind, remote, local)
    call = replace(call, negotiation=negotiation, streams=tuple(kept))
    if any(isinstance(each, Note) for each in outputs):
        call = replace(call, commands=(*call.commands, CloseLines()))
    call, told = hold.noticed(call, is_held, tuple(started))
    return call, (*outputs, *told)


def _line_of(
    call: Call, stream: Stream, answer: SessionDescription
) -> tuple[Media | MessageMedia | None, tuple[Note, ...]]:
    """Return the peer's line for a stream that was offered: None, perhaps with a note, when it cannot be."""
    kind, index = stream.kind, stream.index
    if answer.media[index].port == 0:
        return None, ()
    try:
        return lines.usable(call.identity.audio, kind, answer, index), ()
    except RemoteProtocolError as error:
        return None, (Note("stream.refused", {"stream": kind, "reason": error.reason}),)


def _following(
    call: Call, stream: Stream, remote: Media | MessageMedia, former: SessionDescription | None
) -> tuple[Stream, Outputs]:
    """Have audio follow a line of the peer that is another one than before; one that moves gets it with its own."""
    if isinstance(remote, MessageMedia) or former is None or is_moving(call, stream.kind):
        return stream, ()
    if remote == lines.read(stream.kind, former, stream.index):
        return stream, ()
    guard = StartTimer("preparing", 64 * call.identity.timing.t1)
    return replace(stream, phase=Phase.CHANGING, remote=remote), (Prepare(stream.kind, False, remote), guard)


def by_us(call: Call, answer: SessionDescription) -> tuple[Call, Outputs]:
    """Go by the answer that we gave to the peer's offer; what it refuses is forgotten."""
    kept: list[Stream] = []
    outputs: list[object] = []
    started: list[str] = []
    is_held = False
    for stream in call.streams:
        if stream.index == lines.NOT_PLACED:
            kept.append(stream)
            continue
        if stream.phase is Phase.PROPOSED:
            continue
        local = answer.media[stream.index]
        if lines.is_audible(stream.kind):
            is_held = is_held or not sends(local.direction)
        if stream.phase is not Phase.RUNNING:
            started += () if stream.phase is Phase.CHANGED else (stream.kind,)
            outputs += start(call, stream.kind, stream.remote, local)
        kept.append(Stream(stream.kind, stream.index, Phase.RUNNING))
    call, told = hold.noticed(replace(call, streams=tuple(kept)), is_held, tuple(started))
    return call, (*outputs, *told)


def start(call: Call, kind: str, remote: Media | MessageMedia | None, local: Media) -> Outputs:
    """Start a stream, or bring it what was agreed anew; audio that has moved on meanwhile waits for its own line."""
    if remote is None or (lines.is_audible(kind) and is_moving(call, kind)):
        return ()
    return (StartStream(kind, remote, local),)


def is_moving(call: Call, kind: str) -> bool:
    """Tell whether a newer line of this stream waits to be offered."""
    commands = call.commands
    return bool(commands) and any(isinstance(each, StreamMoved) and each.kind == kind for each in commands)
