"""What a receiver of a file does with what comes, and how it ends. See `receiving`."""

from __future__ import annotations

from sipsimple.protocols.msrp import chunk, incoming
from sipsimple.protocols.msrp.content_types import accepts
from sipsimple.protocols.msrp.headers import parse_byte_range
from sipsimple.protocols.msrp.message import MSRPData, Part
from sipsimple.protocols.msrp.outputs import Send
from sipsimple.protocols.msrp.ranges import beginning, covered, merged
from sipsimple.protocols.msrp.transfer.machine import BEGUN, SILENCE, Action, failed, quiet, tell_progress
from sipsimple.protocols.msrp.transfer.outgoing import FILE_OFFSET as FILE_OFFSET
from sipsimple.protocols.msrp.transfer.outputs import (
    Finished,
    Outputs,
    Progress,
    TransferFailed,
    Verify,
    Write,
)
from sipsimple.protocols.msrp.transfer.state import Receiving
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import replace

MAX_RANGES = 256
GAP_TIMEOUT = 30.0
LINGER = 10.0
CLOSING = 2.0
STOP_SENDING = 413

Step = tuple[Receiving, Outputs]


# Questions about what came


def refusal(transfer: Receiving, message: MSRPData) -> int | None:
    """The code that the beginning of a chunk with content is refused with; None when it may be taken."""
    content_type = message.fields.get("Content-Type")
    if content_type is None or not accepts(transfer.terms.accept_types, content_type):
        return 415
    if transfer.message_id and message.message_id != transfer.message_id:
        return STOP_SENDING  # the file is one message
    return None


def excess(transfer: Receiving, message: MSRPData) -> str | None:
    """Say why a chunk cannot be of the file that was announced."""
    offset, _, whole = _place(transfer, message)
    size = transfer.size
    if size is not None and whole is not None and whole != size:
        return f"the peer sends {whole} bytes, not {size}"
    if size is not None and offset + len(message.data) > size:
        return f"the peer sends more than {size} bytes"
    if size is None and whole is not None and transfer.ranges and transfer.ranges[-1][1] > whole:
        return f"the peer sends {whole} bytes, and there are {transfer.ranges[-1][1]}"
    if len(transfer.ranges) > MAX_RANGES:
        return "the peer sends the file in too many pieces"
    return None


def _place(transfer: Receiving, message: MSRPData) -> tuple[int, int, int | None]:
    """Where in the file the bytes of a message or a piece of one belong, where its Byte-Range counts from, to where.

    Of a range of the file that was agreed on, some senders count from its beginning.
    """
    first, _, total = parse_byte_range(message.fields.get("Byte-Range", incoming.ANY_RANGE))
    base = transfer.base
    if not transfer.message_id:
        base = transfer.begun if first <= transfer.begun and (total is None or total != transfer.size) else 0
    offset = base + first - 1
    if isinstance(message, Part):
        offset += message.offset
    return offset, base, None if total is None else base + total


# Actions


def begin(transfer: Receiving, _: object) -> Step:
    """The session is bound."""
    return transfer, BEGUN


def begin_after(request_action: Action) -> Action:
    """Begin, and take the request that bound the session."""

    def act(transfer: Receiving, request: MSRPData) -> Step:
        transfer, outputs = request_action(transfer, request)
        return transfer, (*BEGUN, *outputs)

    return act


def tell_offset(transfer: Receiving, request: MSRPData) -> Step:
    """Say where to go on. At least the last byte is wanted, as there are senders who would wait for ever else."""
    held = beginning(transfer.ranges)
    if transfer.size is not None:
        held = min(held, max(transfer.size - 1, 0))
    response = chunk.response(request, 200)
    if response is not None:
        response.fields["Offset"] = str(held)
    return replace(transfer, is_heard=True), (Send(response),) if response else ()


def take_content(transfer: Receiving, message: MSRPData) -> Step:
    """Write what came; answer the chunk when it is complete."""
    offset, base, whole = _place(transfer, message)
    until = offset + len(message.data)
    is_open = isinstance(message, Part) and not message.is_last
    outputs: Outputs = ()
    ranges = transfer.ranges
    if message.data:
        outputs = (Write(offset, message.data),)
        ranges = merged(ranges, offset + 1, until)
    size = whole if transfer.size is None else transfer.size
    if not is_open:
        outputs += incoming.answer(message, 200)
        if message.contflag == "$":
            size = until if size is None else size
            outputs += () if covered(ranges) == size else (StartTimer("gap", GAP_TIMEOUT),)
    transfer = replace(
        transfer,
        size=size,
        base=base,
        message_id=message.fields["Message-ID"],
        ranges=ranges,
        current=message if is_open else None,
        last=message,
        is_heard=True,
    )
    return transfer, outputs


