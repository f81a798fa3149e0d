"""Sending a file over MSRP: RFC 4975 sections 5.1 and 7.1, RFC 5547 section 8, and FILE_OFFSET of the SDK.

The file is one message in chunks of 64 KiB that leave their end open. A window of chunks awaits responses, so neither a
slow peer nor a slow network fills our memory, and what else shares the connection goes out between two chunks.
The transfer is finished by success reports for its last byte; where a peer sends none, by the responses to all chunks.

Every function takes a transfer and returns its next value and the outputs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp import chunk, incoming
from sipsimple.protocols.msrp.headers import HeaderParsingError, parse_status
from sipsimple.protocols.msrp.transfer import outgoing as do
from sipsimple.protocols.msrp.transfer.machine import (
    Follow,
    Table,
    advance,
    agreed,
    binding_rows,
    end,
    keep_alive,
    make_terms,
    refuse,
    stimulus_of_timer,
    stimulus_while_binding,
)
from sipsimple.protocols.msrp.transfer.state import WINDOW, Sending, State, Stimulus
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.msrp.ranges import Ranges
    from sipsimple.protocols.msrp.uri import URI

Step = do.Step


def create(
    local_path: Sequence[URI | str],
    seed: str,
    size: int,
    message_id: str,
    content_type: str = "application/octet-stream",
    window: int = WINDOW,
) -> Sending:
    """Make a transfer whose local side is known, and no more.

    Args:
        local_path: As in our `a=path`.
        seed: Fresh entropy, 4 to 20 letters or digits.
        size: Bytes of the file.
        message_id: 4 to 32 letters, digits or `.-+%=`.
        content_type: Of the file.
        window: Most chunks that await their response.

    Raises:
        LocalProtocolError: An argument cannot be used.
    """
    if size < 0 or window < 1 or not chunk.is_identifier(message_id):
        raise LocalProtocolError(f"unusable size, window or message id: {size}, {window}, {message_id!r}")
    terms = make_terms(local_path, seed, ())
    return Sending(terms, size=size, message_id=message_id, content_type=content_type, window=window)


def start(
    transfer: Sending,
    remote_path: Sequence[URI | str],
    active: bool,
    begun: int = 0,
    asks: bool = False,
    stop: int | None = None,
) -> Step:
    """Begin with what the peer's line says; `connected` is expected within 30 s.

    Args:
        transfer: An idle one.
        remote_path: As in the peer's `a=path`.
        active: This side connects.
        begun: Where in the file to begin, by a file-range that was agreed on: Byte-Range then counts from there.
        asks: Ask the peer where to begin, as both sides have `x-file-offset`.
        stop: Where in the file to stop, by a file-range; None for its end.

    Raises:
        SessionStateError: It was begun before.
        LocalProtocolError: The path is empty, or the range is not within the file.
    """
    whole = transfer.size or 0
    size = whole if stop is None else stop
    if not 0 <= begun <= size <= whole:
        raise LocalProtocolError(f"not within a file of {whole} bytes: {begun} to {size}")
    transfer = replace(agreed(transfer, remote_path, active), size=size, base=begun, begun=begun, asks=asks)
    return _step(transfer, Stimulus.START)


def connected(transfer: Sending) -> Step:
    """The connection is up."""
    return _step(transfer, Stimulus.CONNECTED)


def receive(transfer: Sending, message: MSRPData) -> Step:
    """Take one request or response from the framer."""
    return _step(transfer, _stimulus(transfer, message), message)


def data_read(transfer: Sending, offset: int, blocks: tuple[bytes, ...]) -> Step:
    """Take what `Read` asked for, as pieces of 64 KiB, the last piece of the file excepted."""
    return _step(transfer, Stimulus.DATA_READ, (offset, blocks))


def disk_failed(transfer: Sending, reason: str) -> Step:
    """The file cannot be read."""
    return _step(transfer, Stimulus.DISK_FAILED, reason)


def timer_fired(transfer: Sending, name: Hashable) -> Step:
    """A timer that was asked for has fired; a late one changes nothing."""
    stimulus = stimulus_of_timer(name)
    if stimulus is Stimulus.SILENCE_TIMEOUT and _is_silent(transfer):
        stimulus = Stimulus.PEER_SILENT
    return _step(transfer, stimulus) if stimulus else (transfer, ())


def connection_lost(transfer: Sending, clean: bool, reason: str = "") -> Step:
    """The connection was closed by the peer (`clean`), broke, or could not be made."""
    stimulus = Stimulus.CONNECTION_CLOSED if clean else Stimulus.CONNECTION_BROKEN
    return _step(transfer, stimulus, reason or ("connection closed by the peer" if clean else "connection lost"))


def stop(transfer: Sending, reason: str = "stopped by this side") -> Step:
    """End the transfer; the peer is told that no more comes. Stopping it again changes nothing."""
    return _step(transfer, Stimulus.STOP, reason)


# What is met


def _stimulus(transfer: Sending, message: MSRPData) -> Stimulus:
    if message.method is None:
        return stimulus_while_binding(transfer, message) or _of_response(transfer, message)
    if incoming.refusal(transfer.terms, message) is not None:
        return Stimulus.REQUEST_REFUSED
    if message.method == "REPORT":
        return _of_report(transfer, message)
    is_empty = not message.data and "Content-Type" not in message.fields
    return Stimulus.EMPTY_RECEIVED if is_empty else Stimulus.REQUEST_REFUSED


def _of_response(transfer: Sending, response: MSRPData) -> Stimulus:
    if transfer.asked is not None and response.transaction_id == transfer.asked:
        return Stimulus.OFFSET_TOLD
    if response.transaction_id not in transfer.unanswered:
        return Stimulus.RESPONSE_STRAY
    return Stimulus.RESPONSE_OK if 200 <= (response.code or 0) < 300 else Stimulus.RESPONSE_FAILED


def _of_report(transfer: Sending, report: MSRPData) -> Stimulus:
    if report.message_id != transfer.message_id:
        return Stimulus.REPORT_STRAY
    try:
        code, _ = parse_status(report.fields.get("Status", ""))
    except HeaderParsingError:
        return Stimulus.REPORT_STRAY
    if code != 200:
        return Stimulus.REPORT_FAILED
    is_whole = transfer.is_over and _has_end(transfer, do.reported(transfer, report))
    return Stimulus.REPORT_WHOLE if is_whole else Stimulus.REPORT_PARTIAL


def _has_end(transfer: Sending, reported: Ranges) -> bool:
    """Whether the last byte was reported: there are peers who report on the last chunk only."""
    end_ = (transfer.size or 0) - transfer.base
    return not end_ or any(last >= end_ for _, last in reported)


def _is_silent(transfer: Sending) -> bool:
    return not transfer.is_heard and (bool(transfer.unanswered) or transfer.asked is not None)


def _all_answered(transfer: Sending) -> Stimulus | None:
    return Stimulus.ALL_ANSWERED if transfer.is_over and not transfer.unanswered else None


def _is_reported(transfer: Sending) -> bool:
    """A receiver that had the file already may have said so before it was sent."""
    return bool(transfer.reported) and _has_end(transfer, transfer.reported)


_ENDINGS = {
    Stimulus.CONNECTION_CLOSED: (State.CLOSED, do.fail("sending")),
    Stimulus.CONNECTION_BROKEN: (State.CLOSED, do.fail("sending")),
    Stimulus.DISK_FAILED: (State.CLOSED, do.fail("disk")),
    Stimulus.STOP: (State.CLOSED, do.stop_sending),
}
_BEGINNING = binding_rows((State.ASKING, do.begin), do.fail, do.stop_sending)

TRANSITIONS: Table = {
    **_BEGINNING,
    State.BINDING: {**_BEGINNING[State.BINDING], Stimulus.EMPTY_RECEIVED: (State.ASKING, do.begin_after(keep_alive))},
    State.ASKING: {
        Stimulus.OFFSET_KNOWN: (State.SENDING, do.begin_sending),
        Stimulus.OFFSET_TOLD: (State.SENDING, do.take_offset),
        Stimulus.PEER_SILENT: (State.CLOSED, do.fail_silent),
        Stimulus.SILENCE_TIMEOUT: (State.ASKING, do.watch),
        Stimulus.EMPTY_RECEIVED: (State.ASKING, keep_alive),
        Stimulus.REQUEST_REFUSED: (State.ASKING, refuse),
        Stimulus.PROGRESS_TIMEOUT: (State.ASKING, do.progress),
        **_ENDINGS,
    },
    State.SENDING: {
        Stimulus.DATA_READ: (State.SENDING, do.take_data),
        Stimulus.RESPONSE_OK: (State.SENDING, do.take_response),
        Stimulus.RESPONSE_FAILED: (State.CLOSED, do.fail("sending")),
        Stimulus.REPORT_WHOLE: (State.FINISHED, do.finish),
        Stimulus.REPORT_PARTIAL: (State.SENDING, do.note_report),
        Stimulus.REPORT_FAILED: (State.CLOSED, do.fail("sending")),
        Stimulus.PEER_SILENT: (State.CLOSED, do.fail_silent),
        Stimulus.SILENCE_TIMEOUT: (State.SENDING, do.watch),
        Stimulus.PROGRESS_TIMEOUT: (State.SENDING, do.progress),
        Stimulus.EMPTY_RECEIVED: (State.SENDING, keep_alive),
        Stimulus.REQUEST_REFUSED: (State.SENDING, refuse),
        Stimulus.ALL_ANSWERED: (State.REPORTING, do.wait_for_report),
        **_ENDINGS,
    },
    State.REPORTING: {
        Stimulus.REPORT_WHOLE: (State.FINISHED, do.finish),
        Stimulus.REPORT_PARTIAL: (State.REPORTING, do.note_report),
        Stimulus.REPORT_FAILED: (State.CLOSED, do.fail("sending")),
        Stimulus.REPORT_TIMEOUT: (State.FINISHED, do.finish_without_report),
        Stimulus.PROGRESS_TIMEOUT: (State.REPORTING, do.progress),
        Stimulus.EMPTY_RECEIVED: (State.REPORTING, keep_alive),
        Stimulus.REQUEST_REFUSED: (State.REPORTING, refuse),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, do.finish_and_end),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, do.fail("sending")),
        Stimulus.STOP: (State.CLOSED, do.stop_sending),
    },
    State.FINISHED: {
        Stimulus.EMPTY_RECEIVED: (State.FINISHED, keep_alive),
        Stimulus.REQUEST_REFUSED: (State.FINISHED, refuse),
        Stimulus.LINGER_TIMEOUT: (State.CLOSED, end),
        Stimulus.CONNECTION_CLOSED: (State.CLOSED, end),
        Stimulus.CONNECTION_BROKEN: (State.CLOSED, end),
        Stimulus.STOP: (State.CLOSED, end),
    },
    State.CLOSING: {},
    State.CLOSED: {},
}

_FOLLOW: dict[State, Follow] = {
    State.ASKING: lambda transfer: Stimulus.OFFSET_KNOWN if transfer.asked is None else None,
    State.SENDING: _all_answered,
    State.REPORTING: lambda transfer: Stimulus.REPORT_WHOLE if _is_reported(transfer) else None,
}


def _step(transfer: Sending, stimulus: Stimulus, detail: object = None) -> Step:
    return advance(transfer, stimulus, detail, TRANSITIONS, _FOLLOW)
