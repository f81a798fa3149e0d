"""The keeper of finished transactions.

A call that ended must still answer repeats for up to 64*T1 (RFC 3261 17,
RFC 6026): its transactions, which are values, move here, so that neither the
call's greenlet nor its state has to stay for them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from immutables import Map

from sipsimple.actors.runtime import Actor, TimerFired, carries, handles
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.matching import Key, client_key, server_key
from sipsimple.protocols.sip.transaction.outputs import (
    RequestReceived,
    ResponseNotSent,
    ResponseReceived,
    Send,
    StrayResponse,
    TransactionEnded,
)
from sipsimple.protocols.sip.usage.events import RequestArrived, ResponseArrived
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.actors.router import Router
    from sipsimple.actors.wire.transports import Transports
    from sipsimple.protocols.sip.transaction.layer import Transactions


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The transactions of the call `token`, which ended."""

    token: str
    transactions: Transactions


@dataclass(frozen=True, slots=True)
class Forget:
    """Output: nothing is left of the call `token`."""

    token: str


@dataclass(frozen=True, slots=True)
class State:
    """What is kept: calls by token, tokens by transaction."""

    calls: Map[str, Transactions] = field(default_factory=Map)
    tokens: Map[Key, str] = field(default_factory=Map)


Step = tuple[State, tuple[object, ...]]


def take_over(state: State, event: HandedOver) -> Step:
    """Keep the transactions of an ended call and run their timers."""
    transactions = event.transactions
    if not transactions.entries:
        return state, (Forget(event.token),)
    calls = state.calls.set(event.token, transactions)
    tokens = state.tokens.update(dict.fromkeys(transactions.entries, event.token))
    return State(calls, tokens), layer.timers(transactions)


def stimulate(state: State, key: Key, function: Any, *stimulus: Any) -> Step:
    """Give a stimulus to the transactions that `key` is one of; forget the call with its last one."""
    token = state.tokens.get(key)
    if token is None:
        return state, ()
    before = state.calls[token]
    transactions, outputs = function(before, *stimulus)
    gone = [each for each in before.entries if each not in transactions.entries]
    for each in gone:
        state = replace(state, tokens=state.tokens.delete(each))
    if transactions.entries:
        return replace(state, calls=state.calls.set(token, transactions)), outputs
    return replace(state, calls=state.calls.delete(token)), (*outputs, Forget(token))


class Lingering(Actor):
    """Answers for calls that are over."""

    state: State

    def __init__(self, transports: Transports, router: Router) -> None:
        super().__init__()
        self.state = State()
        self.transports = transports
        self.router = router

    def started(self) -> None:
        """Begin with nothing: calls that led here before the supervisor gave up have nobody left."""
        self.router.forget_all(self.ref)

    @handles(HandedOver)
    def adopt(self, event: HandedOver) -> None:
        """Keep the call's transactions; its messages are routed here already."""
        self.advance(take_over, event)

    @handles(RequestArrived)
    def receive_request(self, event: RequestArrived) -> None:
        """Answer a repeat; anything new comes too late and is the endpoint's (481)."""
        key = server_key(event.request)
        if key in self.state.tokens:
            self.advance(stimulate, key, layer.receive_request, event.request, event.flow)
        else:
            self.router.late(event.request, event.flow)

    @handles(ResponseArrived)
    def receive_response(self, event: ResponseArrived) -> None:
        """Take the answer to a last BYE, or a repeated failure that wants its ACK again."""
        self.advance(stimulate, client_key(event.response), layer.receive_response, event.response)

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Resend, or forget."""
        timer = cast("layer.TimerName", event.name)
        self.advance(stimulate, timer[0], layer.timer_fired, timer)

    @handles(SendFailed)
    def give_up(self, event: SendFailed) -> None:
        """End the transaction whose request cannot be sent."""
        if isinstance(event.token, Request):
            key = client_key(event.token)
            self.advance(stimulate, key, layer.transport_failed, key)

    @carries(Send)
    def put_on_wire(self, output: Send) -> None:
        """Send."""
        self.transports.send(bytes(output.message), output.flow, self.ref, output.message)

    @carries(Forget)
    def forget(self, output: Forget) -> None:
        """Take the call out of the router."""
        self.router.forget(output.token)

    @carries(RequestReceived)
    @carries(ResponseReceived)
    @carries(StrayResponse)
    @carries(ResponseNotSent)
    @carries(TransactionEnded)
    def ignore(self, _output: object) -> None:
        """Nobody waits for what a finished call receives."""
