"""The streams of a call: how they enter the offer and the answer, and what their loss means.

RFC: 3264 5, 6; 4975 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sdp.capability import rejected
from sipsimple.protocols.sdp.message_media import SCHEMES, MessageMedia
from sipsimple.protocols.sip.usage import bye
from sipsimple.protocols.sip.usage.call import Call, Phase, Stream, without_stream
from sipsimple.protocols.sip.usage.events import Note, StartStream, StopStream, StreamEnded, StreamFailed
from sipsimple.protocols.sip.usage.failure import Failure
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.usage.events import StreamPrepared
    from sipsimple.protocols.sip.usage.exchange import Outputs

GRACE = 2.0
"""Seconds for a BYE to come after the peer closed the only stream: the two race on the wire."""

DESERTED = Failure.remote(0, "the peer closed the last stream")

SUPPORTED = frozenset({"chat"})
"""The kinds of stream that this version can run; a proposal without any of them is refused."""


def kind_of(media: Media) -> str | None:
    """Return the kind of stream that an m-line proposes, None for a refused or foreign one."""
    if media.port == 0:
        return None
    if media.kind == "audio":
        return "audio"
    is_chat = media.kind == "message" and media.protocol.upper() in SCHEMES
    return "chat" if is_chat and media.attribute("file-selector") is None else None


def proposed(offer: SessionDescription) -> tuple[Stream, ...]:
    """Return the streams that an offer proposes: the first usable line of each kind.

    Raises:
        RemoteProtocolError: 488: nothing that this version can run; the text says what is wrong with the first chat.
    """
    found: dict[str, Stream] = {}
    why = RemoteProtocolError("no stream of a known kind", 488)
    for index, media in enumerate(offer.media):
        kind = kind_of(media)
        if kind is None or kind in found:
            continue
        try:
            remote = MessageMedia.from_media(media, offer) if kind == "chat" else None
        except RemoteProtocolError as error:
            why = error
        else:
            found[kind] = Stream(kind, index, Phase.PROPOSED, remote=remote)
    if SUPPORTED.isdisjoint(found):
        raise why
    return tuple(found.values())


def outgoing(kinds: tuple[str, ...]) -> tuple[Stream, ...]:
    """Return the streams of an offer of ours, one m-line each, in the order given."""
    return tuple([Stream(kind, index, Phase.PREPARING) for index, kind in enumerate(kinds)])


def prepared(call: Call, event: StreamPrepared) -> Call:
    """Note that the stream's line is known."""
    return replace(call, streams=tuple([_prepared(each, event) for each in call.streams]))


def _prepared(stream: Stream, event: StreamPrepared) -> Stream:
    if stream.kind != event.kind or stream.phase is not Phase.PREPARING:
        return stream
    return replace(stream, phase=Phase.PREPARED, media=event.media)


def all_prepared(call: Call) -> bool:
    """Tell whether no stream is being prepared any more."""
    return all(each.phase is not Phase.PREPARING for each in call.streams)


def answer_lines(call: Call, offer: SessionDescription) -> tuple[Media, ...]:
    """Return the lines of our answer: accepted streams in their place, all others refused in place."""
    lines = [rejected(media) for media in offer.media]
    for stream in call.streams:
        if stream.media is not None:
            lines[stream.index] = stream.media
    return tuple(lines)


def start_answered(call: Call, answer: SessionDescription) -> tuple[tuple[Stream, ...], Outputs]:
    """Start the offered streams that `answer` takes, stop the refused ones.

    Raises:
        RemoteProtocolError: No stream was taken, or a line is unusable.
    """
    running: list[Stream] = []
    outputs: list[object] = []
    for stream in call.streams:
        media = answer.media[stream.index]
        if media.port == 0:
            outputs.append(StopStream(stream.kind))
        else:
            running.append(Stream(stream.kind, stream.index, Phase.RUNNING))
            outputs.append(StartStream(stream.kind, MessageMedia.from_media(media, answer)))
    if not running:
        raise RemoteProtocolError("the answer refuses every stream", 488)
    return tuple(running), tuple(outputs)


def start_accepted(call: Call) -> tuple[tuple[Stream, ...], Outputs]:
    """Start the streams that our answer takes; forget the proposals that it refuses."""
    kept = [each for each in call.streams if each.phase is Phase.PREPARED]
    outputs = tuple([StartStream(each.kind, each.remote) for each in kept if each.remote is not None])
    return tuple([Stream(each.kind, each.index, Phase.RUNNING) for each in kept]), outputs


def ended(call: Call, event: StreamEnded) -> tuple[Call, Outputs]:
    """Forget a stream that the peer ended; the last one takes the call with it, if no BYE comes."""
    if not call.has(event.kind):
        return call, ()
    call = without_stream(call, event.kind)
    note = Note("stream.ended", {"stream": event.kind, "reason": event.reason or DESERTED.reason})
    return call, (note,) if call.streams else (note, StartTimer("grace", GRACE))


def lost(call: Call, event: StreamFailed) -> tuple[Call, Outputs]:
    """Forget a stream that broke; if it was the last one, the call fails."""
    if not call.has(event.kind):
        return call, ()
    call = without_stream(call, event.kind)
    failure = Failure.local(0, event.reason)
    note = Note("stream.failed", {"stream": event.kind, "reason": failure.reason})
    if call.streams:
        return call, (note,)
    call, outputs = bye.abandon(call, failure)
    return call, (note, *outputs)


def grace_over(call: Call, _: object) -> tuple[Call, Outputs]:
    """End a call that the peer left without a stream and without BYE."""
    return (call, ()) if call.streams else bye.abandon(call, DESERTED)
