"""News of the streams of an established call: prepared, failed, moved, or silent for too long.

What it means depends on what the stream was asked for: by the peer's open offer,
by a change of ours, or by an answer that it had to follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage.call import with_stream, without_stream
from sipsimple.protocols.sip.usage.change import anchoring, changes, reinvite, renewal
from sipsimple.protocols.sip.usage.change.upkeep import CloseLines
from sipsimple.protocols.sip.usage.events import StreamFailed, StreamMoved
from sipsimple.protocols.sip.usage.outputs import Note, StopStream
from sipsimple.protocols.sip.usage.streams import lines, streams
from sipsimple.protocols.sip.usage.streams.stream import OPEN, RUNNING, Phase, Stream
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.events import StreamEnded, StreamPrepared
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def prepared(call: Call, event: StreamPrepared) -> tuple[Call, Outputs]:
    """Go on with what waited for the stream: the answer to the peer, a re-INVITE of ours, or the stream itself."""
    after = streams.prepared(call, event)
    if after is call:
        return call, ()
    if _is_asked(call):
        return reinvite.accept(after) if streams.all_prepared(after) else (after, ())
    stream = after.stream(event.kind)
    if stream is not None and stream.phase is Phase.CHANGED and stream.remote is not None:
        return renewal.followed(after, stream)
    return after, ()


def ended(call: Call, event: StreamEnded) -> tuple[Call, Outputs]:
    """Forget a running stream that the peer ended; one that was not agreed on yet has failed."""
    stream = call.stream(event.kind)
    if stream is None or stream.phase is Phase.PROPOSED:
        return call, ()
    if stream.phase is Phase.RUNNING:
        return streams.ended(call, event)
    return failed(call, StreamFailed(event.kind, event.reason))


def failed(call: Call, event: StreamFailed) -> tuple[Call, Outputs]:
    """Give up what the stream was asked for; one that runs and was asked for nothing is lost."""
    stream = call.stream(event.kind)
    if stream is None or stream.phase is Phase.PROPOSED:
        return call, ()
    is_broken = stream.phase in RUNNING and not lines.is_audible(stream.kind)  # it was asked for nothing that may fail
    if is_broken or stream.phase is Phase.RUNNING or (stream.phase is Phase.CHANGED and _is_on_its_way(call, stream)):
        return streams.lost(call, event)
    if _is_asked(call) and _is_theirs(stream):
        return _refused(call, stream, event)
    if stream.phase not in RUNNING:
        return _not_added(call, event)
    if stream.remote is not None:
        return renewal.not_followed(call, stream, event.reason)
    return changes.refused(with_stream(call, Stream(stream.kind, stream.index, Phase.RUNNING)), event.reason)


def _refused(call: Call, stream: Stream, event: StreamFailed) -> tuple[Call, Outputs]:
    """Refuse the peer's offer because of one stream, which is as it was, or is gone."""
    if stream.phase in RUNNING:
        call = with_stream(call, Stream(stream.kind, stream.index, Phase.RUNNING))
        status = event.code or 488
    else:
        call = without_stream(call, stream.kind)
        status = event.code or 500
    reason = f"{stream.kind} stream: {event.reason}"
    return reinvite.refuse(call, status, reason, *exchange.come_again(status))


def _not_added(call: Call, event: StreamFailed) -> tuple[Call, Outputs]:
    """Give a proposal of ours up; one that is on its way already is answered first, then taken back."""
    reason = f"{event.kind} stream: {event.reason}"
    call = without_stream(call, event.kind)
    if call.pending is not None and call.pending.is_ours:
        return replace(call, commands=(CloseLines(), *call.commands)), (_note(event.kind, reason),)
    return changes.refused(call, reason)


def moved(call: Call, event: StreamMoved) -> tuple[Call, Outputs]:
    """Have the new line offered as soon as the call is free; what the stream was asked for is given up."""
    stream = call.stream(event.kind)
    if stream is None or stream.phase is Phase.PROPOSED:
        return call, ()
    if stream.phase in (Phase.PREPARING, Phase.PREPARED) and not _is_on_its_way(call, stream):
        phase = Phase.PREPARED
        media = streams.shown(event.kind, event.media)
        return news_of(call, replace(stream, phase=phase, media=media))
    outputs: Outputs = ()
    if stream.phase is Phase.CHANGED and renewal.is_renewed(call, event.kind) and not _is_on_its_way(call, stream):
        media = anchoring.as_offered(call, event.kind, streams.shown(event.kind, event.media))
        return with_stream(call, replace(stream, media=media)), ()
    if stream.phase is Phase.CHANGING or (stream.phase is Phase.CHANGED and _is_asked(call)):
        call, outputs = _given_up(call, stream)
    return streams.move_soon(call, event), outputs


def news_of(call: Call, stream: Stream) -> tuple[Call, Outputs]:
    """Put a stream that has its line in its place."""
    call = with_stream(call, stream)
    if _is_asked(call) and streams.all_prepared(call):
        return reinvite.accept(call)
    return call, ()


def _given_up(call: Call, stream: Stream) -> tuple[Call, Outputs]:
    call = with_stream(call, Stream(stream.kind, stream.index, Phase.RUNNING))
    if _is_asked(call):
        return reinvite.refuse(call, 500, f"{stream.kind} stream: it moved meanwhile", reinvite.RETRY_AFTER)
    return (replace(call, change=None) if stream.remote is None else call), ()


def overdue(call: Call, _: object) -> tuple[Call, Outputs]:
    """Give up what takes the streams too long."""
    late = [each for each in call.streams if each.phase in OPEN and each.phase is not Phase.PROPOSED]
    outputs: Outputs = ()
    for stream in late[:1]:
        call, outputs = failed(call, StreamFailed(stream.kind, "it was not prepared in time", 500))
        if stream.phase not in RUNNING:
            outputs = _stopped(outputs, stream.kind)
    return call, outputs


def _stopped(outputs: Outputs, kind: str) -> Outputs:
    """Have a stream stopped that did not say itself that it failed."""
    stop = StopStream(kind)
    return outputs if stop in outputs else (stop, *outputs)


def _is_asked(call: Call) -> bool:
    """Tell whether an offer of the peer waits for its answer."""
    return call.pending is not None and call.pending.offer is not None


def _is_theirs(stream: Stream) -> bool:
    return stream.remote is not None


def _is_on_its_way(call: Call, stream: Stream) -> bool:
    """Tell whether a line of this stream is in an INVITE of ours."""
    return call.pending is not None and call.pending.is_ours and stream.index >= 0


def _note(kind: str, reason: str) -> Note:
    return Note("stream.failed", {"stream": kind, "reason": reason})
