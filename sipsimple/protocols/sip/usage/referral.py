"""REFER as the one who receives it: the peer asks this side to call somebody, the application decides.

202 says that the request was understood. The application may then make the
call; how far it comes is told in NOTIFY requests, the last of which ends the
subscription that REFER implies. The new call is a session of its own: it does
not end with the one that asked for it.

RFC: 3515 2.4; 6665 4.2.1; 3891 4; 3892 2; 4488 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.headers.replaces import Replaces
from sipsimple.protocols.sip.sipfrag import CONTENT_TYPE, status_line
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.sip.usage import exchange
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.transfer_state import REFERRAL, Referral, outcome, progress
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived, ResponseReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.exchange import Outputs
    from sipsimple.protocols.sip.usage.transfer_events import ReferralProgressed, RejectTransfer

DECISION = 60.0
"""Seconds that the application has to decide."""

EXPIRES = 180.0
"""Seconds that the subscription lasts after that."""


def received(call: Call, event: RequestReceived) -> tuple[Call, Outputs]:
    """Answer 202, say 100 in a first NOTIFY, and ask the application.

    Raises:
        RemoteProtocolError: 400, 403, 416, 491: it is malformed, asks for what is no call, or is one too many.
    """
    request, former = event.request, call.referral
    if former is not None and not former.is_over:
        raise RemoteProtocolError("another REFER is under way", 491)
    referral = read(request, is_first=former is None)
    dialog = dialogs.retargeted(exchange.dialog_of(call), request)
    call = replace(call, dialog=dialog, flow=exchange.flow_in_dialog(call, dialog), referral=referral)
    headers = (("Contact", exchange.contact(call)), *((("Refer-Sub", "false"),) if referral.silent else ()))
    call, _response, sent = exchange.respond(call, event.key, request, 202, *headers)
    call, notify = _notify(call, referral, 100, "", None)
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
    plain = replace(uri, password=None, headers=(), parameters=parameters)
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
    referral = replace(referral, last=event.code)
    call, notify = _notify(replace(call, referral=referral), referral, event.code, event.reason, None)
    text = event.reason or reason_phrase(event.code)
    return call, (*told, *notify, progress(referral.destination, event.code, text))


def overdue(call: Call, _: object) -> tuple[Call, Outputs]:
    """Reject what nobody decided; stop reporting what takes too long. The new call goes on."""
    referral = call.referral
    if referral is None or referral.is_over:
        return call, ()
    if not referral.taken:
        return _end(call, referral, 603, "nobody decided in time")
    call, notify = _notify(call, referral, referral.last, "", "timeout")
    told = outcome(referral.destination, 408, "the new session took too long to tell of")
    return replace(call, referral=replace(referral, is_over=True)), notify + told


def answered(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Report no more to a peer that refuses the reports."""
    if event.response.is_success:
        return call, ()
    return _silenced(call, f"{event.response.status} {event.response.reason}".strip())


def lost(call: Call, event: object) -> tuple[Call, Outputs]:
    """Report no more to a peer that is not reached by them."""
    return _silenced(call, getattr(event, "why", "") or "unanswered")


def _silenced(call: Call, why: str) -> tuple[Call, Outputs]:
    referral = call.referral
    if referral is None or referral.silent:
        return call, ()
    call = replace(call, referral=replace(referral, silent=True))
    return call, (Note("referral.unreported", {"reason": why}),)


def _end(call: Call, referral: Referral, code: int, reason: str) -> tuple[Call, Outputs]:
    call, notify = _notify(call, referral, code, reason, "noresource")
    call = replace(call, referral=replace(referral, last=code, is_over=True))
    told = outcome(referral.destination, code, reason or reason_phrase(code))
    return call, (StopTimer(REFERRAL), *notify, *told)


def _notify(call: Call, referral: Referral, code: int, reason: str, over: str | None) -> tuple[Call, Outputs]:
    """Send a NOTIFY, unless nobody wants it; `over` says why it is the last one."""
    if referral.silent or call.state is State.TERMINATING:
        return call, ()
    dialog, flow = exchange.dialog_of(call), exchange.flow_of(call)
    state = f"active;expires={EXPIRES:.0f}" if over is None else f"terminated;reason={over}"
    headers = (("Contact", exchange.contact(call)), ("Event", referral.event), ("Subscription-State", state))
    call, dialog, _request, sent = exchange.request_in_dialog(
        call, dialog, flow, "NOTIFY", *headers, body=status_line(code, reason), content_type=CONTENT_TYPE
    )
    return replace(call, dialog=dialog), sent
