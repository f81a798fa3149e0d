"""The states of a single request, and the stimuli that its table knows."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where it stands; the words are the published ones."""

    INIT = "INIT"
    IN_PROGRESS = "IN_PROGRESS"
    EXPIRING = "EXPIRING"
    TERMINATED = "TERMINATED"


class Stimulus(StrEnum):
    """What can happen."""

    SEND = "send()"
    TERMINATE = "terminate()"
    PROVISIONAL = "1xx"
    SUCCESS = "2xx"
    FAILURE = "any other outcome"
    TOO_LATE = "no outcome in the time that the application gives"
    NOTICE_DUE = "time to announce the end"
    EXPIRED = "what was granted has run out"
    RESUMED = "the actor goes on after a crash"


TIMERS = {"patience": Stimulus.TOO_LATE, "notice": Stimulus.NOTICE_DUE, "expiry": Stimulus.EXPIRED}
