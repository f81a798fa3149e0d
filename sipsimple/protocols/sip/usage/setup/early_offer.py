"""A new offer of a fork that has answered ours reliably, before it answers the call: its early audio moves.

RFC: 3311 5.2; 6337 3.2; 3264 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sdp import audio_media, offer_answer
from sipsimple.protocols.sdp.media import Media
from sipsimple.protocols.sip.usage.change import reinvite
from sipsimple.protocols.sip.usage.outputs import StartStream
from sipsimple.protocols.sip.usage.setup import admission, prack
from sipsimple.protocols.sip.usage.streams import lines
from sipsimple.protocols.sip.usage.streams.direction import agreed_direction
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.setup.prack import EarlyDialog
    from sipsimple.protocols.sip.usage.streams.stream import Stream
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


def taken(call: Call, event: RequestReceived, fork: EarlyDialog) -> tuple[Call, Outputs]:
    """Answer with the lines that we have offered; nobody is asked, and nothing is made anew.

    Raises:
        RemoteProtocolError: 488, 415: the offer cannot be taken like that, 504: it adds a stream.
    """
    pending = call.pending
    if fork.negotiation is None or pending is None:
        return reinvite.glare(call, event)
    negotiation, offer = admission.read_offer(event.request, fork.negotiation)
    if any(lines.kind_of(each) is not None for each in offer.media[len(call.streams) :]):
        raise reinvite.undecided()
    crossed = tuple([_crossed(call, each, offer) for each in call.streams if offer.media[each.index].port])
    answering = replace(call, negotiation=negotiation, streams=crossed)
    negotiation, document = offer_answer.answer(negotiation, lines.answered(answering, offer))
    call = prack.with_fork(call, pending, replace(fork, negotiation=negotiation))
    headers = exchange.capabilities(call)
    call, _response, sent = exchange.respond(call, event.key, event.request, 200, *headers, body=bytes(document))
    return call, (*sent, *[_start(each, document) for each in crossed])


def _crossed(call: Call, stream: Stream, offer: SessionDescription) -> Stream:
    remote = lines.usable(call.identity.audio, stream.kind, offer, stream.index)
    if not isinstance(remote, Media) or not lines.is_audible(stream.kind) or stream.media is None:
        raise admission.unacceptable("only audio changes before the answer")
    both = None if remote.attribute("crypto") else audio_media.crossed(stream.media, remote)
    if both is None:
        raise admission.unacceptable("keys are agreed on with the answer")
    return replace(stream, media=both[0], remote=both[1])


def _start(stream: Stream, answer: SessionDescription) -> StartStream:
    local, remote = answer.media[stream.index], stream.remote
    if remote is None:
        raise AssertionError("an early stream that moves has both lines")
    local = local.with_direction(agreed_direction(local.direction, remote.direction))
    return StartStream(stream.kind, remote, local, early=True)
