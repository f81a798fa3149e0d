"""The way in: messages and timers go through the transactions, then through the table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from sipsimple.errors import RemoteProtocolError
from sipsimple.media.seat.state import Seat, SeatLost, State, Stimulus
from sipsimple.media.seat.table import TRANSITIONS
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.outputs import (
    COMPLETED,
    RequestReceived,
    ResponseReceived,
    Send,
    TransactionEnded,
)
from sipsimple.protocols.tables import advance

if TYPE_CHECKING:
    from collections.abc import Hashable

    from sipsimple.media.seat.state import Outputs
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transport import Flow

REQUESTS = {
    "INVITE": Stimulus.INVITE,
    "ACK": Stimulus.ACK,
    "BYE": Stimulus.BYE,
    "CANCEL": Stimulus.CANCEL,
}

TIMERS = {
    "invite": Stimulus.INVITE_MISSING,
    "ringing": Stimulus.STILL_RINGING,
    "2xx": Stimulus.RESEND_DUE,
    "ack": Stimulus.ACK_MISSING,
    "retry": Stimulus.RETRY_DUE,
}


def take(seat: Seat, stimulus: Stimulus, event: Any = None) -> tuple[Seat, Outputs]:
    """Advance by the table's row; a stimulus without a row changes nothing."""
    return advance(TRANSITIONS, seat, stimulus, event)


def request_arrived(seat: Seat, request: Request, flow: Flow) -> tuple[Seat, Outputs]:
    """Take a request of the worker; one that cannot be read is its end."""
    return _guarded(seat, lambda: layer.receive_request(seat.transactions, request, flow))


def response_arrived(seat: Seat, response: Response) -> tuple[Seat, Outputs]:
    """Take a response of the worker."""
    return _guarded(seat, lambda: layer.receive_response(seat.transactions, response))


def timer_fired(seat: Seat, name: Hashable) -> tuple[Seat, Outputs]:
    """Take a timer: one of the seat's own by its word, one of a transaction by (key, name)."""
    if isinstance(name, str):
        return take(seat, TIMERS[name])
    return _guarded(seat, lambda: layer.timer_fired(seat.transactions, cast("layer.TimerName", name)))


def _guarded(seat: Seat, receive: Any) -> tuple[Seat, Outputs]:
    try:
        transactions, outputs = receive()
        return _deliver(replace(seat, transactions=transactions), outputs)
    except RemoteProtocolError as error:
        return seat, (SeatLost(seat.token, f"the worker spoke garbage: {error.reason}"),)


def _deliver(seat: Seat, outputs: Outputs) -> tuple[Seat, Outputs]:
    done: list[object] = [each for each in outputs if isinstance(each, Send | StartTimer | StopTimer)]
    for output in outputs:
        more: Outputs = ()
        if isinstance(output, RequestReceived):
            seat, more = _request(seat, output)
        elif isinstance(output, ResponseReceived):
            seat, more = _response(seat, output)
        elif isinstance(output, TransactionEnded) and output.why != COMPLETED and output.key == seat.key:
            seat, more = take(seat, Stimulus.UNANSWERED, output)
        done += more
    return seat, tuple(done)


def _request(seat: Seat, event: RequestReceived) -> tuple[Seat, Outputs]:
    request = event.request
    if seat.dialog is not None:
        dialog, error = dialogs.accepts(seat.dialog, request)
        if error is not None:
            raise error
        seat = replace(seat, dialog=dialog)
    elif seat.state is not State.OPENING or request.method != "INVITE":
        return seat, ()
    return take(seat, REQUESTS.get(request.method, Stimulus.REQUEST), event)


def _response(seat: Seat, event: ResponseReceived) -> tuple[Seat, Outputs]:
    response = event.response
    if event.key != seat.key or response.is_provisional:
        return seat, ()
    return take(seat, Stimulus.SUCCESS if response.is_success else Stimulus.FAILURE, event)
