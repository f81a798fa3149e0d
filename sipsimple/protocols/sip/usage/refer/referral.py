"""REFER as the one who receives it: the peer asks this side to call somebody, the application decides.

202 says that the request was understood. The application may then make the
call; how far it comes is told in NOTIFY requests, the last of which ends the
subscription that REFER implies. The new call is a session of its own: it does
not end with the one that asked for it.

RFC: 3515 2.4; 6665 4.2.1; 3891 4; 3892 2; 4488 4.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.headers.replaces import Replaces
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.sip.usage.refer import reports
from sipsimple.protocols.sip.usage.refer.state import EXPIRES, REFERRAL, Referral, outcome, progress
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.refer.events import ReferralProgressed, RejectTransfer
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

DECISION = 60.0
"""Seconds that the application has to decide."""


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 202, say 100 in a first NOTIFY, and ask the application.

    Raises:
        RemoteProtocolError: 400, 403, 416, 491: it is malformed, asks for what is no call, or is one too many.
    """
    request, former = event.request, call.referral
    if former is not None and not former.is_over:
        raise RemoteProtocolError("another REFER is under way", 491)
    referral = read(request, is_first=former is None)
    if former is not None:
        referral = replace(referral, waiting=former.waiting)
    dialog = dialogs.retargeted(exchange.dialog_of(call), request)
    call = replace(exchange.led(call, dialog, request), referral=referral)
    headers = (("Contact", exchange.contact(call)), *((("Refer-Sub", "false"),) if referral.silent else ()))
    call, _response, sent = exchange.respond(call, event.key, request, 202, *headers)
    call, notify = reports.tell(call, 100, "")
    data = {
        "transfer_destination": referral.destination,
        "transfer_source": call.remote,
        "referred_by": referral.referred_by or None,
        "is_attended": bool(referral.replaces),
    }
    note = Note("referral.received", {"destination": referral.destination})
    told = Notify("SCSessionTransferNewIncoming", data)
    return call, (*sent, *notify, note, StartTimer(REFERRAL, DECISION), told)


def not_now(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Refuse a REFER while there is no session that could be transferred."""
    if call.state is State.TERMINATING:
        return exchange.refuse(call, event, 481, "the session is ending")
    return exchange.refuse(call, event, 491, "the session is not established")


def read(request: Request, *, is_first: bool) -> Referral:
    """Read what a REFER asks for.

    Raises:
        RemoteProtocolError: 400, 403, 416.
    """
    values = request.headers.get("refer-to", ())
    if len(values) != 1:
        raise RemoteProtocolError("a REFER has one Refer-To")
    (address, *others) = Address.parse_many(values)
    if others:
        raise RemoteProtocolError("a REFER has one Refer-To")
    uri = address.uri
    if uri.scheme not in ("sip", "sips"):
        raise RemoteProtocolError(f"a transfer to scheme {uri.scheme!r}", 416)
    method = uri.parameter("method")
    if method is not None and method.upper() != "INVITE":
        raise RemoteProtocolError("only calls are made for others", 403, exchange.warning("no method but INVITE"))
    replaces = Replaces.of([value for name, value in uri.headers if name == "replaces"])
    parameters = tuple([each for each in uri.parameters if each[0] != "method"])
    plain = dataclasses.replace(uri, password=None, headers=(), parameters=parameters)
    return Referral(
        destination=str(Address(address.display_name, plain)) if address.display_name else str(plain),
        event="refer" if is_first else f"refer;id={request.cseq.number}",
        replaces="" if replaces is None else str(replaces),
        referred_by=_referred_by(request),
        silent=(request.get("refer-sub") or "").strip().lower() == "false",
    )


def _referred_by(request: Request) -> str:
    """Return who refers, as it stands; without what cannot be read, or stands there twice (3892 2.1)."""
    values = request.headers.get("referred-by", [])
    if len(values) != 1:
        return ""
    try:
        return values[0] if len(Address.parse_many(values)) == 1 else ""
    except RemoteProtocolError:
        return ""


def accept(call: Call, _: object) -> tuple[Call, Outputs]:
    """Note that the call is being made; without a referral that waits it is nobody's."""
    referral = call.referral
    if referral is None or referral.is_over or referral.taken:
        return call, ()
    call = replace(call, referral=replace(referral, taken=True))
    told = Notify("SCSessionTransferDidStart", {"transfer_destination": referral.destination})
    return call, (told, StartTimer(REFERRAL, EXPIRES))


def reject(call: Call, command: RejectTransfer) -> tuple[Call, Outputs]:
    """Tell the peer that the call will not be made."""
    referral = call.referral
    if referral is None or referral.is_over or referral.taken:
        return call, ()
    return _end(call, referral, command.code, reason_phrase(command.code))


def progressed(call: Call, event: ReferralProgressed) -> tuple[Call, Outputs]:
    """Tell the peer how far the call has come that it asked for."""
    call, told = accept(call, event)  # whoever makes the call has decided, even if a crash has cost us the word
    referral = call.referral
    if referral is None or referral.is_over or event.code == referral.last:
        return call, told
    if event.code >= 200:
        call, ended = _end(call, referral, event.code, event.reason)
        return call, told + ended
    call = replace(call, referral=replace(referral, last=event.code))
    call, notify = reports.tell(call, event.code, event.reason)
    text = event.reason or reason_phrase(event.code)
    return call, (*told, *notify, progress(referral.destination, event.code, text))


def overdue(call: Call, _: object) -> tuple[Call, Outputs]:
    """Reject what nobody decided; stop reporting what takes too long. The new call goes on."""
    referral = call.referral
    if referral is None or referral.is_over:
        return call, ()
    if not referral.taken:
        return _end(call, referral, 603, "nobody decided in time")
    call = replace(call, referral=replace(referral, is_over=True))
    call, notify = reports.tell(call, referral.last, "", "timeout")
    return call, notify + outcome(referral.destination, 408, "the new session took too long to tell of")


def clocks_of(call: Call) -> Outputs:
    """Start the clock of a referral that is open."""
    referral = call.referral
    if referral is None or referral.is_over:
        return ()
    return (StartTimer(REFERRAL, EXPIRES if referral.taken else DECISION),)


def _end(call: Call, referral: Referral, code: int, reason: str) -> tuple[Call, Outputs]:
    call = replace(call, referral=replace(referral, last=code, is_over=True))
    call, notify = reports.tell(call, code, reason, "noresource")
    told = outcome(referral.destination, code, reason or reason_phrase(code))
    return call, (StopTimer(REFERRAL), *notify, *told)
