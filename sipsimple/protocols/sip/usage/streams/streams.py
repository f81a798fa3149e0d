"""The streams of a call between its INVITEs: which are prepared, and what the loss of one means.

RFC: 3264 5, 6; 4975 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sdp.audio_media import outward
from sipsimple.protocols.sip.usage.call import Call, with_stream, without_stream
from sipsimple.protocols.sip.usage.change.upkeep import CloseLines
from sipsimple.protocols.sip.usage.ending import bye, ending
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.events import StreamEnded, StreamFailed, StreamMoved
from sipsimple.protocols.sip.usage.outputs import Note, Prepare, StopStream
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.streams import lines
from sipsimple.protocols.sip.usage.streams.stream import OPEN, RUNNING, Phase, Stream
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.usage.events import StreamPrepared
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

GRACE = 2.0
"""Seconds for a BYE to come after the peer closed the only stream: the two race on the wire."""

HASHING = 3600.0
"""Seconds that the preparation of a file may take."""

DESERTED = Failure.remote(0, "the peer closed the last stream")


def outgoing(kinds: tuple[str, ...]) -> tuple[Stream, ...]:
    """Return the streams of a first offer of ours, one m-line each, in the order given."""
    return tuple([Stream(kind, index, Phase.PREPARING) for index, kind in enumerate(kinds)])


def prepared(call: Call, event: StreamPrepared) -> Call:
    """Note that the stream's line is known."""
    for stream in call.streams:
        if stream.kind == event.kind and stream.phase in (Phase.PREPARING, Phase.CHANGING):
            phase = Phase.PREPARED if stream.phase is Phase.PREPARING else Phase.CHANGED
            media = shown(event.kind, event.media)
            return with_stream(call, Stream(stream.kind, stream.index, phase, media, stream.remote))
    return call


def move_soon(call: Call, event: StreamMoved) -> Call:
    """Have the new line of a stream offered before anything else, in the place of one that it had before."""
    return replace(call, commands=(event, *_without_moves(call, (event.kind,))))


def added(call: Call, new: tuple[Stream, ...]) -> Call:
    """Take new streams in; what a former one of their kind had to say is forgotten."""
    commands = _without_moves(call, tuple([each.kind for each in new]))
    return replace(call, streams=(*call.streams, *new), commands=commands, files=call.files + proposed_files(new))


def proposed_files(streams: tuple[Stream, ...]) -> int:
    """Return how many of these are files that the peer proposes."""
    return sum([lines.is_file(each.kind) and each.phase is Phase.PROPOSED for each in streams])


def _without_moves(call: Call, kinds: tuple[str, ...]) -> tuple[object, ...]:
    return tuple([each for each in call.commands if not (isinstance(each, StreamMoved) and each.kind in kinds)])


def shown(kind: str, media: Media) -> Media:
    """Return the line of a stream as the peer will see it."""
    return outward(media) if lines.is_audible(kind) else media


def all_prepared(call: Call) -> bool:
    """Tell whether every stream of the call has its line."""
    return not any(each.phase in OPEN for each in call.streams)


def prepares(call: Call, password: str | None = None) -> Outputs:
    """Have the streams prepared that are not yet; an answer knows the line that it is to."""
    asked = [each for each in call.streams if each.phase in (Phase.PREPARING, Phase.CHANGING)]
    is_incoming = call.direction == "incoming"
    return tuple(
        [
            Prepare(
                each.kind,
                outgoing=each.remote is None and not (is_incoming and each.index != lines.NOT_PLACED),
                remote=each.remote,
                password=password,
            )
            for each in asked
        ]
    )


def guard(call: Call) -> StartTimer:
    """Start the clock of the preparations: nobody waits for them for ever. A large file takes its time to be hashed."""
    if any(each.phase is Phase.PREPARING and lines.is_file(each.kind) for each in call.streams):
        return StartTimer("preparing", HASHING)
    return StartTimer("preparing", 64 * call.identity.timing.t1)


def ended(call: Call, event: StreamEnded) -> tuple[Call, Outputs]:
    """Forget a stream that the peer ended; the last one takes the call with it, if no BYE comes."""
    if not call.has(event.kind):
        return call, ()
    note = Note("stream.ended", {"stream": event.kind, "reason": event.reason or DESERTED.reason})
    if lines.is_file(event.kind):
        call, outputs = _done(call, event)
        return call, (note, *outputs)
    call = without_stream(call, event.kind)
    return call, (note,) if call.streams else (note, StartTimer("grace", GRACE))


def _done(call: Call, event: StreamEnded) -> tuple[Call, Outputs]:
    """Go on without a file that has arrived; a call that has nothing else has done its work.

    Then the stream stays until the peer has answered the BYE: one whose connection closes before might send its own.
    """
    if len(call.streams) > 1:
        commands = (CloseLines(), *call.commands) if event.by_us else call.commands
        call = replace(without_stream(call, event.kind), commands=commands)
        return call, (StopStream(event.kind, linger=True),)
    if call.state is State.ACCEPTING:
        return ending.begin_to_end(call)  # BYE has to wait for the ACK
    return bye.terminate(call, event)


def lost(call: Call, event: StreamFailed) -> tuple[Call, Outputs]:
    """Forget a stream that broke; if it was the last one, the call fails.

    The peer learns of it by a re-INVITE when the call is free: it may have seen nothing, as one MSRP connection
    carries many sessions.
    """
    call = without_stream(call, event.kind)
    failure = Failure.local(event.code, event.reason)
    told: Outputs = (Note("stream.failed", {"stream": event.kind, "reason": failure.reason}),)
    if event.kind != lines.CHAT:
        told += (StopStream(event.kind, reason=event.reason),)
    if not any(each.phase in RUNNING for each in call.streams):
        call, outputs = bye.abandon(call, failure)
        return call, told + outputs
    return replace(call, commands=(*call.commands, CloseLines())), told


def grace_over(call: Call, _: object) -> tuple[Call, Outputs]:
    """End a call that the peer left without a stream and without BYE."""
    return (call, ()) if call.streams else bye.abandon(call, DESERTED)
