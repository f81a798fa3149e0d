"""What becomes of a subscription when a SUBSCRIBE is answered.

RFC: 6665 4.1.2.1 to 4.1.2.3; 3261 21.4.17.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.renewals import longer, refresh_after
from sipsimple.protocols.sip.request import grants
from sipsimple.protocols.sip.requesting import draw
from sipsimple.protocols.sip.subscription import asking, trouble
from sipsimple.protocols.sip.subscription import state as names
from sipsimple.protocols.sip.subscription.state import State, Stimulus
from sipsimple.protocols.sip.subscription.subscription import Outputs, Subscription, become, end
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.request.outputs import Outcome

Step: TypeAlias = tuple[Subscription, Outputs]

MOST_EXPIRES = 7 * 86400
"""Seconds: nothing is asked for or believed to be granted for longer."""


def stimulus_of(outcome: Outcome) -> Stimulus:
    """Tell which stimulus an outcome is."""
    if outcome.is_success:
        return Stimulus.SUCCESS
    if outcome.code == 423:
        return Stimulus.TOO_BRIEF
    if outcome.code == 481:
        return Stimulus.GONE
    return Stimulus.REFUSED if grants.is_final(outcome.code) else Stimulus.FAILURE


def accepted(subscription: Subscription, outcome: Outcome) -> Step:
    """Count from now the time that was granted; the first NOTIFY must come within 64*T1, if it has not come before."""
    response = grants.response_of(outcome)
    granted = grants.granted(response, subscription.expires, MOST_EXPIRES)
    subscription = with_dialog(replace(subscription, granted=granted), outcome)
    changed: Outputs = ()
    is_waiting = subscription.state is State.SENT
    if is_waiting:
        subscription, changed = become(subscription, State.ACCEPTED, outcome)
    told = Notify("SCSubscriptionDidSucceed", {"code": outcome.code, "reason": outcome.reason, "expires": int(granted)})
    if not subscription.terms.expires and not is_waiting:
        return end(subscription, None, told)  # a fetch, whose NOTIFY was here first
    subscription, timers = clocks(subscription)
    if is_waiting:
        timers += (StartTimer(names.FIRST_NOTIFY, subscription.client.transactions.timing.timeout),)
    if subscription.failures and not subscription.is_holding:
        subscription = replace(subscription, is_holding=True)
        timers += (StartTimer(names.STEADY, names.STEADY_SECONDS),)
    return subscription, (*timers, *changed, told)


def clocks(subscription: Subscription) -> Step:
    """Start the timers of what was granted; something that is granted for no time has none."""
    granted = subscription.granted
    if not granted or not subscription.terms.expires:
        return subscription, ()
    subscription, drawn = draw(subscription)
    after = refresh_after(granted, drawn, is_first=not subscription.is_apart)
    subscription = replace(subscription, left=granted - after)
    timers = StartTimer(names.REFRESH, after), StartTimer(names.EXPIRY, granted), StopTimer(names.RETRY)
    return subscription, timers


def told_what_is_left(subscription: Subscription, seconds: float) -> Step:
    """Go by what a NOTIFY says is left; it puts no refresh off, however many of them come."""
    left = subscription.left
    subscription = replace(subscription, granted=seconds)
    if left is None:
        return subscription, (StartTimer(names.EXPIRY, seconds),)
    if seconds <= left:
        return clocks(subscription)  # the notifier wants us to come sooner
    return subscription, (StartTimer(names.REFRESH, seconds - left), StartTimer(names.EXPIRY, seconds))


def lengthen(subscription: Subscription, outcome: Outcome) -> Step:
    """Ask again for as long as the far end wants, which must be more than what was asked for."""
    first = subscription.terms.expires
    wanted = longer(subscription.expires, first, grants.least(grants.response_of(outcome)), MOST_EXPIRES)
    if wanted is None or not first:
        return trouble.refuse(subscription, outcome)
    subscription, sent = asking.send(replace(subscription, expires=wanted), wanted)
    return subscription, (Note("subscription.lengthened", {"expires": wanted}), *sent)


def left(subscription: Subscription, outcome: Outcome) -> Step:
    """Wait for the last NOTIFY; if it was another SUBSCRIBE that succeeded, send now the one that ends it."""
    if subscription.is_leaving:
        return subscription, (StartTimer(names.FIRST_NOTIFY, subscription.client.transactions.timing.timeout),)
    return asking.say_goodbye(with_dialog(subscription, outcome))


def with_dialog(subscription: Subscription, outcome: Outcome) -> Subscription:
    """Keep the dialog of the 2xx until a NOTIFY makes it; later the 2xx only moves its target."""
    response, request = grants.response_of(outcome), outcome.request
    try:
        dialog = subscription.dialog
        if dialog is None and request is not None:
            dialog = dialogs.from_response(request, response)
        elif dialog is not None and dialog.remote_tag == response.to.tag:
            dialog = dialogs.retargeted(dialog, response)
    except RemoteProtocolError:
        return subscription  # the NOTIFY tells the dialog too
    return replace(subscription, dialog=dialog)
