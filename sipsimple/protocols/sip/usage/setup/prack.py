"""PRACK, sent: each reliable provisional response to an INVITE of ours is acknowledged once, in its order.

Every fork has an early dialog of its own, with its own numbers. The first
description that one of them sends reliably answers our offer there, whatever
its 2xx says later.

RFC: 3262 4, 5, 7.1; 3261 13.2.1; 6337 3.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp import offer_answer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.extensions import RELIABLE, requires
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.sip.usage.streams import described
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.offer_answer import Negotiation
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.outputs import ResponseReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.pending import Pending
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

MOST_FORKS = 32
"""Forks of one INVITE beside the one that is taken; what more of them send is not acknowledged."""


class EarlyDialog(Value):
    """One fork that sends its provisional responses reliably.

    Attributes:
        dialog: As its responses made it; of a re-INVITE the one that there is, which the call keeps.
        rseq: Number of the last response that was acknowledged.
        negotiation: What was agreed in it; None: nothing yet.
    """

    dialog: Dialog
    rseq: int
    negotiation: Negotiation | None = None


def acknowledged(call: Call, event: ResponseReceived) -> tuple[Call, Outputs, bool]:
    """Send PRACK for a reliable provisional response.

    Returned is also whether the response is news: one that is repeated, or comes before its turn, is not (4).
    """
    response, pending = event.response, call.pending
    if pending is None or pending.key != event.key or response.status == 100 or not requires(response, RELIABLE):
        return call, (), True
    try:
        rseq = response.rseq
        if rseq is None or response.to.tag is None:
            return call, (), True
        fork = fork_of(pending, response.to.tag)
        if fork is not None and rseq != fork.rseq + 1:
            return call, () if rseq <= fork.rseq else (_dropped(response, f"RSeq {rseq} after {fork.rseq}"),), False
        fork = fork or _new_fork(call, pending, response)
    except RemoteProtocolError as error:
        return call, (_dropped(response, error.reason),), False
    fork = replace(fork, rseq=rseq, negotiation=fork.negotiation or _answered(call, response))
    call, sent = _send(call, pending, fork, f"{rseq} {response.cseq}")
    return call, sent, True


def fork_of(pending: Pending, tag: str | None) -> EarlyDialog | None:
    """Return the early dialog with the peer that has this tag."""
    return next((each for each in pending.forks if each.dialog.remote_tag == (tag or "")), None)


def is_wanted(call: Call, prack: Request) -> bool:
    """Tell whether the INVITE is open that a PRACK of ours is about."""
    pending = call.pending
    return pending is not None and fork_of(pending, prack.to.tag) is not None


def with_fork(call: Call, pending: Pending, fork: EarlyDialog) -> Call:
    """Put `fork` in the place of the one of its tag."""
    others = [each for each in pending.forks if each.dialog.remote_tag != fork.dialog.remote_tag]
    return replace(call, pending=replace(pending, forks=(*others, fork)))


def confirmed(call: Call, dialog: Dialog) -> tuple[Call, Dialog]:
    """Return the dialog that a 2xx has made with the numbers that were used while it was early.

    The call keeps those of the other forks, whose 2xx may still come.
    """
    forks = () if call.pending is None else call.pending.forks
    if not forks:
        return call, dialog
    numbers = {each.dialog.remote_tag: each.dialog.local_cseq for each in forks}
    number = numbers.pop(dialog.remote_tag, dialog.local_cseq)
    call = replace(call, forks=tuple(numbers.items()))
    peers = {each.dialog.remote_tag: each.dialog.remote_cseq for each in forks}
    return call, replace(dialog, local_cseq=number, remote_cseq=peers.get(dialog.remote_tag))


def negotiation_with(call: Call, response: Response) -> Negotiation:
    """Return where the exchange of descriptions stands with the sender of a 2xx."""
    fork = None if call.pending is None else fork_of(call.pending, response.to.tag)
    if fork is not None and fork.negotiation is not None:
        return fork.negotiation
    return exchange.negotiation_of(call)


def _new_fork(call: Call, pending: Pending, response: Response) -> EarlyDialog:
    if len(pending.forks) >= MOST_FORKS:
        raise RemoteProtocolError("too many forks")
    if pending.request is None:
        raise AssertionError("a response needs a request")
    return EarlyDialog(call.dialog or dialogs.from_response(pending.request, response), 0)


def _answered(call: Call, response: Response) -> Negotiation | None:
    """Take the answer of a response, if it has one that can be used."""
    if not described.is_in(response):
        return None
    try:
        return offer_answer.receive_answer(exchange.negotiation_of(call), described.of(response))[0]
    except RemoteProtocolError:
        return None  # what is wrong with it is told where it would be heard


def _send(call: Call, pending: Pending, fork: EarlyDialog, rack: str) -> tuple[Call, Outputs]:
    dialog = call.dialog or fork.dialog
    flow = exchange.flow_of(call) if call.dialog is not None else exchange.flow_in_dialog(call, dialog)
    call, dialog, _request, sent = exchange.request_in_dialog(call, dialog, flow, "PRACK", ("RAck", rack))
    if call.dialog is not None:
        call = replace(call, dialog=dialog)
    return with_fork(call, pending, replace(fork, dialog=dialog)), sent


def answered(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Note a PRACK that was refused; the INVITE is what counts."""
    response = event.response
    if response.is_success:
        return call, ()
    return call, (Note("prack.refused", {"status": response.status}),)


def lost(call: Call, _: object) -> tuple[Call, Outputs]:
    """Leave it to the INVITE: its sender will give it up, or answer it all the same."""
    return call, ()


def _dropped(response: Response, why: str) -> Note:
    return Note("response.dropped", {"status": response.status, "why": why})
