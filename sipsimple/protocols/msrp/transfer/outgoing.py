"""What a sender of a file does: chunks in a window, where to begin, how it ends. See `sending`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.msrp import chunk, incoming
from sipsimple.protocols.msrp.headers import ByteRange, parse_byte_range, parse_status
from sipsimple.protocols.msrp.message import MSRPData
from sipsimple.protocols.msrp.outgoing import INTERRUPTIBLE_BYTES
from sipsimple.protocols.msrp.outputs import Send
from sipsimple.protocols.msrp.ranges import Ranges, merged
from sipsimple.protocols.msrp.state import CHUNK_BYTES
from sipsimple.protocols.msrp.transfer.machine import BEGUN, SILENCE, Action, end, failed, tell_progress
from sipsimple.protocols.msrp.transfer.outputs import Finished, NotFinished, Output, Outputs, Progress, Read
from sipsimple.protocols.msrp.transfer.state import Sending, State
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from immutables import Map

READ_BYTES = 8 * CHUNK_BYTES
READ_AHEAD = 2 * READ_BYTES
REPORT_TIMEOUT = 30.0
LINGER = 2.0
MAX_REPORTED_RANGES = 256
FILE_OFFSET = "FILE_OFFSET"

Step = tuple[Sending, Outputs]


def reported(transfer: Sending, report: MSRPData) -> Ranges:
    """What success reports cover, with this one; of an open range, no more than was sent."""
    first, last, _ = parse_byte_range(report.fields.get("Byte-Range", incoming.ANY_RANGE))
    last = transfer.sent - transfer.base if last is None else last
    if first > last or len(transfer.reported) > MAX_REPORTED_RANGES:
        return transfer.reported
    return merged(transfer.reported, first, last)


def begin(transfer: Sending, _: object) -> Step:
    """The session is bound: ask where to begin, if the peer can say."""
    if not transfer.asks:
        return transfer, BEGUN
    terms = transfer.terms
    asked = chunk.transaction_id(terms.seed, transfer.counter)
    paths = {"To-Path": terms.to_path, "From-Path": terms.own}
    request = MSRPData(asked, FILE_OFFSET, None, None, None, b"", "$", paths)
    return replace(transfer, asked=asked, counter=transfer.counter + 1), (*BEGUN, Send(request))


def begin_after(request_action: Action) -> Action:
    """Do something with the request that binds the session, then begin."""

    def act(transfer: Sending, request: MSRPData) -> Step:
        transfer, answers = request_action(transfer, request)
        transfer, outputs = begin(transfer, None)
        return transfer, (*answers, *outputs)

    return act


def take_offset(transfer: Sending, response: MSRPData) -> Step:
    """Begin where the peer says; one that cannot say gets the whole file. At least the last byte is sent again."""
    told = response.fields.get("Offset", "").strip()
    size = transfer.size or 0
    offset = int(told) if response.code == 200 and told.isascii() and told.isdigit() and len(told) < 20 else 0
    if offset > size:
        offset = 0
    return begin_sending(replace(transfer, begun=min(offset, max(size - 1, 0)), base=0), None)


def begin_sending(transfer: Sending, _: object) -> Step:
    """Have the first bytes read."""
    begun = transfer.begun
    transfer = replace(transfer, asked=None, sent=begun, wanted=begun)
    if begun == transfer.size:
        return _fill(transfer, (b"",), transfer.unanswered)  # an empty file is a message too
    return _fill(transfer, (), transfer.unanswered)


def take_data(transfer: Sending, detail: tuple[int, tuple[bytes, ...]]) -> Step:
    """Take what was read; what was read twice, for a crash of the reader, counts once."""
    offset, blocks = detail
    if offset != transfer.sent + sum(map(len, transfer.blocks)):
        return transfer, ()
    return _fill(transfer, transfer.blocks + blocks, transfer.unanswered)


def take_response(transfer: Sending, response: MSRPData) -> Step:
    """A chunk has arrived."""
    size = transfer.unanswered[response.transaction_id]
    unanswered = transfer.unanswered.delete(response.transaction_id)
    answered = transfer.answered + size
    return _fill(transfer, transfer.blocks, unanswered, answered=answered, is_heard=True)


def _fill(transfer: Sending, blocks: tuple[bytes, ...], unanswered: Map[str, int], **changes: Any) -> Step:
    """Send chunks while there is room in the window, and have the disk read what comes after them."""
    outputs: list[Output] = []
    while blocks and len(unanswered) < transfer.window:
        transfer, sent = _chunk(transfer, blocks[0])
        unanswered = unanswered.set(sent.data.transaction_id, len(blocks[0]))
        blocks = blocks[1:]
        outputs.append(sent)
    size, wanted = transfer.size or 0, transfer.wanted
    while wanted < size and wanted - transfer.sent <= READ_AHEAD - READ_BYTES:
        outputs.append(Read(wanted, min(READ_BYTES, size - wanted)))
        wanted = min(size, wanted + READ_BYTES)
    return replace(transfer, blocks=blocks, unanswered=unanswered, wanted=wanted, **changes), tuple(outputs)


def _chunk(transfer: Sending, body: bytes) -> tuple[Sending, Send]:
    """Make the next chunk; what awaits its response is the caller's."""
    terms, size = transfer.terms, (transfer.size or 0) - transfer.base
    first = transfer.sent - transfer.base + 1
    last = first + len(body) - 1
    transaction_id, counter = chunk.next_transaction(terms.seed, transfer.counter, body)
    is_over = last >= size
    data = chunk.send(
        transaction_id,
        terms.to_path,
        terms.own,
        transfer.message_id,
        body,
        transfer.content_type,
        ByteRange(first, None if len(body) > INTERRUPTIBLE_BYTES else last, size),
        "$" if is_over else "+",
        "yes",
        "yes",
    )
    sent = transfer.sent + len(body)
    return replace(transfer, counter=counter, sent=sent, is_over=is_over), Send(data)


