"""How the engine writes to its worker: our own o= line, tags and branches that bear the token, transactions.

RFC: 3261 8.2.6, 12.2.1.1, 13.2.2.4; 3264 8.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.media.leg.facts import SRTP_FORCED
from sipsimple.protocols.sdp.audio_media import self_contained
from sipsimple.protocols.sdp.document import CONTENT_TYPE, SessionDescription
from sipsimple.protocols.sdp.harmless_audio import harmless
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.ids import branch
from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import client_key, server_key
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.transport import via_value

if TYPE_CHECKING:
    from sipsimple.media.seat.state import Outputs, Seat
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Message, Response
    from sipsimple.protocols.sip.transport import Flow

HOST = "127.0.0.1"
KIND = "audio"
SAVP = "RTP/SAVP"

_ALLOW = ("Allow", "INVITE, ACK, BYE, CANCEL")


def flow_of(seat: Seat) -> Flow:
    """Return the flow to the worker; a seat that has one has it from the grant on."""
    if seat.flow is None:
        raise AssertionError("no worker yet")
    return seat.flow


def dialog_of(seat: Seat) -> Dialog:
    """Return the dialog with the worker."""
    if seat.dialog is None:
        raise AssertionError("no dialog with the worker yet")
    return seat.dialog


def described(seat: Seat, remote: Media) -> tuple[Seat, bytes]:
    """Write the description that has the peer's line in it, but for what could harm the worker.

    Its version rises only when the line is another.
    """
    version = seat.version if remote == seat.remote else seat.version + 1
    number = int(seat.token[:12], 16)  # of the o= line: any number that stays the same
    description = SessionDescription.create(number, HOST, "-", (harmless(remote),), version=version)
    return replace(seat, remote=remote, version=version), bytes(description)


def line_in(seat: Seat, message: Message, offer: Media | None) -> Media:
    """Read the worker's line, the answer to `offer` or an offer of its own.

    Raises:
        RemoteProtocolError: It is none, or not as secret as it must be.
    """
    if not message.body:
        raise RemoteProtocolError("the worker described nothing", 488)
    document = SessionDescription.parse(message.body)
    if len(document.media) != 1 or document.media[0].kind != KIND or document.media[0].is_rejected:
        raise RemoteProtocolError("the worker took no audio line", 488)
    line = self_contained(document, 0)
    must_be_secret = seat.terms.settings.srtp == SRTP_FORCED or (offer is not None and offer.protocol == SAVP)
    if must_be_secret and not is_secret(line):
        raise RemoteProtocolError("the audio line is not encrypted", 488)
    return line


def is_secret(line: Media) -> bool:
    """Tell whether nothing but SRTP can come of this line."""
    return line.protocol == SAVP and line.attribute("crypto") is not None


def respond(
    seat: Seat, status: int, request: Request | None = None, body: bytes = b"", tag: str = ""
) -> tuple[Seat, Response, Outputs]:
    """Answer the worker's pending INVITE, or another `request`, by its transaction."""
    answered = request or seat.request
    if answered is None:
        raise AssertionError("nothing to answer")
    key = server_key(answered)
    response = response_to(
        answered,
        status,
        to_tag=tag or tag_of(seat),
        headers=(_contact(seat), _ALLOW),
        body=body,
        content_type=CONTENT_TYPE if body else None,
    )
    transactions, outputs = layer.respond(seat.transactions, key, response)
    return replace(seat, transactions=transactions), response, outputs


def repeat(seat: Seat, response: Response) -> tuple[Seat, Outputs]:
    """Send once more what the worker's last INVITE was answered with."""
    if seat.key is None:
        return seat, ()
    transactions, outputs = layer.respond(seat.transactions, seat.key, response)
    return replace(seat, transactions=transactions), outputs


def tag_of(seat: Seat) -> str:
    """Return our present tag: each early answer with another description looks like one of another fork."""
    return f"{seat.token}{seat.tags}" if seat.tags else seat.token


def invite(seat: Seat, remote: Media) -> tuple[Seat, Outputs]:
    """Send a re-INVITE that offers the peer's line."""
    seat, body = described(seat, remote)
    headers = (_contact(seat), ("Content-Type", CONTENT_TYPE))
    seat, via = _via(seat)
    dialog, request = dialogs.request(dialog_of(seat), "INVITE", via, headers, body)
    transactions, outputs = layer.send_request(seat.transactions, request, flow_of(seat))
    return replace(seat, dialog=dialog, transactions=transactions, key=client_key(request), ack=None), outputs


def acknowledge(seat: Seat) -> tuple[Seat, Outputs]:
    """Send the ACK for the 2xx to our INVITE, and keep it for repeats."""
    dialog = dialog_of(seat)
    seat, via = _via(seat)
    ack = Send(dialogs.ack_for_success(dialog, dialog.local_cseq, via), flow_of(seat))
    return replace(seat, ack=ack), (ack,)


def _via(seat: Seat) -> tuple[Seat, str]:
    number = seat.branches + 1
    return replace(seat, branches=number), via_value(flow_of(seat), branch(f"{seat.token}{number}"))


def _contact(seat: Seat) -> tuple[str, str]:
    return "Contact", f"<sip:{seat.token}@{HOST}:{seat.terms.sip_port}>"
