"""What a session answers: the checks of a request, its response, and the report of a message.

RFC 4975 section 7.2 (responses by Failure-Report, paths), 7.3 (receiving), 10 (codes). A REPORT is never answered.
"""

from __future__ import annotations

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp import chunk, reassembly
from sipsimple.protocols.msrp.content_types import accepts
from sipsimple.protocols.msrp.headers import ByteRange, HeaderParsingError, parse_byte_range
from sipsimple.protocols.msrp.message import MSRPData
from sipsimple.protocols.msrp.outputs import MessageReceived, Send
from sipsimple.protocols.msrp.state import Session, Step, Terms
from sipsimple.protocols.msrp.uri import same_uri
from sipsimple.protocols.values import replace

ANY_RANGE = "1-*/*"


def belongs(terms: Terms, request: MSRPData) -> bool:
    """Tell whether the paths of a request are those of this session; a REPORT may come from a relay on our way."""
    to_path = request.fields.get("To-Path", "")
    origin = request.fields.get("From-Path", "").rpartition(" ")[2]
    if to_path != terms.own and not same_uri(to_path, terms.own):
        return False
    if origin == terms.peer or same_uri(origin, terms.peer):
        return True
    return request.method == "REPORT" and any(same_uri(origin, hop) for hop in terms.to_path.split(" "))


def refusal(terms: Terms, request: MSRPData) -> int | None:
    """The code that a request is refused with before anything in it counts; None when it may be taken."""
    fields = request.fields
    if request.method not in ("SEND", "REPORT"):
        return 501
    if "To-Path" not in fields or "From-Path" not in fields or not fields.get("Message-ID"):
        return 400
    try:
        parse_byte_range(fields.get("Byte-Range", ANY_RANGE))
    except HeaderParsingError:
        return 400
    return None if belongs(terms, request) else 481


def answer(request: MSRPData, code: int) -> tuple[Send, ...]:
    """Respond as the Failure-Report of the request wishes: `yes` always, `partial` errors only, `no` never."""
    if request.method == "REPORT":
        return ()
    wish = request.fields.get("Failure-Report")
    if wish == "no" or (wish == "partial" and code == 200):
        return ()
    response = chunk.response(request, code)
    return (Send(response),) if response else ()


def take_send(session: Session, request: MSRPData) -> Step:
    """Take a SEND of this session: answer it, and pass on the message that it completes."""
    content_type = request.fields.get("Content-Type")
    if content_type is None:  # empty: binds the session or keeps it alive
        return session, answer(request, 415 if request.data else 200)
    if not accepts(session.terms.accept_types, content_type):
        return session, answer(request, 415)
    start, _, total = parse_byte_range(request.fields.get("Byte-Range", ANY_RANGE))
    message_id = request.fields["Message-ID"]
    if start > 1 or request.contflag != "$" or message_id in session.incoming.messages:
        return _take_chunk(session, request, message_id, ByteRange(start, None, total))
    if len(request.data) > session.incoming.limit:
        return session, answer(request, 413)
    return session, (*answer(request, 200), MessageReceived(request.data, content_type, request))


def _take_chunk(session: Session, request: MSRPData, message_id: str, byte_range: ByteRange) -> Step:
    """Take one of several chunks."""
    start, _, total = byte_range
    held = session.incoming
    try:
        held, content = reassembly.add(held, message_id, start, request.data, total, request.contflag)
    except RemoteProtocolError as error:
        held = reassembly.refuse(held, message_id, request.contflag)
        return replace(session, incoming=held), answer(request, error.code)
    session = replace(session, incoming=held)
    if content is None:
        return session, answer(request, 200)
    content_type = request.fields["Content-Type"]
    return session, (*answer(request, 200), MessageReceived(content, content_type, _whole(request, content)))


def _whole(last: MSRPData, content: bytes) -> MSRPData:
    """One chunk in the place of all those of a message."""
    fields = last.fields | {"Byte-Range": f"1-{len(content)}/{len(content)}"}
    return MSRPData(last.transaction_id, last.method, None, None, None, content, "$", fields)


def report_message(session: Session, message: MSRPData, code: int, comment: str | None) -> Step:
    """Send a REPORT about a received message, if its sender asked for it."""
    fields = message.fields
    success = code == 200
    if (fields.get("Success-Report") != "yes") if success else (fields.get("Failure-Report") == "no"):
        return session, ()
    size = len(message.data)
    transaction_id = chunk.transaction_id(session.terms.seed, session.counter)
    report = chunk.report(
        transaction_id,
        fields["From-Path"],
        session.terms.own,
        fields["Message-ID"],
        f"1-{size}/{size}",
        code,
        comment,
    )
    reported = Session(
        session.terms,
        session.state,
        session.counter + 1,
        session.transactions,
        session.messages,
        session.incoming,
    )
    return reported, (Send(report),)
