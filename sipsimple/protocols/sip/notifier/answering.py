"""Answering the SUBSCRIBEs of one subscription: the first as the application decides, the others as they ask.

RFC: 6665 4.2.1; 4320 4.2; 3261 12.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.next_hop import is_sender, next_hop
from sipsimple.protocols.sip.notifier import telling
from sipsimple.protocols.sip.notifier.notifier import Accept, Notifier, Reject, Step, Terminate, become, end
from sipsimple.protocols.sip.notifier.state import EXPIRY, PATIENCE, State
from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived

UNDECIDED = Reject(480, "Nobody Has Decided")


def patience(notifier: Notifier) -> float:
    """Return the seconds that the application has: the answer must be back before the subscriber gives up."""
    return notifier.client.transactions.timing.timeout / 2


def wait(notifier: Notifier, _: object) -> Step:
    """Give the application its time."""
    return notifier, (StartTimer(PATIENCE, patience(notifier)),)


def accept(notifier: Notifier, command: Accept) -> Step:
    """Grant it, and tell the state at once."""
    asked_by = notifier.asked_by
    assert asked_by is not None, "a SUBSCRIBE waits"
    document = command.document
    taken = notifier.taken if document is None else document.number
    notifier = replace(
        notifier, most=command.expires, asked_by=None, document=document, taken=taken, is_open=not command.is_pending
    )
    notifier, sent = _grant(notifier, asked_by, notifier.asked)
    state = State.PENDING if command.is_pending else State.ACTIVE
    notifier, changed = become(notifier, state)
    if not notifier.asked:  # the subscriber wants the present state only
        notifier, told = telling.finish(notifier, Terminate("timeout"))
        return notifier, (StopTimer(PATIENCE), *sent, *changed, *told)
    notifier, told = telling.tell_state(notifier)
    return notifier, (StopTimer(PATIENCE), *sent, *changed, *told)


def reject(notifier: Notifier, command: Reject) -> Step:
    """Refuse it."""
    asked_by = notifier.asked_by
    assert asked_by is not None, "a SUBSCRIBE waits"
    reason = command.reason or reason_phrase(command.code)
    notifier, sent = requesting.respond(replace(notifier, asked_by=None), asked_by, command.code, reason=reason)
    notifier, outputs = end(notifier, command.code, reason)
    return notifier, (*sent, *outputs)


def give_up(notifier: Notifier, _: object) -> Step:
    """Refuse what the application has not decided about."""
    notifier, outputs = reject(notifier, UNDECIDED)
    return notifier, (Note("notifier.undecided"), *outputs)


def turn_away(notifier: Notifier, _: Terminate) -> Step:
    """Refuse it: it is to end before it has begun."""
    return reject(notifier, Reject(480))


def refreshed(notifier: Notifier, event: RequestReceived) -> Step:
    """Grant it for longer, and tell the whole state again."""
    notifier, sent = _grant(notifier, event, notifier.asked)
    notifier, told = telling.tell_state(notifier)
    granted = Notify("SCIncomingSubscriptionGotRefresh", {"expires": notifier.left})
    return notifier, (*sent, granted, *told)


def unsubscribed(notifier: Notifier, event: RequestReceived) -> Step:
    """End it as the subscriber wants, with the state for the last time."""
    notifier, sent = _grant(notifier, event, 0)
    notifier, told = telling.finish(notifier, Terminate("timeout"))
    return notifier, (*sent, *told)


def _connected(notifier: Notifier, event: RequestReceived) -> Notifier:
    """Tell it by the connection that the subscriber has now, unless a route or another Contact leads elsewhere.

    It may be all that reaches a subscriber behind NAT.
    """
    client, flow, dialog = notifier.client, event.flow, notifier.dialog
    if not flow.reliable or client.is_busy:
        return notifier
    hop = next_hop(dialog)
    is_first = not notifier.next_hop and not dialog.route_set
    is_there = flow.back is not None and (is_first or is_sender(event.request.via, flow, hop))
    return replace(notifier, client=replace(client, flow=flow), next_hop=hop if is_there else notifier.next_hop)


def _grant(notifier: Notifier, event: RequestReceived, asked: int) -> Step:
    granted = min(asked, notifier.most)
    notifier = replace(_connected(notifier, event), until=notifier.now + granted)
    contact = ("Contact", notifier.contact.value(event.flow))
    notifier, sent = requesting.respond(notifier, event, 200, ("Expires", str(granted)), contact)
    return notifier, (*sent, *((StartTimer(EXPIRY, float(granted)),) if granted else ()))
