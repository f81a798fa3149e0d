"""The transactions of one actor: which machine a message is for, and what becomes of its outputs (RFC 3261 §17).

Each function takes the transactions and a stimulus and returns the
transactions and the outputs, so that a usage can call it within its own step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from immutables import Map

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.transaction import client, invite_client, invite_server, server
from sipsimple.protocols.sip.transaction.client import Client
from sipsimple.protocols.sip.transaction.derived import make_ack
from sipsimple.protocols.sip.transaction.invite_client import InviteClient
from sipsimple.protocols.sip.transaction.invite_server import InviteServer
from sipsimple.protocols.sip.transaction.matching import Key, client_key, invite_key, misled, server_key
from sipsimple.protocols.sip.transaction.outputs import (
    Deliver,
    LayerOutput,
    MachineOutput,
    RequestReceived,
    ResponseNotSent,
    ResponseReceived,
    Send,
    StrayResponse,
    Terminated,
    TransactionEnded,
    Unsent,
)
from sipsimple.protocols.sip.transaction.server import Server
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING, Timing
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transport import Flow

Transaction: TypeAlias = InviteClient | InviteServer | Client | Server
TimerName: TypeAlias = tuple[Key, str]


class Transactions(Value):
    """The transactions of one actor, by key."""

    timing: Timing = DEFAULT_TIMING
    entries: Map[Key, Transaction] = Map()


Step: TypeAlias = tuple[Transactions, tuple[LayerOutput, ...]]

_STEPS: dict[type[Any], Callable[[Any, Any, Any], tuple[Any, tuple[MachineOutput, ...]]]] = {
    InviteClient: invite_client.step,
    InviteServer: invite_server.step,
    Client: client.step,
    Server: server.step,
}
_TIMERS: dict[type[Any], Callable[[Any], tuple[StartTimer, ...]]] = {
    InviteClient: invite_client.timers,
    InviteServer: invite_server.timers,
    Client: client.timers,
    Server: server.timers,
}
_LINGERING = frozenset({"completed", "confirmed", "accepted", "withdrawn"})  # the same words in all four machines


def send_request(txns: Transactions, request: Request, flow: Flow) -> Step:
    """Send `request` in a client transaction of its own; responses come as `ResponseReceived(client_key(request))`.

    An ACK of a 2xx belongs to no transaction: put it on the flow yourself.

    Raises:
        LocalProtocolError: The request is an ACK, or its branch is in use.

    RFC: 3261 §17.1.1, §17.1.2.
    """
    key = client_key(request)
    if request.method == "ACK" or key in txns.entries:
        raise LocalProtocolError(f"no new client transaction: {key}")
    if request.method == "INVITE":
        return _settle(txns, key, *invite_client.start(InviteClient(request, make_ack, flow, txns.timing)))
    return _settle(txns, key, *client.start(Client(request, flow, txns.timing)))


def receive_response(txns: Transactions, response: Response) -> Step:
    """Give a response to its client transaction; one that has none, or is not for us, comes back as `StrayResponse`.

    Raises:
        RemoteProtocolError: Via or CSeq is malformed.

    RFC: 3261 §17.1.3, §8.1.3.3, §18.1.2.
    """
    key = client_key(response)
    txn = txns.entries.get(key)
    why = misled(txn.request, response) if isinstance(txn, Client | InviteClient) else None
    if why is not None:
        return txns, (StrayResponse(response, why),)
    if isinstance(txn, Client):
        return _settle(txns, key, *client.step(txn, client.received(response), response))
    if isinstance(txn, InviteClient):
        return _settle(txns, key, *invite_client.step(txn, invite_client.received(response), response))
    return txns, (StrayResponse(response),)


def receive_request(txns: Transactions, request: Request, flow: Flow) -> Step:
    """Give a request to its server transaction, or make one and return `RequestReceived`.

    Repeats are answered or absorbed here. An ACK that no transaction takes
    acknowledges a 2xx: it is returned as `RequestReceived` and makes none.

    Raises:
        RemoteProtocolError: A header is malformed that names the transaction.

    RFC: 3261 §17.2.3, RFC 6026 §7.1.
    """
    key = server_key(request)
    method = request.method
    txn = txns.entries.get(key)
    if isinstance(txn, InviteServer):
        stimulus = invite_server.Stimulus.ACK if method == "ACK" else invite_server.Stimulus.INVITE
        return _settle(txns, key, *invite_server.step(txn, stimulus, request))
    if isinstance(txn, Server):
        return _settle(txns, key, *server.step(txn, server.Stimulus.REQUEST, request))
    if method == "ACK":
        return txns, (RequestReceived(key, request, flow),)
    if method == "INVITE":
        return _settle(txns, key, *invite_server.start(InviteServer(request, _trying, flow, txns.timing)))
    return _settle(txns, key, *server.start(Server(flow, txns.timing), request))


def respond(txns: Transactions, key: Key, response: Response) -> Step:
    """Send `response` in the server transaction `key`, or nothing when that has ended.

    The 2xx of an INVITE is given again for each of its repeats, until the ACK comes.

    Raises:
        LocalProtocolError: A non-INVITE request is answered with 408, or provisionally with other than 100.

    RFC: 3261 §17.2.1, §13.3.1.4; 4320 §4.
    """
    txn = txns.entries.get(key)
    if isinstance(txn, InviteServer):
        return _settle(txns, key, *invite_server.step(txn, invite_server.responded(response), response))
    if isinstance(txn, Server):
        return _settle(txns, key, *server.step(txn, server.responded(response), response))
    return txns, ()


def timer_fired(txns: Transactions, timer: TimerName) -> Step:
    """Tell that a timer fired; one that is late or unknown changes nothing."""
    key, name = timer
    return _stimulate(txns, key, name)


def transport_failed(txns: Transactions, key: Key) -> Step:
    """Tell that what the transaction `key` sent met a transport error, or that its connection is lost.

    An unanswered client transaction ends; a server transaction returns
    `ResponseNotSent` and stays.

    RFC: 3261 §17.1.4, §17.2.4, §8.1.3.1.
    """
    return _stimulate(txns, key, "transport error")


def flow_failed(txns: Transactions, flow: Flow) -> Step:
    """Tell every transaction of `flow` of its transport error."""
    outputs: list[LayerOutput] = []
    for key, txn in txns.entries.items():
        if txn.flow == flow:
            txns, more = transport_failed(txns, key)
            outputs += more
    return txns, tuple(outputs)


def abandon(txns: Transactions, key: Key) -> Step:
    """Forget a transaction without a `TransactionEnded`: a cancelled INVITE that got no final response in 64*T1.

    RFC: 3261 §9.1.
    """
    txn = txns.entries.get(key)
    if txn is None:
        return txns, ()
    stops = tuple([StopTimer((key, timer.name)) for timer in _TIMERS[type(txn)](txn)])
    return Transactions(txns.timing, txns.entries.delete(key)), stops


def withdraw(txns: Transactions, key: Key) -> Step:
    """Ask no more for the answer to an INVITE, but acknowledge one that comes within 64*T1 all the same.

    RFC: 3261 §9.1, §17.1.1.
    """
    return _stimulate(txns, key, "withdrawal")


def find_invite(txns: Transactions, cancel: Request) -> Key | None:
    """Return the key of the INVITE server transaction that `cancel` is about, None if there is none: answer 481.

    It may have its final response already: then the CANCEL is answered and changes nothing.

    RFC: 3261 §9.2.
    """
    key = invite_key(cancel)
    return key if key in txns.entries else None


def live(txns: Transactions) -> bool:
    """Tell whether a transaction still waits for its final response."""
    return any(txn.state not in _LINGERING for txn in txns.entries.values())


def lingering(txns: Transactions) -> Transactions:
    """Return only the transactions that have their final response and wait for repeats."""
    kept = {key: txn for key, txn in txns.entries.items() if txn.state in _LINGERING}
    return Transactions(txns.timing, Map(kept))


def timers(txns: Transactions) -> tuple[StartTimer, ...]:
    """Name the timers that the present states need running, each with its whole interval."""
    return tuple(
        [
            StartTimer((key, timer.name), timer.seconds)
            for key, txn in txns.entries.items()
            for timer in _TIMERS[type(txn)](txn)
        ]
    )


def adopt(txns: Transactions, finished: Transactions) -> tuple[Transactions, tuple[StartTimer, ...]]:
    """Take over the lingering transactions of an actor that ends, with the timers to start for them."""
    taken = lingering(finished)
    return Transactions(txns.timing, txns.entries.update(taken.entries)), timers(taken)


def _trying(request: Request) -> Response:
    return response_to(request, 100)


def _stimulate(txns: Transactions, key: Key, stimulus: str) -> Step:
    txn = txns.entries.get(key)
    if txn is None:
        return txns, ()
    # the machines' stimuli are strings with a name: "A" finds the row of Stimulus.TIMER_A
    return _settle(txns, key, *_STEPS[type(txn)](txn, stimulus, None))


def _settle(txns: Transactions, key: Key, txn: Transaction, inner: tuple[MachineOutput, ...]) -> Step:
    """Keep what the machine of `key` became, and name it in its outputs."""
    outputs: list[LayerOutput] = []
    due: str | None = None
    for output in inner:
        if type(output) is StartTimer and not output.seconds:
            due = str(output.name)  # over a reliable transport there is nothing to wait for
        else:
            outputs.append(_NAMED[type(output)](key, txn, output))
    if due is not None:
        txns, more = _settle(txns, key, *_STEPS[type(txn)](txn, due, None))
        return txns, (*outputs, *more)
    return _kept(txns, key, txn), tuple(outputs)


def _kept(txns: Transactions, key: Key, txn: Transaction) -> Transactions:
    entries = txns.entries
    before = entries.get(key)
    if txn.state == "terminated":
        return txns if before is None else Transactions(txns.timing, entries.delete(key))
    return txns if before is txn else Transactions(txns.timing, entries.set(key, txn))


def _delivered(key: Key, txn: Transaction, output: Deliver) -> LayerOutput:
    if isinstance(txn, InviteServer | Server):
        return RequestReceived(key, cast("Request", output.message), txn.flow)
    return ResponseReceived(key, cast("Response", output.message))


_NAMED: dict[type[Any], Callable[[Key, Transaction, Any], LayerOutput]] = {
    Send: lambda _key, _txn, send: send,
    Deliver: _delivered,
    Unsent: lambda key, _txn, _unsent: ResponseNotSent(key),
    Terminated: lambda key, _txn, ended: TransactionEnded(key, ended.reason),
    StartTimer: lambda key, _txn, timer: StartTimer((key, timer.name), timer.seconds),
    StopTimer: lambda key, _txn, timer: StopTimer((key, timer.name)),
}
