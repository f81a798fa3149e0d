"""What sending and receiving a file have in common: the machine, and how a session is bound. RFC 4975 section 5.4.

Each side has a table of its own, made from `BINDING_ROWS` and its own rows; `IGNORED` says why cells are empty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols.msrp import chunk, incoming
from sipsimple.protocols.msrp.machine import BIND_TIMEOUT, CONNECT_TIMEOUT
from sipsimple.protocols.msrp.outputs import Ended, Send, Started
from sipsimple.protocols.msrp.state import Terms
from sipsimple.protocols.msrp.transfer.outputs import Outputs, Progress, TransferFailed
from sipsimple.protocols.msrp.transfer.state import State, Stimulus, Transfer
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.msrp.uri import URI

SILENCE = 30.0
PROGRESS = 0.25
TIMERS = ("connect", "bind", "silence", "report", "gap", "linger", "progress")

Some = TypeVar("Some", bound=Transfer)
Action = Callable[[Any, Any], tuple[Any, Outputs]]
Rows = Mapping[Stimulus, tuple[State, Action]]
Table = Mapping[State, Rows]
Follow = Callable[[Any], Stimulus | None]

_BY_TIMER: Mapping[Hashable, Stimulus] = {name: Stimulus(f"{name.upper()}_TIMEOUT") for name in TIMERS}


def make_terms(local_path: Sequence[URI | str], seed: str, accept_types: Sequence[str]) -> Terms:
    """What is known before the peer's line: see `session.create` for the arguments."""
    if not local_path or not seed.isalnum() or not seed.isascii() or not 4 <= len(seed) <= 20:
        raise LocalProtocolError(f"unusable path or seed: {local_path!r}, {seed!r}")
    path = tuple(str(each) for each in local_path)
    return Terms(path, seed, tuple(accept_types), own=path[-1])


def agreed(transfer: Some, remote_path: Sequence[URI | str], active: bool) -> Some:
    """The transfer with the peer's path.

    Raises:
        SessionStateError: It was begun before.
        LocalProtocolError: The path is empty.
    """
    if transfer.state is not State.IDLE:
        raise SessionStateError("start", transfer.state, [State.IDLE])
    if not remote_path:
        raise LocalProtocolError("the peer's path is empty")
    path = tuple(str(each) for each in remote_path)
    relays = transfer.terms.local_path[-2::-1]
    terms = replace(transfer.terms, remote_path=path, active=active, peer=path[-1], to_path=" ".join((*relays, *path)))
    return replace(transfer, terms=terms)


def advance(
    transfer: Some, stimulus: Stimulus, detail: object, table: Table, follow: Mapping[State, Follow]
) -> tuple[Some, Outputs]:
    """Advance by the table; a state may at once be followed by a stimulus of its own."""
    row = table[transfer.state].get(stimulus)
    if row is None:
        return transfer, ()
    state, act = row
    transfer, outputs = act(transfer, detail)
    if transfer.state is not state:
        transfer = replace(transfer, state=state)
    decide = follow.get(state)
    further = decide(transfer) if decide is not None else None
    if further is not None:
        transfer, more = advance(transfer, further, None, table, follow)
        outputs += more
    return transfer, outputs


def stimulus_of_timer(name: Hashable) -> Stimulus | None:
    """What it means that a timer fired."""
    return _BY_TIMER.get(name)


def stimulus_while_binding(transfer: Transfer, message: MSRPData) -> Stimulus | None:
    """What the response to our first SEND means; None for anything else."""
    if transfer.state is not State.BINDING or message.method is not None or not transfer.terms.active:
        return None
    if message.transaction_id != chunk.transaction_id(transfer.terms.seed, 0):
        return None
    return Stimulus.BIND_ACCEPTED if message.code == 200 else Stimulus.BIND_REFUSED


# Actions


def wait_for_connection(transfer: Transfer, _: object) -> tuple[Transfer, Outputs]:
    """The peer's line is known."""
    return transfer, (StartTimer("connect", CONNECT_TIMEOUT),)


def bind(transfer: Transfer, _: object) -> tuple[Transfer, Outputs]:
    """The active side sends an empty SEND at once: data in it would end the session of some peers."""
    timers = (StopTimer("connect"), StartTimer("bind", BIND_TIMEOUT))
    terms = transfer.terms
    if not terms.active:
        return transfer, timers
    first = chunk.transaction_id(terms.seed, 0)
    return transfer, (*timers, Send(chunk.send(first, terms.to_path, terms.own, first)))


BEGUN: Outputs = (StopTimer("bind"), Started(), StartTimer("silence", SILENCE), StartTimer("progress", PROGRESS))
"""What follows when the session is bound."""


def refuse(transfer: Some, request: MSRPData) -> tuple[Some, Outputs]:
    """Answer a request that counts for nothing."""
    return transfer, incoming.answer(request, incoming.refusal(transfer.terms, request) or 413)


def keep_alive(transfer: Some, request: MSRPData) -> tuple[Some, Outputs]:
    """Answer an empty SEND."""
    return replace(transfer, is_heard=True), incoming.answer(request, 200)


