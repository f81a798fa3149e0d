"""Streams over MSRP that were offered with CEMA, and answered without, by a line that somebody between has changed.

He that leads the connection elsewhere counts on both ends to go where c= and m=
say, and the peer does not. So the same is offered once more without CEMA: then
he changes the path instead, or leaves all as it is. The stream starts by the
answer to that. A peer that refuses the second offer is reached by what it
answered to the first, as any peer is that knows no CEMA.

RFC: 6714 4.2; 4975 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sdp.message_media import CEMA, MessageMedia, without_cema
from sipsimple.protocols.sip.usage.call import with_stream
from sipsimple.protocols.sip.usage.change.upkeep import LeaveCEMA
from sipsimple.protocols.sip.usage.outputs import Note, StartStream
from sipsimple.protocols.sip.usage.pending import Change
from sipsimple.protocols.sip.usage.streams import lines
from sipsimple.protocols.sip.usage.streams.stream import Phase, Stream
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def is_between(stream: Stream, local: Media, remote: Media | MessageMedia) -> bool:
    """Tell whether a stream that is not started yet got an answer of somebody who stands between and knows CEMA."""
    if lines.is_audible(stream.kind) or stream.phase is Phase.CHANGED or local.attribute(CEMA) is None:
        return False
    line = MessageMedia.from_media(remote) if isinstance(remote, Media) else remote
    return line.is_led_astray


def begin(call: Call, command: LeaveCEMA) -> tuple[Call, Outputs]:
    """Offer the line of the stream once more, without CEMA; one that is gone meanwhile needs none."""
    stream = call.stream(command.kind)
    if stream is None or stream.phase is not Phase.RUNNING:
        return call, ()
    changed = replace(stream, phase=Phase.CHANGED, media=without_cema(_agreed(call, stream)))
    note = Note("stream.offered_again", {"stream": stream.kind, "reason": "answered without CEMA, and led elsewhere"})
    return replace(with_stream(call, changed), change=Change(command)), (note,)


def refused(call: Call, command: LeaveCEMA, reason: str) -> tuple[Call, Outputs]:
    """Start by the first answer: its path says where to connect (4975 8.1)."""
    stream = call.stream(command.kind)
    if stream is None or stream.phase is not Phase.CHANGED:
        return call, ()
    remote = exchange.negotiation_of(call).remote_description
    if remote is None:
        raise AssertionError("a stream that runs was agreed on")
    call = with_stream(call, Stream(stream.kind, stream.index, Phase.RUNNING))
    note = Note("stream.unchanged", {"stream": stream.kind, "reason": f"an offer without CEMA was refused: {reason}"})
    start = StartStream(stream.kind, lines.read(stream.kind, remote, stream.index), _agreed(call, stream))
    return call, (note, start)


def as_offered(call: Call, kind: str, media: Media) -> Media:
    """Return a line that has changed before it was offered once more."""
    return without_cema(media) if is_awaited(call, kind) else media


def is_awaited(call: Call, kind: str) -> bool:
    """Tell whether a stream waits for the answer to that offer."""
    return call.change is not None and call.change.command == LeaveCEMA(kind)


def _agreed(call: Call, stream: Stream) -> Media:
    local = exchange.negotiation_of(call).local_description
    if local is None:
        raise AssertionError("a stream that runs was agreed on")
    return local.media[stream.index]
