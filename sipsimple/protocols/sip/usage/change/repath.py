"""Streams over MSRP whose peer has another path now, as after a change of its relays: they follow, and go on.

The connection of this side stays. A path that says what it said before disturbs nothing.

RFC: 4975 8, 4976 5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.usage.outputs import Note, StartStream
from sipsimple.protocols.sip.usage.streams import lines
from sipsimple.protocols.sip.usage.streams.stream import Phase

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.streams.stream import Stream
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def followed(call: Call, former: SessionDescription | None, now: SessionDescription) -> Outputs:
    """Have each running stream follow its peer's path.

    Args:
        call: With the streams as they go on.
        former: What the peer said before; None: nothing.
        now: What it says now, in an offer or an answer.
    """
    if former is None:
        return ()
    running = [each for each in call.streams if each.phase is Phase.RUNNING and not lines.is_audible(each.kind)]
    return tuple([_news(each, now) for each in running if _has_moved(each, former, now)])


def _has_moved(stream: Stream, former: SessionDescription, now: SessionDescription) -> bool:
    if not 0 <= stream.index < min(len(former.media), len(now.media)):
        return False
    before, after = former.media[stream.index], now.media[stream.index]
    path = after.attribute("path")
    return bool(before.port and after.port and path) and path != before.attribute("path")


def _news(stream: Stream, now: SessionDescription) -> StartStream | Note:
    try:
        return StartStream(stream.kind, lines.read(stream.kind, now, stream.index))
    except RemoteProtocolError as error:
        return Note("stream.unchanged", {"stream": stream.kind, "reason": error.reason})
