"""One session (RFC 3261 call) as an actor.

What a call decides lives in `protocols.sip.usage`; this class feeds it and
carries what it asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from sipsimple.actors.runtime import Actor, Ref, TimerFired, again, carries, handles, is_silent
from sipsimple.actors.sip.lingering import HandedOver
from sipsimple.actors.sip.redaction import without_password
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.actors.wire.sockets import address_text
from sipsimple.errors import ActorError
from sipsimple.protocols.sip.transaction.outputs import ResponseNotSent, Send, TransactionEnded
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.refer import events as transfer_events
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.step import (
    URGENT,
    invited,
    request_arrived,
    request_postponed,
    response_arrived,
    send_refused,
    step,
    timer_fired,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipsimple.actors.sip.router import Router
    from sipsimple.actors.wire.resolver import Resolver
    from sipsimple.actors.wire.transports import Transports
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.usage.call import Call


class Streams(Protocol):
    """The streams of one call, as its session sees them."""

    def prepare(self, output: outputs.Prepare, session: Ref) -> None:
        """Prepare a stream; `session` is told StreamPrepared or StreamFailed, again if it is asked again."""

    def start(self, output: outputs.StartStream) -> None:
        """Connect a prepared stream, or bring a running one what was agreed anew."""

    def revert(self, output: outputs.Revert) -> None:
        """Let a running stream go on as agreed before."""

    def hold(self, output: outputs.HoldStream) -> None:
        """Mute a stream, or let it be heard again."""

    def stop(self, output: outputs.StopStream) -> None:
        """End a stream."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every session of an engine shares."""

    transports: Transports
    router: Router
    resolver: Resolver
    lingering: Ref