def wait_for_report(transfer: Sending, _: object) -> Step:
    """All chunks have arrived; the receiver may have to look at its file before it reports."""
    return transfer, (StopTimer("silence"), StartTimer("report", REPORT_TIMEOUT))


def note_report(transfer: Sending, report: MSRPData) -> Step:
    """Some bytes have arrived."""
    return replace(transfer, reported=reported(transfer, report), is_heard=True), ()


def finish(transfer: Sending, report: MSRPData | None) -> Step:
    """The receiver has the file."""
    size = transfer.size or 0
    told = Finished(transfer.message_id, 200, "OK" if transfer.reported or report else "no report came", report)
    timers = (StopTimer("silence"), StopTimer("report"), StopTimer("progress"), StartTimer("linger", LINGER))
    return transfer, (*timers, Progress(size, size), told)


def finish_without_report(transfer: Sending, _: object) -> Step:
    """The receiver took every chunk and sends no reports."""
    return finish(transfer, None)


def finish_and_end(transfer: Sending, _: object) -> Step:
    """The receiver took every chunk and closed the connection."""
    transfer, finished = finish(transfer, None)
    return transfer, (*finished, *end(transfer, None)[1])


def progress(transfer: Sending, _: object) -> Step:
    """Tell how much has arrived."""
    return tell_progress(transfer, transfer.begun + transfer.answered)


def watch(transfer: Sending, _: object) -> Step:
    """The peer has to answer something in every so many seconds in which something was sent."""
    return replace(transfer, is_heard=False), (StartTimer("silence", SILENCE),)


def fail_silent(transfer: Sending, _: object) -> Step:
    """Nothing was answered for too long."""
    return transfer, _lost(transfer, "sending", "the peer did not answer in time", 408, None)


def fail(context: str) -> Action:
    """Make the action that ends a transfer which breaks for a reason, a response or a REPORT."""

    def act(transfer: Sending, detail: object) -> Step:
        if not isinstance(detail, MSRPData):
            return transfer, _lost(transfer, context, str(detail), 0, None)
        code, comment = detail.code or 0, detail.comment
        if detail.method is not None:
            code, comment = parse_status(detail.fields.get("Status", ""))
        reason = f"{code} {comment or chunk.COMMENTS.get(code, '')}".rstrip()
        return transfer, _lost(transfer, context, reason, code, detail)

    return act


def _lost(transfer: Sending, context: str, reason: str, code: int, message: MSRPData | None) -> Outputs:
    lost = NotFinished(transfer.message_id, code, reason, message)
    return (*_abort(transfer), lost, *failed(context, reason, code))


def stop_sending(transfer: Sending, reason: str) -> Step:
    """End at the wish of this side."""
    lost = NotFinished(transfer.message_id, 0, reason)
    transfer, ended = end(transfer, None)
    return transfer, (*_abort(transfer), lost, *ended)


def _abort(transfer: Sending) -> Outputs:
    """Tell the peer that the message it has the beginning of goes no further: section 7.1."""
    if transfer.state is not State.SENDING or transfer.is_over or transfer.sent == transfer.begun:
        return ()
    terms = transfer.terms
    first = transfer.sent - transfer.base + 1
    data = chunk.send(
        chunk.transaction_id(terms.seed, transfer.counter),
        terms.to_path,
        terms.own,
        transfer.message_id,
        b"",
        transfer.content_type,
        ByteRange(first, None, (transfer.size or 0) - transfer.base),
        "#",
        "no",
        "no",
    )
    return (Send(data),)
