"""Removing a stream: its line gets port 0 and keeps its place.

RFC: 3264 8.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage.call import without_stream
from sipsimple.protocols.sip.usage.outputs import Note, StopStream
from sipsimple.protocols.sip.usage.pending import Change
from sipsimple.protocols.sip.usage.streams.stream import RUNNING
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.change.upkeep import CloseLines
    from sipsimple.protocols.sip.usage.events import RemoveStream
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def begin(call: Call, command: RemoveStream) -> tuple[Call, Outputs]:
    """End a stream at once, then tell the peer; nothing happens when it is gone, or the last one by now."""
    kind = command.kind
    if not call.runs(kind):
        return call, ()
    if not any(each.kind != kind and each.phase in RUNNING for each in call.streams):
        return call, (Note("stream.kept", {"stream": kind, "reason": "it became the last one"}),)
    call = replace(without_stream(call, kind), change=Change(command))
    return call, (StopStream(kind, linger=True),)


def close(call: Call, command: CloseLines) -> tuple[Call, Outputs]:
    """Tell the peer by a new offer which streams are gone; nothing happens when it knows."""
    negotiation = exchange.negotiation_of(call)
    used = {each.index for each in call.streams}
    agreed = (negotiation.local_description, negotiation.remote_description)
    lines = zip(*[() if each is None else each.media for each in agreed], strict=True)
    is_open = any(mine.port and theirs.port and index not in used for index, (mine, theirs) in enumerate(lines))
    return (replace(call, change=Change(command)) if is_open else call), ()