class Session(Actor):
    """Carries one call.

    A look-up or a preparation that it crashed on is asked for anew by the
    restarted core, any other output that matters is carried again.

    Args:
        call: The state to begin with.
        around: What all sessions share.
        streams: The streams of this call.
        notify: Posts a notification of this session.
        lags: Tells whether too many of them wait for observers.
    """

    state: Call

    def __init__(
        self,
        call: Call,
        around: Surroundings,
        streams: Streams,
        notify: Callable[[str, Mapping[str, Any]], None],
        lags: Callable[[], bool],
    ) -> None:
        super().__init__()
        self.state = call
        self.around = around
        self.streams = streams
        self.notify = notify
        self.lags = lags

    def started(self) -> None:
        """Be known in the log by the call's names."""
        self._bind_log()

    def restarted(self) -> None:
        """Go on with the last committed state; ask again for what it waits for."""
        self._bind_log()
        self.log.warning("session.restarted", state=self.state.state.value)
        state = self.state.state
        if state is State.TERMINATED:
            self.stop()
        elif state is not State.NULL:
            self.advance(step, events.Resumed())
        elif not any(isinstance(each, events.Connect | events.Invited) for each in self.slot.mailbox.messages()):
            raise ActorError("a crash has cost the call what would have made it")

    def stopped(self, _reason: str) -> None:
        """Leave what came too late to the keeper of the transactions."""
        for message in self.slot.mailbox.messages():
            if isinstance(message, events.RequestArrived | events.ResponseArrived | SendFailed):
                self.around.lingering.tell(message)

    def _bind_log(self) -> None:
        """Bind what is known of the call: its names, then its parties, then its way."""
        if is_silent(self.log):
            return
        call = self.state
        names = {"session": call.identity.token, "call_id": call.identity.call_id}
        if call.direction is not None:
            names.update(direction=call.direction, remote=without_password(call.remote))
        if call.flow is not None:
            names.update(peer=address_text(call.flow.remote), transport=call.flow.transport)
        self.log = self.log.bind(**names)

    @handles(events.Connect)
    @handles(events.Accept)
    @handles(events.Reject)
    @handles(events.Terminate)
    @handles(events.Hold)
    @handles(events.Unhold)
    @handles(events.AddStream)
    @handles(events.RemoveStream)
    @handles(events.AcceptProposal)
    @handles(events.RejectProposal)
    @handles(transfer_events.Refer, transfer_events.AcceptTransfer, transfer_events.RejectTransfer)
    @handles(transfer_events.ReferralProgressed, transfer_events.SendInfo)
    @handles(events.TargetResolved)
    @handles(events.TargetFailed)
    @handles(events.StreamPrepared)
    @handles(events.StreamFailed)
    @handles(events.StreamEnded)
    @handles(events.StreamMoved, events.StreamOutdated)
    @handles(events.Abandoned)
    def take(self, event: object) -> None:
        """Take a command, or news of a stream or of the next hop."""
        self.advance(step, event)

    @handles(events.Invited)
    def be_invited(self, event: events.Invited) -> None:
        """Take the INVITE that made this session."""
        self.advance(invited, event)

    @handles(events.RequestArrived)
    def receive_request(self, event: events.RequestArrived) -> None:
        """Take a request of the call, unless it may wait and observers have too much to hear already."""
        may_wait = event.request.method not in URGENT
        self.advance(request_postponed if may_wait and self.lags() else request_arrived, event)

    @handles(events.ResponseArrived)
    def receive_response(self, event: events.ResponseArrived) -> None:
        """Take a response of the call."""
        self.advance(response_arrived, event)

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Take a timer of the call or of one of its transactions."""
        self.advance(timer_fired, event.name)

    @handles(SendFailed)
    def refuse(self, event: SendFailed) -> None:
        """Take the news that a message did not go out."""
        self.log.warning("message.unsent", reason=event.error.reason)
        if event.token is not None:
            self.advance(send_refused, events.SendRefused(cast("Request", event.token), event.error.reason))

    @carries(Send)
    @again
    def put_on_wire(self, output: Send) -> None:
        """Send."""
        self.around.transports.send(bytes(output.message), output.flow, self.ref, output.message)

    @carries(outputs.Notify)
    @again
    def tell_observers(self, output: outputs.Notify) -> None:
        """Post the notification; a change of state is also a log event."""
        if output.name == "SCSessionChangedState":
            self._bind_log()
            self.log.info("session.changed", previous=output.data["prev_state"], state=output.data["state"])
        elif output.name == "SCSessionDidStart":
            self.around.router.begun(self.state.identity.token)
        elif output.name == "SCSessionDidFail":
            self.log.info("session.failed", **output.data)
        elif output.name == "SCSessionDidEnd":
            self.log.info("session.ended", **output.data)
        self.notify(output.name, output.data)

    @carries(outputs.Note)
    def write_note(self, output: outputs.Note) -> None:
        """Write a log event."""
        self.log.info(output.event, **output.data)

    @carries(ResponseNotSent)
    def note_unsent(self, output: ResponseNotSent) -> None:
        """Leave it to the repeats of the request."""
        self.log.debug("response.unsent", transaction=output.key)

    @carries(TransactionEnded)
    def let_end(self, output: TransactionEnded) -> None:
        """Let a transaction go that ended by what this call sent, as an answer over TCP does."""
        self.log.debug("transaction.ended", transaction=output.key, why=output.why)

    @carries(outputs.Resolve)
    def resolve(self, output: outputs.Resolve) -> None:
        """Find the flow to the next hop."""
        outcome = self.around.resolver.resolve(output.uri, output.transport, self.ref, output.tried)
        if outcome is not None:
            self.advance(step, outcome)

    @carries(outputs.Avoid)
    def avoid(self, output: outputs.Avoid) -> None:
        """Have other servers tried first for a while."""
        self.around.resolver.avoid(output.flow, output.seconds)

    @carries(outputs.Prepare)
    def prepare_stream(self, output: outputs.Prepare) -> None:
        """Have a stream prepared."""
        self.streams.prepare(output, self.ref)

    @carries(outputs.StartStream)
    @again
    def start_stream(self, output: outputs.StartStream) -> None:
        """Have a stream connected."""
        self.streams.start(output)

    @carries(outputs.Revert)
    @again
    def revert_stream(self, output: outputs.Revert) -> None:
        """Have a stream go on as before."""
        self.streams.revert(output)

    @carries(outputs.HoldStream)
    @again
    def hold_stream(self, output: outputs.HoldStream) -> None:
        """Have a stream muted, or heard again."""
        self.streams.hold(output)

    @carries(outputs.StopStream)
    @again
    def stop_stream(self, output: outputs.StopStream) -> None:
        """Have a stream ended."""
        self.streams.stop(output)

    @carries(outputs.HandOver)
    @again
    def hand_over(self, output: outputs.HandOver) -> None:
        """Leave the lingering transactions to their keeper and end."""
        token = self.state.identity.token
        self.around.router.add(token, self.around.lingering)
        if not self.around.lingering.tell(HandedOver(token, output.transactions, output.authorization)):
            self.around.router.forget(token)
        self.stop()
