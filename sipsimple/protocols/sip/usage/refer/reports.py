"""How the peer that sent REFER hears how it goes: one NOTIFY after the other, each when the one before is answered.

Two on their way may change places, for one of them may be lost: the peer would refuse the one that comes late, for its
number is too low, and might take it for the outcome. So what is to be told next waits, and is told at the latest
before the BYE that ends the dialog.

RFC: 3261 12.2.2; 3515 2.4.4, 2.4.5; 6665 4.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.sipfrag import CONTENT_TYPE, status_line
from sipsimple.protocols.sip.transaction.client import Client
from sipsimple.protocols.sip.usage.outputs import Note
from sipsimple.protocols.sip.usage.refer.state import EXPIRES, Report
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within import exchange
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import ResponseReceived
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs

MOST_WAITING = 16
"""So many wait; of one more than that, the last but one is not told."""


def tell(call: Call, code: int, reason: str, over: str | None = None) -> tuple[Call, Outputs]:
    """Tell the peer of a status, unless it wants to hear of none; `over` says why it is the last one."""
    referral = call.referral
    if referral is None or referral.silent or call.state is State.TERMINATING:
        return call, ()
    report = Report(referral.event, code, reason, over)
    if not _is_on_its_way(call):
        return _send(call, report)
    waiting = (*referral.waiting[: MOST_WAITING - 1], report)
    return replace(call, referral=replace(referral, waiting=waiting)), ()


def answered(call: Call, event: ResponseReceived) -> tuple[Call, Outputs]:
    """Send the next; but report no more to a peer that refuses the reports."""
    if not event.response.is_success:
        return _silenced(call, f"{event.response.status} {event.response.reason}".strip())
    referral = call.referral
    if referral is None or not referral.waiting or call.state is State.TERMINATING:
        return call, ()
    report, *waiting = referral.waiting
    return _send(replace(call, referral=replace(referral, waiting=tuple(waiting))), report)


def lost(call: Call, event: object) -> tuple[Call, Outputs]:
    """Report no more to a peer that is not reached by them."""
    return _silenced(call, getattr(event, "why", "") or "unanswered")


def at_last(call: Call) -> tuple[Call, Outputs]:
    """Tell the outcomes that wait: the dialog is about to end."""
    referral = call.referral
    if referral is None or not referral.waiting:
        return call, ()
    call = replace(call, referral=replace(referral, waiting=()))
    outputs: Outputs = ()
    for report in referral.waiting:
        if report.over is not None:
            call, sent = _send(call, report)
            outputs += sent
    return call, outputs


def _is_on_its_way(call: Call) -> bool:
    entries = call.transactions.entries
    return any(
        key[-1] == "NOTIFY" and isinstance(each, Client) and each.state in ("trying", "proceeding")
        for key, each in entries.items()
    )


def _silenced(call: Call, why: str) -> tuple[Call, Outputs]:
    referral = call.referral
    if referral is None or referral.silent:
        return call, ()
    call = replace(call, referral=replace(referral, silent=True, waiting=()))
    return call, (Note("referral.unreported", {"reason": why}),)


def _send(call: Call, report: Report) -> tuple[Call, Outputs]:
    dialog, flow = exchange.dialog_of(call), exchange.flow_of(call)
    state = f"active;expires={EXPIRES:.0f}" if report.over is None else f"terminated;reason={report.over}"
    headers = (("Contact", exchange.contact(call)), ("Event", report.event), ("Subscription-State", state))
    body = status_line(report.code, report.reason)
    call, dialog, _request, sent = exchange.request_in_dialog(
        call, dialog, flow, "NOTIFY", *headers, body=body, content_type=CONTENT_TYPE
    )
    return replace(call, dialog=dialog), sent
