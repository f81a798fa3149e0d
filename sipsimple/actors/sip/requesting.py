"""Whoever sends requests of its own, as an actor: what registrations and all that is `Asking` have alike.

What they decide lives in their cores, which `protocols.sip.requesting` feeds;
this class brings them what arrives and carries what they ask for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from sipsimple.actors.runtime import Actor, TimerFired, again, carries, handles, is_silent
from sipsimple.actors.sip.redaction import without_password
from sipsimple.actors.wire.messages import SendFailed
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

    from sipsimple.actors.sip.session import Surroundings
    from sipsimple.protocols.sip.message import Request


class Requesting(Actor):
    """Carries one core that has a `client`.

    Args:
        state: The state to begin with.
        around: What all actors of SIP share.
        notify: Posts a notification.
    """

    log_key: ClassVar[str] = "request"
    step: ClassVar[Callable[..., Any]]
    timer_fired: ClassVar[Callable[..., Any]]

    def __init__(self, state: Any, around: Surroundings, notify: Callable[[str, Mapping[str, Any]], None]) -> None:
        super().__init__()
        self.state = state
        self.around = around
        self.notify = notify

    def named(self) -> dict[str, str]:
        """Return what else the log knows it by than its token."""
        raise NotImplementedError

    def bind_log(self) -> None:
        """Be known in the log by its names."""
        if not is_silent(self.log):
            names = {name: without_password(value) for name, value in self.named().items()}
            self.log = self.log.bind(**{self.log_key: self.state.client.token}, **names)

    @handles(TargetResolved)
    @handles(TargetFailed)
    def take(self, event: object) -> None:
        """Take news of the next hop."""
        self.advance(type(self).step, event)

    @handles(ResponseArrived)
    def receive_response(self, event: ResponseArrived) -> None:
        """Take a response to a request of ours."""
        self.log.debug("response.received", status=event.response.status)
        self.advance(type(self).step, event)

    @handles(RequestArrived)
    def pass_on(self, event: RequestArrived) -> None:
        """Let the endpoint refuse a request that bears our tag where there is no dialog."""
        self.around.router.late(event.request, event.flow)

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Take a timer of the core or of one of its transactions."""
        self.advance(type(self).timer_fired, event.name)

    @handles(SendFailed)
    def refuse(self, event: SendFailed) -> None:
        """Take the news that a message did not go out."""
        self.log.info("message.unsent", reason=event.error.reason)
        if event.token is not None:
            self.advance(type(self).step, SendRefused(cast("Request", event.token), event.error.reason))

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
        """Find the flow to the next hop."""
        outcome = self.around.resolver.resolve(output.uri, output.transport, self.ref, output.tried)
        if outcome is not None:
            self.advance(type(self).step, outcome)

    @carries(outputs.Avoid)
    def avoid(self, output: outputs.Avoid) -> None:
        """Have everybody prefer other targets for a while."""
        self.around.resolver.avoid(output.flow, output.seconds)
