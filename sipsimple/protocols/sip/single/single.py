"""One request of the application, from `send()` to its end; what it was granted for some time lasts that long.

RFC: 3261 8.1, 10.2.4, 20.19; 3428 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import requesting
from sipsimple.protocols.sip.headers.shown import shown_headers
from sipsimple.protocols.sip.headers.tokens import parse_delta_seconds
from sipsimple.protocols.sip.request import step as requests
from sipsimple.protocols.sip.request.outputs import Outcome
from sipsimple.protocols.sip.single.state import TIMERS, State
from sipsimple.protocols.sip.usage.outputs import HandOver, Notify
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.request.client import RequestClient
    from sipsimple.protocols.sip.request.draft import Draft

Outputs: TypeAlias = tuple[object, ...]

NOTICE = 30.0
"""Seconds before the end that it is announced; half of the time where that is less than twice as long."""
LONGEST = 30 * 86400
"""Seconds: nothing is believed to be granted for longer."""

_GRANTING = frozenset({"REGISTER", "SUBSCRIBE", "PUBLISH"})


class Send(Value):
    """Send it; without an outcome in `timeout` seconds it has failed. None: as long as its transactions take."""

    timeout: float | None = None


class Terminate(Value):
    """Be over."""


class SingleRequest(Value):
    """State of one request; a value, replaced on each step.

    Attributes:
        client: Sends it.
        draft: What is sent.
        state: Where it stands.
        timeout: Seconds that the application gives.
        granted: Seconds that the far end granted.
    """

    client: RequestClient
    draft: Draft
    state: State = State.INIT
    timeout: float | None = None
    granted: float = 0.0

    @property
    def is_new(self) -> bool:
        """Nothing has happened yet."""
        return self.state is State.INIT

    @property
    def is_over(self) -> bool:
        """Nothing will change any more."""
        return self.state is State.TERMINATED

    @property
    def shown(self) -> str:
        """The state that applications are shown."""
        return self.state.value


Step: TypeAlias = tuple[SingleRequest, Outputs]


def send(single: SingleRequest, command: Send) -> Step:
    """Send it."""
    client, outputs = requests.begin(single.client, single.draft)
    single = replace(single, client=client, state=State.IN_PROGRESS, timeout=command.timeout)
    return single, (*_patience(single), *outputs)


def provisional(single: SingleRequest, response: Response) -> Step:
    """Tell a provisional response."""
    return single, (Notify("SCRequestGotProvisionalResponse", _told(response.status, response.reason, response)),)


def succeed(single: SingleRequest, outcome: Outcome) -> Step:
    """Tell the success; something that was granted for a while is over only after that."""
    assert outcome.response is not None, "what succeeded was answered"
    told = Notify("SCRequestDidSucceed", _told(outcome.code, outcome.reason, outcome.response))
    granted = _granted(single.draft, outcome.response)
    if not granted:
        return _end(single, told)
    single = replace(single, state=State.EXPIRING, granted=granted)
    return single, (StopTimer("patience"), *_clocks(single), told)


def fail(single: SingleRequest, outcome: Outcome) -> Step:
    """Tell the failure, and be over."""
    return _end(single, Notify("SCRequestDidFail", _told(outcome.code, outcome.reason, outcome.response)))


def lose_patience(single: SingleRequest, _: object) -> Step:
    """Wait no longer for the outcome."""
    single, stopped = requesting.abandon(single)
    single, outputs = fail(single, Outcome(None, 408, "no answer in time", "local"))
    return single, (*stopped, *outputs)


def announce(single: SingleRequest, _: object) -> Step:
    """Tell that the end of what was granted is near."""
    return single, (Notify("SCRequestWillExpire", {"expires": int(_notice(single))}),)


def terminate(single: SingleRequest, _: object) -> Step:
    """Be over; an outcome that is still to come is not told."""
    single, stopped = requesting.abandon(single)
    single, outputs = _end(single)
    return single, (*stopped, *outputs)


def resume(single: SingleRequest, _: object) -> Step:
    """Wait on, each timer with its whole interval."""
    single, outputs = requesting.resumed(single)
    timers = _clocks(single) if single.state is State.EXPIRING else _patience(single)
    return single, (*outputs, *timers)


def _end(single: SingleRequest, *told: Notify) -> Step:
    single = replace(single, state=State.TERMINATED)
    stops = [StopTimer(name) for name in TIMERS]
    return single, (*stops, *told, Notify("SCRequestDidEnd"), HandOver(single.client.transactions))


def _told(code: int, reason: str, response: Response | None) -> dict[str, Any]:
    headers, body = (None, None) if response is None else (shown_headers(response), response.body)
    return {"code": code, "reason": reason, "headers": headers, "body": body}


def _patience(single: SingleRequest) -> Outputs:
    return () if single.timeout is None else (StartTimer("patience", single.timeout),)


def _notice(single: SingleRequest) -> float:
    return min(NOTICE, single.granted / 2)


def _clocks(single: SingleRequest) -> Outputs:
    return StartTimer("notice", single.granted - _notice(single)), StartTimer("expiry", single.granted)


def _granted(draft: Draft, response: Response) -> float:
    """Return the seconds that were granted: of the only Contact, of Expires, or as many as were asked for; 0: none."""
    if draft.method not in _GRANTING:
        return 0.0
    contacts = response.get_all("contact") if draft.method == "REGISTER" else []
    asked = next((value for name, value in draft.headers if name.lower() == "expires"), None)
    try:
        only = response.contact if len(contacts) == 1 else None
        texts = None if only is None else only.parameter("expires"), response.get("expires"), asked
        text = next((each for each in texts if each is not None), "0")
        return float(min(parse_delta_seconds(text), LONGEST))
    except RemoteProtocolError:
        return 0.0
