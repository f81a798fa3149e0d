"""Sending the NOTIFYs, one after the other: each when the one before was answered.

RFC: 6665 4.1.3, 4.2.2; 3261 12.2.1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.next_hop import still
from sipsimple.protocols.sip.notifier.notifier import Document, Notifier, Step, Terminate, become, end
from sipsimple.protocols.sip.notifier.state import EXPIRY, STANDING, State
from sipsimple.protocols.sip.request import step as requests
from sipsimple.protocols.sip.request.draft import draft_in_dialog
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.request.outputs import Outcome

MOST_WAITING = 100
"""Documents that wait for the answer to those before; of more the oldest are left out."""


def tell(notifier: Notifier, document: Document) -> Step:
    """Tell the subscriber a document; one that has something to see is active."""
    if document.number <= notifier.taken:
        return notifier, ()
    waiting = (*notifier.waiting, document)
    notes = (Note("notifier.left_out", {"count": 1}),) if len(waiting) > MOST_WAITING else ()
    notifier = replace(notifier, waiting=waiting[-MOST_WAITING:], taken=document.number, is_open=True)
    notifier, changed = become(notifier, State.ACTIVE)
    notifier, sent = go_on(notifier)
    return notifier, (*notes, *changed, *sent)


def tell_state(notifier: Notifier) -> Step:
    """Tell what was told last: the subscriber has asked."""
    return go_on(replace(notifier, is_due=True))


def finish(notifier: Notifier, why: Terminate) -> Step:
    """Tell what waits, then the end."""
    notifier, changed = become(replace(notifier, why=why), State.ENDING, None, why.reason)
    notifier, sent = tell_state(notifier)
    return notifier, (StopTimer(EXPIRY), *changed, *sent)


def expire(notifier: Notifier, _: object) -> Step:
    """End what nobody has refreshed."""
    return finish(notifier, Terminate("timeout", is_expiry=True))


def go_on(notifier: Notifier) -> Step:
    """Send what is next, unless a NOTIFY is under way."""
    if notifier.client.is_busy:
        return notifier, ()
    if notifier.waiting:
        document, *rest = notifier.waiting
        notifier = replace(notifier, document=document, waiting=tuple(rest), is_due=notifier.is_due and bool(rest))
        if notifier.state is State.ENDING and not rest:
            notifier = replace(notifier, is_last=True)
        return _send(notifier)
    if not notifier.is_due:
        return notifier, ()
    return _send(replace(notifier, is_due=False, is_last=notifier.state is State.ENDING))


def _send(notifier: Notifier) -> Step:
    document, client = notifier.document if notifier.is_open else None, notifier.client
    headers = [("Event", str(notifier.event)), ("Subscription-State", _state(notifier))]
    if document is not None:
        headers.append(("Content-Type", document.content_type))
    body = b"" if document is None else document.body
    draft = draft_in_dialog(notifier.dialog, "NOTIFY", notifier.contact, tuple(headers), body)
    if draft.next_hop != notifier.next_hop:
        client = replace(client, flow=still(client.flow, draft.next_hop))
    client, outputs = requests.begin(client, draft)
    return replace(notifier, client=client, next_hop=draft.next_hop), outputs


def _state(notifier: Notifier) -> str:
    why = notifier.why
    if not notifier.is_last or why is None:
        word = "active" if notifier.is_open else "pending"
        return f"{word};expires={notifier.left}"
    after = "" if why.retry_after is None else f";retry-after={why.retry_after}"
    return f"terminated;reason={why.reason}{after}"


def delivered(notifier: Notifier, outcome: Outcome) -> Step:
    """Go on with what waits; the last one ends it."""
    told = Notify("SCIncomingSubscriptionNotifyDidSucceed", {"code": outcome.code, "reason": outcome.reason})
    notifier, outputs = end(notifier) if notifier.is_last else go_on(notifier)
    return notifier, (told, *outputs)


def refused(notifier: Notifier, outcome: Outcome) -> Step:
    """End what the subscriber does not know or does not hear of; one that says when to come again is told later."""
    data = {"code": outcome.code, "reason": outcome.reason, "originator": outcome.origin}
    told = Notify("SCIncomingSubscriptionNotifyDidFail", data)
    is_passing = outcome.retry_after is not None and outcome.code != 481
    if is_passing and notifier.state in STANDING:
        return notifier, (told,)
    notifier, outputs = end(notifier, outcome.code, outcome.reason)
    return notifier, (told, *outputs)


def move(notifier: Notifier, _: object) -> Step:
    """Tell the subscriber where we are now."""
    notifier, stopped = requesting.abandon(notifier)
    notifier, sent = tell_state(replace(notifier, client=replace(notifier.client, flow=None)))
    return notifier, (*stopped, *sent)


def resume(notifier: Notifier, _: object) -> Step:
    """Wait on for what the state waits for, and send what is to be sent."""
    notifier, outputs = requesting.resumed(notifier)
    if notifier.state in STANDING:
        outputs += (StartTimer(EXPIRY, max(0.0, notifier.until - notifier.now)),)
    notifier, sent = go_on(notifier)
    return notifier, (*outputs, *sent)