def refuse_content(transfer: Receiving, message: MSRPData) -> Step:
    """Answer a chunk that is not taken, at its beginning; what follows of it is a stray."""
    return transfer, incoming.answer(message, refusal(transfer, message) or STOP_SENDING)


def answer_repeated(transfer: Receiving, message: MSRPData) -> Step:
    """Answer a chunk of what is there already."""
    is_open = isinstance(message, Part) and not message.is_last
    return replace(transfer, current=message if is_open else None), () if is_open else incoming.answer(message, 200)


def verify(transfer: Receiving, _: object) -> Step:
    """All has come."""
    size = transfer.size or 0
    timers = (StopTimer("silence"), StopTimer("gap"), StopTimer("progress"))
    return transfer, (*timers, Progress(size, size), Verify(size))


def finish(transfer: Receiving, _: object) -> Step:
    """The file is in its place: report, and wait for the sender to close."""
    done = Finished(transfer.message_id, 200, "OK")
    return transfer, (*_report(transfer, 200), done, StartTimer("linger", LINGER))


def fail_verification(transfer: Receiving, reason: str) -> Step:
    """The file is not what was announced."""
    return transfer, (*_report(transfer, 400, reason), *failed("verifying", reason))


def fail_excessive(transfer: Receiving, message: MSRPData) -> Step:
    """What comes is not what was announced; 413 stops it, section 7.3."""
    reason = excess(transfer, message) or "the peer sends too much"
    return _wait_for_peer(
        transfer, incoming.answer(message, STOP_SENDING), TransferFailed("receiving", reason, STOP_SENDING)
    )


def fail_aborted(transfer: Receiving, message: MSRPData) -> Step:
    """The sender goes no further."""
    return transfer, (*incoming.answer(message, 200), *failed("receiving", "the peer aborted the transfer"))


def fail_silent(transfer: Receiving, _: object) -> Step:
    """Nothing came for too long."""
    return transfer, failed("receiving", "the peer sent nothing for too long", 408)


def fail_incomplete(transfer: Receiving, _: object) -> Step:
    """The end came, and a part before it is missing."""
    reason = "a part of the file is missing"
    return transfer, (*_report(transfer, 400, reason), *failed("receiving", reason))


def fail(context: str) -> Action:
    """Make the action that ends a transfer which breaks."""

    def act(transfer: Receiving, detail: object) -> Step:
        if isinstance(detail, MSRPData):
            reason = f"{detail.code} {detail.comment or ''}".rstrip()
            return transfer, failed(context, reason, detail.code or 0)
        return transfer, failed(context, str(detail))

    return act


def fail_disk(transfer: Receiving, reason: str) -> Step:
    """The disk takes no more: the sender is told to stop."""
    return _wait_for_peer(transfer, _halt(transfer), TransferFailed("disk", reason))


def stop_receiving(transfer: Receiving, _: object) -> Step:
    """End at the wish of this side: the sender is told to stop."""
    return _wait_for_peer(transfer, _halt(transfer))


def _wait_for_peer(transfer: Receiving, told: Outputs, *outputs: TransferFailed) -> Step:
    """Wait for the peer to close: closing over what it still sends would keep it from reading what it was told."""
    timer = (StartTimer("linger", CLOSING),) if told else ()
    return replace(transfer, is_gone=not told), (*told, *quiet("linger"), *outputs, *timer)


def note_gone(transfer: Receiving, _: object) -> Step:
    """The file is checked all the same: everything has come."""
    return replace(transfer, is_gone=True), ()


def progress(transfer: Receiving, _: object) -> Step:
    """Tell how much has come."""
    return tell_progress(transfer, covered(transfer.ranges))


def watch(transfer: Receiving, _: object) -> Step:
    """Something has to come in every so many seconds."""
    return replace(transfer, is_heard=False), (StartTimer("silence", SILENCE),)


def _halt(transfer: Receiving) -> Outputs:
    """Tell the sender to stop: in the response to the chunk that is coming, else in a REPORT."""
    if transfer.current is not None:
        return incoming.answer(transfer.current, STOP_SENDING)
    return _report(transfer, STOP_SENDING)


def _report(transfer: Receiving, code: int, comment: str | None = None) -> Outputs:
    """Report on the file, if its sender asked for it."""
    last = transfer.last
    if last is None:
        return ()
    fields = last.fields
    if (fields.get("Success-Report") != "yes") if code == 200 else (fields.get("Failure-Report") == "no"):
        return ()
    total = (transfer.size or 0) - transfer.base
    report = chunk.report(
        chunk.transaction_id(transfer.terms.seed, transfer.counter),
        fields["From-Path"],
        transfer.terms.own,
        transfer.message_id,
        f"1-{total}/{total}",
        code,
        comment,
    )
    return (Send(report),)
