"""Which INVITE may become a call: its Contact, its body, its offer, its streams.

RFC: 3261 8.1.1.8, 8.2.3, 13.3.1; 3264 6; 4975 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.usage.change import session_timer
from sipsimple.protocols.sip.usage.events import Invited
from sipsimple.protocols.sip.usage.policy import DEFAULT
from sipsimple.protocols.sip.usage.streams import described, lines
from sipsimple.protocols.sip.usage.streams.stream import Phase, Stream
from sipsimple.protocols.sip.usage.within.exchange import warning

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.audio_media import AudioTerms
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.policy import Policy


def admit(
    request: Request, flow: Flow, session_id: int, audio: AudioTerms | None = None, policy: Policy = DEFAULT
) -> Invited:
    """Read an INVITE that passed the inspection of every request; what is admitted makes a call without fail.

    One without a description leaves the offer to us: it proposes all that we have.

    Args:
        request: Outside of any dialog.
        flow: How it came.
        session_id: For our own `o=` line.
        audio: Which audio can be taken; None: there is no audio.
        policy: How the extensions of SIP are used.

    Raises:
        RemoteProtocolError: 400 no Contact, 415 the body is not SDP, 422 the session interval is too small, 488 the
            description is unusable, or proposes nothing that can be taken; with a header that says so.
    """
    session_timer.check(request, policy)
    dialog = dialogs.from_request(request, "")
    negotiation = offer_answer.start(session_id, flow.local[0])
    if not described.counts(request):
        kinds = enumerate(lines.available(audio))
        streams = tuple([Stream(kind, index, Phase.PROPOSED) for index, kind in kinds])
        return Invited(request, flow, dialog, negotiation, None, streams)
    negotiation, offer = read_offer(request, negotiation)
    proposed, refused = lines.proposals(audio, offer, range(len(offer.media)))
    if not proposed:
        raise unacceptable("; ".join([why for _kind, why in refused]) or "no stream of a known kind")
    return Invited(request, flow, dialog, negotiation, offer, proposed, refused)


def read_offer(request: Request, negotiation: Negotiation) -> tuple[Negotiation, SessionDescription]:
    """Read the offer of an INVITE, the first or a later one.

    Raises:
        RemoteProtocolError: 415 the body is no plain SDP, nor has it a part that is, 488 it is an unusable offer.
    """
    if request.content_type is None:
        raise described.unsupported("that nobody names")
    body = described.of(request)
    try:
        return offer_answer.receive_offer(negotiation, body)
    except RemoteProtocolError as error:
        raise unacceptable(str(error)) from error


def unacceptable(text: str) -> RemoteProtocolError:
    """Return the refusal of an offer."""
    return RemoteProtocolError(text, 488, warning(text))
