"""The one way into a subscription that was made here: what happens goes through the table.

RFC: 6665 4.2; 3261 12.2.2, 17.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.notifier.admission import event_of, seconds_of
from sipsimple.protocols.sip.notifier.notifier import Accept, Document, Notifier, Outputs, Reject, Step, Terminate
from sipsimple.protocols.sip.notifier.state import STANDING, TIMERS, Stimulus
from sipsimple.protocols.sip.notifier.table import TRANSITIONS
from sipsimple.protocols.sip.usage.events import RequestArrived, Resumed
from sipsimple.protocols.sip.way_in import WayIn
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.request.outputs import Outcome
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived


class Begin(Value):
    """Wait for the decision of the application."""


class Again(Value):
    """Do what the application has decided and asked for last, as far as a crash has cost it."""

    commands: tuple[object, ...]


_COMMANDS: dict[type, Stimulus] = {
    Begin: Stimulus.BEGIN,
    Accept: Stimulus.ACCEPT,
    Reject: Stimulus.REJECT,
    Document: Stimulus.NOTIFY,
    Terminate: Stimulus.TERMINATE,
    requesting.NetworkChanged: Stimulus.MOVED,
    Resumed: Stimulus.RESUMED,
}


def _stimulus_of(outcome: Outcome) -> Stimulus:
    return Stimulus.DELIVERED if outcome.is_success else Stimulus.REFUSED


WAY: WayIn[Notifier] = WayIn(TRANSITIONS, _COMMANDS, TIMERS, _stimulus_of)

timer_fired = WAY.timer_fired
"""Take a timer: one of the subscription's own by its word, one of a transaction by (key, name)."""


def step(notifier: Notifier, event: object) -> Step:
    """Take a command, or news of the NOTIFY that is under way."""
    if not isinstance(event, Again):
        return WAY.step(notifier, event)
    outputs: Outputs = ()
    for command in event.commands:
        notifier, more = WAY.step(notifier, command)
        outputs += more
    return notifier, outputs


def request_arrived(notifier: Notifier, event: RequestArrived) -> Step:
    """Take a request that bears our tag, or a repeated one."""
    if notifier.is_over:
        return notifier, ()
    return requesting.request_arrived(notifier, event, _check, _received)


def _received(_: Notifier, event: RequestReceived, checked: tuple[Notifier, int]) -> Step:
    notifier, asked = checked
    stimulus = Stimulus.REFRESHED if asked else Stimulus.UNSUBSCRIBED
    return WAY.take(replace(notifier, asked=asked), stimulus, event)


def _check(notifier: Notifier, request: Request) -> tuple[Notifier, int]:
    """Return the notifier with its dialog as it is after this SUBSCRIBE, and the seconds that it asks for.

    Raises:
        RemoteProtocolError: It is not taken: 400, 405, 420, 481, 482, 489, 500.
    """
    if request.to.tag is None:
        raise RemoteProtocolError("merged request", 482)
    if request.cseq.method != request.method:
        raise RemoteProtocolError(f"CSeq says {request.cseq.method!r} in {request.method!r}")
    if request.method != "SUBSCRIBE":
        raise RemoteProtocolError(f"{request.method} of a subscriber", 405, ("Allow", "SUBSCRIBE"))
    dialog, tags = notifier.dialog, (request.call_id, request.to.tag, request.from_.tag)
    if notifier.state not in STANDING or not dialogs.matches(dialog, *tags):
        raise RemoteProtocolError("no such subscription", 481)
    event = event_of(request)
    if (event.package, event.id) != (notifier.event.package, notifier.event.id):
        raise RemoteProtocolError(f"event {event}", 489, ("Allow-Events", notifier.event.package))
    if request.require:
        tags_text = ", ".join(request.require)
        raise RemoteProtocolError(f"extensions not supported: {tags_text}", 420, ("Unsupported", tags_text))
    asked = seconds_of(request)
    dialog, error = dialogs.accepts(dialog, request)
    if error is not None:
        raise error
    return replace(notifier, dialog=dialogs.retargeted(dialog, request)), asked
