"""What a session sends: messages in chunks, and what becomes of them by responses, reports and timers.

RFC 4975 sections 5.1 (chunks), 7.1.1 (Success-Report, Failure-Report) and 7.1.2 (REPORT). A message that asked for a
success report is delivered by that report; one that asked for failure reports only, by the response to its last chunk.
One that asked for neither has no fate to tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from immutables import Map

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.headers import ByteRange, HeaderParsingError, parse_byte_range, parse_status
from sipsimple.protocols.msrp.outputs import Delivered, NotDelivered, Output, Send
from sipsimple.protocols.msrp.ranges import merged
from sipsimple.protocols.msrp.state import Outgoing, Session, Step, Unsent
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.msrp.message import MSRPData

RESPONSE_TIMEOUT = 30.0
WINDOW = 8  # chunks of one message on their way, so that a slow peer does not fill our memory
INTERRUPTIBLE_BYTES = 2048  # a larger chunk must leave its end open, section 7.1.1
MAX_REPORTED_RANGES = 256


def send_message(
    session: Session,
    message_id: str,
    content: bytes,
    content_type: str,
    success_report: str,
    failure_report: str,
    headers: tuple[tuple[str, str], ...],
) -> Step:
    """Send a message, or the first chunks of a large one."""
    if message_id in session.messages:
        raise LocalProtocolError(f"message id is in use: {message_id!r}")
    size = len(content)
    if size > session.terms.single_chunk_size:
        outgoing = Outgoing(
            session.counter, size, success_report == "yes", failure_report, 0, Unsent(content, 0, content_type, headers)
        )
        return _send_window(session, message_id, outgoing)
    terms = session.terms
    transaction_id, counter = chunk.next_transaction(terms.seed, session.counter, content)
    byte_range = None if size <= INTERRUPTIBLE_BYTES else ByteRange(1, None, size)
    data = chunk.send(
        transaction_id,
        terms.to_path,
        terms.own,
        message_id,
        content,
        content_type,
        byte_range,
        "$",
        success_report,
        failure_report,
        headers,
    )
    transactions, messages = session.transactions, session.messages
    if failure_report == "no" and success_report == "no":
        return Session(terms, session.state, counter, transactions, messages, session.incoming), (Send(data),)
    messages = messages.set(message_id, Outgoing(session.counter, size, success_report == "yes", failure_report))
    if failure_report == "no":
        return Session(terms, session.state, counter, transactions, messages, session.incoming), (Send(data),)
    transactions = transactions.set(transaction_id, message_id)
    sent = Session(terms, session.state, counter, transactions, messages, session.incoming)
    return sent, (Send(data), StartTimer(("response", transaction_id), RESPONSE_TIMEOUT))


def _send_window(session: Session, message_id: str, outgoing: Outgoing) -> Step:
    """Send chunks of a large message until the window is full; without responses there is no window."""
    outputs: list[Output] = []
    answered = outgoing.failure_report == "yes"
    while outgoing.unsent and not (answered and outgoing.unanswered >= WINDOW):
        session, outgoing = _send_chunk(session, message_id, outgoing, outgoing.unsent, outputs)
    if outgoing.failure_report == "no" and not outgoing.success_report:
        return session, tuple(outputs)
    return replace(session, messages=session.messages.set(message_id, outgoing)), tuple(outputs)


def _send_chunk(
    session: Session, message_id: str, outgoing: Outgoing, unsent: Unsent, outputs: list[Output]
) -> tuple[Session, Outgoing]:
    terms = session.terms
    end = unsent.offset + terms.chunk_size
    body = unsent.content[unsent.offset : end]
    is_last = end >= outgoing.size
    transaction_id, counter = chunk.next_transaction(terms.seed, session.counter, body)
    data = chunk.send(
        transaction_id,
        terms.to_path,
        terms.own,
        message_id,
        body,
        unsent.content_type,
        ByteRange(unsent.offset + 1, None, outgoing.size),
        "$" if is_last else "+",
        "yes" if outgoing.success_report else "no",
        outgoing.failure_report,
        unsent.headers,
    )
    outputs.append(Send(data))
    session = replace(session, counter=counter)
    if outgoing.failure_report != "no":
        session = replace(session, transactions=session.transactions.set(transaction_id, message_id))
        outputs.append(StartTimer(("response", transaction_id), RESPONSE_TIMEOUT))
    rest = None if is_last else replace(unsent, offset=end)
    return session, replace(outgoing, unsent=rest, unanswered=outgoing.unanswered + 1)


def take_response(session: Session, response: MSRPData) -> Step:
    """Take the response to one of our chunks."""
    transaction_id = response.transaction_id
    message_id = session.transactions.get(transaction_id)
    if message_id is None:
        return session, ()
    stop = StopTimer(("response", transaction_id))
    session, outputs = _take_code(session, transaction_id, message_id, response.code or 0, response)
    return session, (stop, *outputs)


def miss_response(session: Session, transaction_id: str) -> Step:
    """No response came in time: 408, or as good as success when only errors were asked for."""
    message_id = session.transactions.get(transaction_id)
    if message_id is None:
        return session, ()
    outgoing = session.messages.get(message_id)
    code = 200 if outgoing and outgoing.failure_report == "partial" else 408
    return _take_code(session, transaction_id, message_id, code, None)


def _take_code(session: Session, transaction_id: str, message_id: str, code: int, response: MSRPData | None) -> Step:
    transactions = session.transactions.delete(transaction_id)
    outgoing = session.messages.get(message_id)
    if outgoing is None:
        return replace(session, transactions=transactions), ()
    comment = (response.comment if response else None) or chunk.COMMENTS.get(code, "")
    if not 200 <= code < 300:
        return _settle(session, NotDelivered(message_id, code, comment, response), transactions)
    if outgoing.unsent is None and outgoing.unanswered <= 1 and not outgoing.success_report:
        return _settle(session, Delivered(message_id, code, comment, response), transactions)
    session = replace(session, transactions=transactions)
    if outgoing.unsent:
        return _send_window(session, message_id, replace(outgoing, unanswered=outgoing.unanswered - 1))
    if outgoing.unanswered > 1:
        outgoing = replace(outgoing, unanswered=outgoing.unanswered - 1)
        return replace(session, messages=session.messages.set(message_id, outgoing)), ()
    return session, ()


def take_report(session: Session, report: MSRPData) -> Step:
    """Take a REPORT about one of our messages. One that cannot be read is as good as none."""
    fields = report.fields
    message_id = fields.get("Message-ID", "")
    outgoing = session.messages.get(message_id)
    if outgoing is None:
        return session, ()
    try:
        code, comment = parse_status(fields.get("Status", ""))
        start, end, _ = parse_byte_range(fields.get("Byte-Range", "1-*/*"))
    except HeaderParsingError:
        return session, ()
    reason = comment or chunk.COMMENTS.get(code, "")
    if code != 200:
        return _settle(session, NotDelivered(message_id, code, reason, report), session.transactions)
    sent = outgoing.unsent.offset if outgoing.unsent else outgoing.size
    end = sent if end is None else min(end, sent)
    if not outgoing.success_report or start > end + 1 or len(outgoing.reported) > MAX_REPORTED_RANGES:
        return session, ()
    reported = merged(outgoing.reported, start, end)
    if reported[0][0] == 1 and reported[0][1] >= outgoing.size:
        return _settle(session, Delivered(message_id, code, reason, report), session.transactions)
    return replace(session, messages=session.messages.set(message_id, replace(outgoing, reported=reported))), ()


def _settle(session: Session, outcome: Delivered | NotDelivered, transactions: Map[str, str]) -> Step:
    messages = session.messages.delete(outcome.message_id)
    return Session(session.terms, session.state, session.counter, transactions, messages, session.incoming), (outcome,)


def abandon(session: Session, reason: str) -> Step:
    """Stop every timer and tell of every message that it was not delivered: the session is over."""
    stops = [StopTimer(("response", each)) for each in session.transactions]
    in_order = sorted(session.messages.items(), key=lambda item: item[1].number)
    lost = [NotDelivered(message_id, 0, reason) for message_id, _ in in_order]
    return replace(session, transactions=Map(), messages=Map()), (*stops, *lost)
