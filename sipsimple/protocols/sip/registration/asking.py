"""Sending the REGISTERs of a registration, and telling what becomes of its state.

RFC: 3261 10.2, 10.2.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sipsimple.protocols.outputs import StopTimer
from sipsimple.protocols.sip.registration.state import SHOWN, Registration, State
from sipsimple.protocols.sip.registration.terms import draft
from sipsimple.protocols.sip.request import step as requests
from sipsimple.protocols.sip.requesting import abandon
from sipsimple.protocols.sip.usage.outputs import Note, Notify
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.request.outputs import Outcome

Outputs: TypeAlias = tuple[object, ...]
Step: TypeAlias = tuple[Registration, Outputs]

REFRESH, RETRY, EXPIRY = "refresh", "retry", "expiry"
"""The timers of a registration."""

_UNDER_WAY = frozenset({State.REGISTERING, State.REFRESHING, State.CLOSING, State.UNREGISTERING})


def ask(registration: Registration, state: State) -> Step:
    """Send a REGISTER and be in `state`, which says what for; one that is under way is forgotten."""
    registration, stopped = abandon(registration)
    client, outputs = requests.begin(registration.client, _draft(registration, state))
    registration, changed = become(replace(registration, client=client), state)
    return registration, (StopTimer(REFRESH), StopTimer(RETRY), *stopped, *changed, *outputs)


def _draft(registration: Registration, state: State) -> Any:
    is_binding = state is not State.UNREGISTERING
    return draft(
        registration.terms,
        registration.tag,
        registration.call_id,
        registration.asked if is_binding else 0,
        is_outbound=registration.is_outbound,
        outdated=registration.outdated if is_binding else None,
    )


def become(registration: Registration, state: State, outcome: Outcome | None = None) -> Step:
    """Be in `state`; applications are told of the states that they are shown."""
    previous, shown = registration.shown, SHOWN[state]
    was, registration = registration.state, replace(registration, state=state)
    if was is state:
        return registration, ()
    note = Note("registration.changed", {"previous": was.value, "state": state.value, **why(outcome)})
    if previous == shown:
        return registration, (note,)
    data = {"prev_state": previous, "state": shown, **why(outcome), **granted(registration)}
    return registration, (note, Notify("SCRegistrationChangedState", data))


def why(outcome: Outcome | None) -> dict[str, Any]:
    """Return the status and its reason for a notification; None where nothing was answered or failed."""
    if outcome is None:
        return {"code": None, "reason": None}
    return {"code": outcome.code, "reason": outcome.reason}


def granted(registration: Registration) -> dict[str, Any]:
    """Return what is bound, for a notification."""
    answer = registration.answer
    if answer is None or registration.shown != "registered":
        return {"contact_uri": None, "expires": None, "contact_uri_list": None}
    bindings = [(each.uri, each.expires) for each in answer.bindings]
    return {"contact_uri": registration.contact_uri, "expires": answer.expires, "contact_uri_list": bindings}


def is_under_way(registration: Registration) -> bool:
    """Tell whether a REGISTER is under way."""
    return registration.state in _UNDER_WAY
