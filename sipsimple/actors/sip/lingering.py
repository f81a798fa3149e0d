"""The keeper of finished transactions.

A call that ended must still answer repeats for up to 64*T1 (RFC 3261 17,
RFC 6026): its transactions, which are values, move here, so that neither the
call's greenlet nor its state has to stay for them. An INVITE that the call no
longer waited for may be answered here yet: see `usage.late`.
"""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from immutables import Map

from sipsimple.actors.runtime import Actor, TimerFired, carries, handles
from sipsimple.actors.wire.messages import SendFailed
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.authorization import CHALLENGES, NOBODY, Authorization
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
from sipsimple.protocols.sip.usage.ending import last_request
from sipsimple.protocols.sip.usage.events import RequestArrived, ResponseArrived
from sipsimple.protocols.sip.usage.setup import late
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.actors.sip.router import Router
    from sipsimple.actors.wire.transports import Transports
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.transaction.layer import Transactions


class HandedOver(Value):
    """The transactions of the call `token`, which ended, and what its last request may be authenticated with."""

    token: str
    transactions: Transactions
    authorization: Authorization = NOBODY


class Forget(Value):
    """Output: nothing is left of the call `token`."""

    token: str


class State(Value):
    """What is kept.

    Attributes:
        calls: The transactions of calls by token.
        tokens: By transaction.
        withdrawn: INVITEs of which no answer is waited for, and whether a 2xx makes a session.
        passwords: By token, what challenges to the last requests are answered with.
    """

    calls: Map[str, Transactions] = Map()
    tokens: Map[Key, str] = Map()
    withdrawn: Map[Key, bool] = Map()
    passwords: Map[str, Authorization] = Map()


Step = tuple[State, tuple[object, ...]]


def take_over(state: State, event: HandedOver) -> Step:
    """Keep the transactions of an ended call and run their timers."""
    transactions = event.transactions
    if not transactions.entries:
        return state, (Forget(event.token),)
    calls = state.calls.set(event.token, transactions)
    tokens = state.tokens.update(dict.fromkeys(transactions.entries, event.token))
    withdrawn = late.withdrawn(transactions)
    known = state.withdrawn.update(withdrawn) if withdrawn else state.withdrawn
    passwords = state.passwords
    if event.authorization.accounts and last_request.waits(transactions):
        passwords = passwords.set(event.token, event.authorization)
    return State(calls, tokens, known, passwords), layer.timers(transactions)


def stimulate(state: State, key: Key, function: Any, *stimulus: Any) -> Step:
    """Give a stimulus to the transactions that `key` is one of; forget the call with its last one."""
    token = state.tokens.get(key)
    if token is None:
        return state, ()
    before = state.calls[token]
    transactions, outputs = function(before, *stimulus)
    state = _kept(state, token, before, transactions)
    if transactions.entries:
        return replace(state, calls=state.calls.set(token, transactions)), outputs
    state = replace(state, calls=state.calls.delete(token))
    return _without_password(state, token), (*outputs, Forget(token))


def challenged(state: State, response: Response, entropy: str) -> Step:
    """Take a 401 or 407; each last request of a call with a password is sent again once."""
    key = client_key(response)
    token = state.tokens.get(key, "")
    auth = state.passwords.get(token)
    if auth is None:
        return stimulate(state, key, layer.receive_response, response)
    return stimulate(state, key, last_request.challenged, response, auth, entropy)


def _without_password(state: State, token: str) -> State:
    return replace(state, passwords=state.passwords.delete(token)) if token in state.passwords else state


def _kept(state: State, token: str, before: Transactions, after: Transactions) -> State:
    """Forget the transactions that have ended, and know those that were begun."""
    for each in before.entries:
        if each not in after.entries:
            withdrawn = state.withdrawn.delete(each) if each in state.withdrawn else state.withdrawn
            state = replace(state, tokens=state.tokens.delete(each), withdrawn=withdrawn)
    for each in after.entries:
        if each not in before.entries:
            state = replace(state, tokens=state.tokens.set(each, token))
    return state


def answered(state: State, event: ResponseReceived) -> Step:
    """Take a 2xx to an INVITE that was withdrawn, or that of another fork; its transaction has taken any other one."""
    if event.key[-1] != "INVITE" or not event.response.is_success:
        return state, ()
    hangs_up = state.withdrawn.get(event.key, True)
    try:
        return stimulate(state, event.key, partial(late.taken, hangs_up=hangs_up), event.key, event.response)
    except RemoteProtocolError:
        return state, ()


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
        response = event.response
        if response.status in CHALLENGES:
            self.advance(challenged, response, secrets.token_hex(16))
        else:
            self.advance(stimulate, client_key(response), layer.receive_response, response)

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Resend, or forget."""
        timer = cast("layer.TimerName", event.name)
        self.advance(stimulate, timer[0], layer.timer_fired, timer)

    @handles(SendFailed)
    def give_up(self, event: SendFailed) -> None:
        """Send a request elsewhere that cannot be sent, or end its transaction."""
        if isinstance(event.token, Request):
            key = client_key(event.token)
            self.advance(stimulate, key, last_request.turned_back, key)

    @carries(Send)
    def put_on_wire(self, output: Send) -> None:
        """Send."""
        self.transports.send(bytes(output.message), output.flow, self.ref, output.message)

    @carries(Forget)
    def forget(self, output: Forget) -> None:
        """Take the call out of the router."""
        self.router.forget(output.token)

    @carries(ResponseReceived)
    def take_late(self, output: ResponseReceived) -> None:
        """Acknowledge a 2xx that comes too late, and end what it begins."""
        self.advance(answered, output)

    @carries(RequestReceived)
    @carries(StrayResponse)
    @carries(ResponseNotSent)
    @carries(TransactionEnded)
    def ignore(self, _output: object) -> None:
        """Nobody waits for what a finished call receives."""