def tell_progress(transfer: Some, transferred: int) -> tuple[Some, Outputs]:
    """Tell how far it is, when that is news, and again in a moment."""
    timer = StartTimer("progress", PROGRESS)
    if transferred == transfer.told:
        return transfer, (timer,)
    return replace(transfer, told=transferred), (Progress(transferred, transfer.size), timer)


def quiet(*but: str) -> Outputs:
    """Stop every timer, those named aside."""
    return tuple(StopTimer(each) for each in TIMERS if each not in but)


def end(transfer: Some, _: object) -> tuple[Some, Outputs]:
    """Stop every timer and end."""
    return transfer, (*quiet(), Ended())


def failed(context: str, reason: str, code: int = 0) -> Outputs:
    """What a transfer that breaks ends with."""
    return (*quiet(), TransferFailed(context, reason, code), Ended())


def binding_rows(begin: tuple[State, Action], fail: Callable[[str], Action], stop: Action) -> dict[State, Rows]:
    """The rows up to the bound session; `fail(context)` and `stop` are the side's own ways to end."""
    fails = fail("start")
    broken: Rows = {
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, fails),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, fails),
        Stimulus.DISK_FAILED: (State.CLOSED, fail("disk")),
        Stimulus.STOP: (State.CLOSED, stop),
    }
    return {
        State.IDLE: {Stimulus.START: (State.CONNECTING, wait_for_connection), **broken},
        State.CONNECTING: {
            Stimulus.CONNECTED: (State.BINDING, bind),
            Stimulus.CONNECT_TIMEOUT: (State.CLOSED, lambda transfer, _: fails(transfer, "connection timed out")),
            **broken,
        },
        State.BINDING: {
            Stimulus.EMPTY_RECEIVED: begin,
            Stimulus.BIND_ACCEPTED: begin,
            Stimulus.BIND_REFUSED: (State.CLOSED, fails),
            Stimulus.REQUEST_REFUSED: (State.BINDING, refuse),
            Stimulus.BIND_TIMEOUT: (
                State.CLOSED,
                lambda transfer, _: fails(transfer, "peer did not bind the session in time"),
            ),
            **broken,
        },
    }


IGNORED: Mapping[Stimulus, str] = {
    Stimulus.START: "the public function refuses a second start",
    Stimulus.CONNECTED: "a transfer has one connection",
    Stimulus.BIND_ACCEPTED: "only a binding session awaits this response",
    Stimulus.BIND_REFUSED: "only a binding session awaits this response",
    Stimulus.EMPTY_RECEIVED: "nothing is read before the connection is reported or after it is over",
    Stimulus.CONTENT_RECEIVED: "a sender refuses it; a receiver that told the peer to stop only reads it away",
    Stimulus.CONTENT_REFUSED: "a sender refuses it; nothing is read before the connection or after its end",
    Stimulus.CONTENT_EXCESSIVE: "a sender refuses it; nothing is read before the connection or after its end",
    Stimulus.CONTENT_ABORTED: "what ends a message that did not begin, or is complete, changes nothing",
    Stimulus.CONTENT_STRAY: "the rest of a chunk that was refused at its beginning",
    Stimulus.OFFSET_ASKED: "a sender refuses it; a receiver that has the whole file is not asked any more",
    Stimulus.OFFSET_TOLD: "only a sender that asked awaits this response",
    Stimulus.REQUEST_REFUSED: "nothing is read before the connection is reported or after it is over",
    Stimulus.RESPONSE_OK: "only a sender that is sending awaits responses",
    Stimulus.RESPONSE_FAILED: "only a sender that is sending awaits responses",
    Stimulus.RESPONSE_STRAY: "the response to no request of ours",
    Stimulus.REPORT_WHOLE: "only a sender that is sending or waits for it is reported to",
    Stimulus.REPORT_PARTIAL: "only a sender that is sending or waits for it is reported to",
    Stimulus.REPORT_FAILED: "only a sender that is sending or waits for it is reported to",
    Stimulus.REPORT_STRAY: "a report about another message, or one that cannot be read",
    Stimulus.DATA_READ: "the disk was slower than the end of the transfer",
    Stimulus.DISK_FAILED: "the disk was slower than the end of the transfer",
    Stimulus.VERIFIED: "only a receiver that has everything asked for it",
    Stimulus.NOT_VERIFIED: "only a receiver that has everything asked for it",
    Stimulus.CONNECT_TIMEOUT: "a late timer",
    Stimulus.BIND_TIMEOUT: "a late timer",
    Stimulus.SILENCE_TIMEOUT: "a late timer",
    Stimulus.PEER_SILENT: "a late timer",
    Stimulus.REPORT_TIMEOUT: "a late timer",
    Stimulus.GAP_TIMEOUT: "a late timer",
    Stimulus.LINGER_TIMEOUT: "a late timer",
    Stimulus.PROGRESS_TIMEOUT: "a late timer",
    Stimulus.CONNECTION_CLOSED: "the transfer is over",
    Stimulus.CONNECTION_BROKEN: "the transfer is over",
    Stimulus.STOP: "the transfer is over",
    Stimulus.OFFSET_KNOWN: "follows from one state only",
    Stimulus.ALL_ANSWERED: "follows from one state only",
    Stimulus.ALL_RECEIVED: "follows from one state only",
    Stimulus.PEER_GONE: "follows from one state only",
}
