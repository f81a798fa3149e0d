"""The state of a reservation at MSRP relays: who asks whom for what, and what was granted. RFC 4976 section 5."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sipsimple.protocols.msrp.outputs import Send
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.digest import Credentials, Login
    from sipsimple.protocols.msrp.message import MSRPData


class State(StrEnum):
    """Where a reservation stands."""

    IDLE = "IDLE"
    CONNECTING = "CONNECTING"
    AUTHENTICATING = "AUTHENTICATING"
    RESERVED = "RESERVED"
    REFRESHING = "REFRESHING"
    CLOSED = "CLOSED"


class Terms(Value):
    """What does not change while a reservation lives.

    Attributes:
        own: Our URI, which stands last in the `a=path` of the session.
        relays: URIs to ask for a path, the nearest first: `msrps://example.com;tcp`.
        credentials: For each relay.
        seed: What every transaction id begins with.
        refuse_md5: Take no challenge that wants MD5.
    """

    own: str
    relays: tuple[str, ...]
    credentials: tuple[Credentials, ...]
    seed: str
    refuse_md5: bool = False


class Grant(Discreet):
    """What one relay granted.

    Attributes:
        path: Its Use-Path: the URIs of all relays so far, in the order of `a=path`.
        expires: Seconds, None when the relay named none.
        login: To begin the refresh with, so that it needs no second try.
    """

    HIDDEN = ("login",)

    path: tuple[str, ...]
    expires: int | None = None
    login: Login | None = None


class Reservation(Discreet):
    """A path at one or several relays.

    Attributes:
        counter: Number of the next transaction.
        hop: Which relay is being asked.
        tries: How often the present relay was asked in this round.
        expires: Seconds to ask for; None leaves it to the relay.
        login: For the present relay.
        grants: What the relays granted in this round, the nearest first.
        path: What stands before our URI in `a=path`, as last told.
        earlier: The grants of the round before.
    """

    HIDDEN = ("login",)

    terms: Terms
    state: State = State.IDLE
    counter: int = 0
    hop: int = 0
    tries: int = 0
    expires: int | None = None
    login: Login | None = None
    grants: tuple[Grant, ...] = ()
    path: tuple[str, ...] = ()
    earlier: tuple[Grant, ...] = ()


class Reserved(Value):
    """The relays hold a path for us.

    Attributes:
        path: To stand before our own URI in `a=path`: outermost relay first.
        expires: Seconds until it ends unless refreshed; None for no end known.
    """

    path: tuple[str, ...]
    expires: int | None


class PathChanged(Value):
    """A refresh gave another path: sessions that told the earlier one have to tell this one."""

    path: tuple[str, ...]


class ReservationFailed(Discreet):
    """There is no path, or no longer.

    Attributes:
        code: What the relay answered; 408 when it did not, 0 for what happened to the connection.
        message: The answer, if there was one.
    """

    HIDDEN = ("message",)

    code: int
    reason: str
    message: MSRPData | None = None


class ReservationEnded(Value):
    """It is over, always the last output: close the connection."""


Output = Send | StartTimer | StopTimer | Reserved | PathChanged | ReservationFailed | ReservationEnded
Step = tuple[Reservation, tuple[Output, ...]]
