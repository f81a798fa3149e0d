"""One registration as an actor.

What it decides lives in `protocols.sip.registration`; this class feeds it and
carries what it asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sipsimple.actors.again import again
from sipsimple.actors.kept_flows import Keep, LetGo
from sipsimple.actors.redaction import without_password
from sipsimple.actors.runtime import Actor, Ref, TimerFired, carries, handles, is_silent
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.protocols.sip.registration import events
from sipsimple.protocols.sip.registration.state import State
from sipsimple.protocols.sip.registration.step import step, timer_fired
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.usage import outputs
from sipsimple.protocols.sip.usage.events import (
    RequestArrived,
    ResponseArrived,
    SendRefused,
    TargetFailed,
    TargetResolved,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipsimple.actors.session import Surroundings
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.registration import state as core

_GONE = frozenset({State.UNREGISTERED, State.CLOSING, State.UNREGISTERING})


class Registration(Actor):
    """Carries one registration, as long as it is wanted or something is left of it.

    Args:
        registration: The state to begin with.
        around: What all sessions share.
        flows: Keeps the flow to the registrar.
        notify: Posts a notification of this registration.
        is_wanted: Tells what the application asked for last; a crash may have cost the command.
        ended: Called at the end, with whether there is a command that came too late.
    """

    state: core.Registration

    def __init__(
        self,
        registration: core.Registration,
        around: Surroundings,
        flows: Ref,
        notify: Callable[[str, Mapping[str, Any]], None],
        is_wanted: Callable[[], bool],
        ended: Callable[[bool], None],
    ) -> None:
        super().__init__()
        self.state = registration
        self.around = around
        self.flows = flows
        self.notify = notify
        self.is_wanted = is_wanted
        self.ended = ended

    def started(self) -> None:
        """Be known in the log by the registration's names."""
        self._bind_log()

    def restarted(self) -> None:
        """Go on with the last committed state, towards what is wanted."""
        self._bind_log()
        state = self.state.state
        self.log.warning("registration.restarted", state=state.value)
        is_wanted = self.is_wanted()
        if is_wanted and state is State.UNREGISTERED:
            self.advance(step, events.Register())
            return
        self.advance(step, events.Resumed())
        if is_wanted is (state in _GONE):
            self.advance(step, events.Register() if is_wanted else events.Unregister())

    def stopped(self, _reason: str) -> None:
        """Be forgotten."""
        self.flows.tell(LetGo(self.ref))
        self.around.router.forget(self.state.client.token)
        self.ended(any(isinstance(each, events.Register) for each in self.slot.mailbox.messages()))

    def _bind_log(self) -> None:
        if is_silent(self.log):
            return
        registration = self.state
        address = without_password(registration.terms.address)
        self.log = self.log.bind(registration=registration.client.token, call_id=registration.call_id, address=address)

    @handles(events.Register)
    @handles(events.Unregister)
    @handles(events.NetworkChanged)
    @handles(events.FlowLost)
    @handles(events.Crashed)
    @handles(events.Abandoned)
    @handles(TargetResolved)
    @handles(TargetFailed)
    def take(self, event: object) -> None:
        """Take a command, or news of the next hop or the flow."""
        self.advance(step, event)

    @handles(ResponseArrived)
    def receive_response(self, event: ResponseArrived) -> None:
        """Take the answer to a REGISTER."""
        self.log.debug("response.received", status=event.response.status)
        self.advance(step, event)

    @handles(RequestArrived)
    def pass_on(self, event: RequestArrived) -> None:
        """Let the endpoint refuse a request that bears our tag: a registration has no dialog."""
        self.around.router.late(event.request, event.flow)

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Take a timer of the registration or of one of its transactions."""
        self.advance(timer_fired, event.name)

    @handles(SendFailed)
    def refuse(self, event: SendFailed) -> None:
        """Take the news that a REGISTER did not go out."""
        self.log.info("message.unsent", reason=event.error.reason)
        self.advance(step, SendRefused(cast("Request", event.token), event.error.reason))

    @carries(Send)
    @again
    def put_on_wire(self, output: Send) -> None:
        """Send."""
        self.around.transports.send(bytes(output.message), output.flow, self.ref, output.message)

    @carries(outputs.Notify)
    @again
    def tell_observers(self, output: outputs.Notify) -> None:
        """Post the notification."""
        self.notify(output.name, output.data)

    @carries(outputs.Note)
    def write_note(self, output: outputs.Note) -> None:
        """Write a log event."""
        self.log.info(output.event, **output.data)

    @carries(outputs.Resolve)
    @again
    def resolve(self, output: outputs.Resolve) -> None:
        """Find the flow to the registrar."""
        outcome = self.around.resolver.resolve(output.uri, output.transport, self.ref, output.tried)
        if outcome is not None:
            self.advance(step, outcome)

    @carries(outputs.Avoid)
    def avoid(self, output: outputs.Avoid) -> None:
        """Have everybody prefer other targets for a while."""
        self.around.resolver.avoid(output.flow, output.seconds)

    @carries(events.KeepAlive)
    @again
    def keep_alive(self, output: events.KeepAlive) -> None:
        """Have the flow kept open."""
        self.flows.tell(Keep(self.ref, output.flow, output.every))

    @carries(events.Ended)
    @again
    def end(self, _output: events.Ended) -> None:
        """End; unless a crash came between, and it is asked for again."""
        if self.state.state is State.UNREGISTERED:
            self.stop()
