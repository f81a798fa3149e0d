"""The states of a subscription that was made here, and the stimuli that its table knows."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where it stands.

    INCOMING: the application has not decided yet. PENDING: it was accepted, and
    tells nothing yet. ENDING: the last NOTIFY is on its way. OVER: nothing is left.
    """

    INCOMING = "incoming"
    PENDING = "pending"
    ACTIVE = "active"
    ENDING = "ending"
    OVER = "over"


SHOWN = {
    State.INCOMING: "incoming",
    State.PENDING: "pending",
    State.ACTIVE: "active",
    State.ENDING: "terminated",
    State.OVER: "terminated",
}
"""What applications are shown."""

STANDING = frozenset({State.PENDING, State.ACTIVE})
"""The subscriber is notified."""


class Stimulus(StrEnum):
    """What can happen."""

    BEGIN = "SUBSCRIBE"
    ACCEPT = "accept()"
    REJECT = "reject()"
    NOTIFY = "notify()"
    TERMINATE = "terminate()"

    REFRESHED = "SUBSCRIBE within the dialog"
    UNSUBSCRIBED = "SUBSCRIBE within the dialog, for no time"

    DELIVERED = "NOTIFY answered 2xx"
    REFUSED = "NOTIFY answered otherwise, or not at all"

    UNDECIDED = "the application has not decided in time"
    EXPIRED = "what was granted has run out"
    MOVED = "the network is another one"
    RESUMED = "the actor goes on after a crash"


PATIENCE, EXPIRY = "patience", "expiry"
"""The timers."""

TIMERS = {PATIENCE: Stimulus.UNDECIDED, EXPIRY: Stimulus.EXPIRED}
