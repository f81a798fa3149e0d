"""The streams of a call: how they enter the offer and the answer, and what their loss means.

RFC: 3264 5, 6; 4975 8.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.sdp.capability import rejected
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage import bye, ending
from sipsimple.protocols.sip.usage.call import Call, Phase, Stream, with_stream, without_stream
from sipsimple.protocols.sip.usage.events import Note, StartStream, StreamEnded, StreamFailed, StreamPrepared

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.usage.exchange import Outputs

GRACE = 2.0
"""Seconds for a BYE to come after the peer closed the only stream: the two race on the wire."""

SUPPORTED = frozenset({"chat"})
"""The kinds of stream that this version can run; a proposal without any of them is refused."""

CHAT_PROTOCOLS = ("TCP/MSRP", "TCP/TLS/MSRP")


def kind_of(media: Media) -> str | None:
    """Return the kind of stream that an m-line proposes, None for a refused or foreign one."""
    if media.port == 0:
        return None
    if media.kind == "audio":
        return "audio"
    is_chat = media.kind == "message" and media.protocol.upper() in CHAT_PROTOCOLS
    return "chat" if is_chat and media.attribute("file-selector") is None else None


def proposed(offer: SessionDescription) -> tuple[Stream, ...]:
    """Return the streams that an offer proposes: the first usable line of each kind."""
    found: dict[str, Stream] = {}
    for index, media in enumerate(offer.media):
        kind = kind_of(media)
        if kind is None or kind in found:
            continue
        remote = MessageMedia.from_media(media, offer) if kind == "chat" else None
        found[kind] = Stream(kind, index, Phase.PROPOSED, remote=remote)
    return tuple(found.values())


def outgoing(kinds: tuple[str, ...]) -> tuple[Stream, ...]:
    """Return the streams of an offer of ours, one m-line each, in the order given."""
    return tuple(Stream(kind, index, Phase.PREPARING) for index, kind in enumerate(kinds))


def prepared(call: Call, event: StreamPrepared) -> Call:
    """Note that the stream's line is known."""
    for stream in call.streams:
        if stream.kind == event.kind and stream.phase is Phase.PREPARING:
            return with_stream(call, replace(stream, phase=Phase.PREPARED, media=event.media))
    return call


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


def start_answered(call: Call, answer: SessionDescription) -> tuple[Call, Outputs]:
    """Start the offered streams that `answer` takes; forget the refused ones.

    Raises:
        RemoteProtocolError: No stream was taken, or a line is unusable.
    """
    outputs: Outputs = ()
    for stream in call.streams:
        media = answer.media[stream.index]
        if media.port == 0:
            call = without_stream(call, stream.kind)
            continue
        remote = MessageMedia.from_media(media, answer)
        call = with_stream(call, Stream(stream.kind, stream.index, Phase.RUNNING))
        outputs += (StartStream(stream.kind, remote),)
    if not call.streams:
        raise RemoteProtocolError("the answer refuses every stream", 488)
    return call, outputs


def start_accepted(call: Call) -> tuple[Call, Outputs]:
    """Start the streams that our answer takes; forget the proposals that it refuses."""
    kept = tuple(each for each in call.streams if each.phase is Phase.PREPARED)
    outputs = tuple(StartStream(each.kind, each.remote) for each in kept if each.remote is not None)
    running = tuple(Stream(each.kind, each.index, Phase.RUNNING) for each in kept)
    return replace(call, streams=running), outputs


def ended(call: Call, event: StreamEnded) -> tuple[Call, Outputs]:
    """Forget a stream that the peer ended; the last one takes the call with it, if no BYE comes."""
    call = without_stream(call, event.kind)
    note = Note("stream.ended", {"stream": event.kind, "reason": event.reason})
    if call.streams:
        return call, (note,)
    return call, (note, StartTimer("grace", GRACE))


def lost(call: Call, event: StreamFailed) -> tuple[Call, Outputs]:
    """Forget a stream that broke; if it was the last one, the call fails."""
    call = without_stream(call, event.kind)
    note = Note("stream.failed", {"stream": event.kind, "reason": event.reason})
    if call.streams:
        return call, (note,)
    call, outputs = bye.abandon(call, ending.Failure.local(0, event.reason))
    return call, (note, *outputs)


def grace_over(call: Call, _: object) -> tuple[Call, Outputs]:
    """End a call that the peer left without a stream and without BYE."""
    return bye.abandon(call, ending.Failure.remote(0, "the peer closed the last stream"))
