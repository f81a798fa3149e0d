"""Early media: the description of a provisional response, for audio to be heard before the call is answered.

An unreliable provisional response does not answer the offer, so each of them
may bring another description, and each fork its own: the last one is heard,
until the 2xx says what holds.

RFC: 3261 13.2.1; 3960; 6337 3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip.usage.outputs import Note, StartStream
from sipsimple.protocols.sip.usage.streams import described, lines
from sipsimple.protocols.sip.usage.streams.direction import agreed_direction
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.pending import Pending
    from sipsimple.protocols.sip.usage.streams.stream import Stream
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def tag_of(response: Response) -> str | None:
    """Return the tag of the early dialog that a provisional response belongs to; None: it cannot be read."""
    try:
        return response.to.tag
    except RemoteProtocolError:
        return None


def heard(call: Call, pending: Pending, response: Response) -> tuple[Call, Outputs]:
    """Start the audio of a provisional response that brings a description; what it repeats is not looked at."""
    if response.status == 100 or not described.is_in(response):
        return call, ()
    description = described.of(response)
    early = response.to.tag or "", description
    if pending.early == early:
        return call, ()
    try:
        answer = offer_answer.preview_answer(exchange.negotiation_of(call), description)
    except RemoteProtocolError as error:
        return call, (Note("description.dropped", {"status": response.status, "why": error.reason}),)
    call = replace(call, pending=replace(pending, early=early))
    starts = [_start(call, each, answer) for each in call.streams]
    return call, tuple([each for each in starts if each is not None])


def _start(call: Call, stream: Stream, answer: SessionDescription) -> StartStream | Note | None:
    kind, index = stream.kind, stream.index
    local = lines.own(call, stream, None)
    if local is None or not lines.is_audible(kind) or answer.media[index].port == 0:
        return None
    try:
        remote = lines.usable(call.identity.audio, kind, answer, index)
    except RemoteProtocolError as error:
        return Note("stream.refused", {"stream": kind, "reason": error.reason})
    direction = agreed_direction(local.direction, lines.read(kind, answer, index).direction)
    return StartStream(kind, remote, local.with_direction(direction), early=True)


def description_in(pending: Pending, response: Response) -> bytes:
    """Return the answer that a 2xx brings; of one without, what its sender said before (some gateways do)."""
    early, answer = pending.early, described.answer_in(response)
    if answer or early is None or early[0] != (response.to.tag or ""):
        return answer
    return early[1]
