"""Asking a name server: one query over UDP, by TCP when the answer is cut, without holding up the hub.

dnspython writes and reads the messages; the sockets and the waiting are ours.

RFC: 1035 4.2, 2308 5, 5452 9 (each query has a port and an id of its own), 6891.
"""

from __future__ import annotations

import struct
from contextlib import closing
from dataclasses import dataclass
from socket import SOCK_DGRAM
from typing import TYPE_CHECKING, Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.ttl
from gevent import Timeout

from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.sockets import Address, Socket
from sipsimple.actors.wire.waiting import Readable
from sipsimple.errors import TransportFailed
from sipsimple.protocols.sip.resolve.records import NAPTR, SRV, Answer, Kind, Query, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAYLOAD_BYTES = 1232  # what passes unfragmented almost everywhere
ROUNDS = (1.0, 2.0)  # seconds for each name server, first and second time
MAX_RECORDS = 64
LONGEST, NEGATIVE, LONGEST_NEGATIVE, BROKEN = 86_400.0, 30.0, 300.0, 5.0  # seconds that an answer is kept

_DEFINITE = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})
_MALFORMED = (dns.exception.DNSException, ValueError, struct.error)


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and for how many seconds it is good."""

    answer: Answer
    seconds: float


def ask(query: Query, servers: Iterable[Address], rounds: Iterable[float] = ROUNDS) -> Found:
    """Ask one name server after another until one knows; waits, letting other greenlets run."""
    servers = tuple(servers)
    try:
        question = dns.message.make_query(query.name, query.kind.value, use_edns=0, payload=PAYLOAD_BYTES)
    except _MALFORMED as error:
        return Found(Answer(query, problem=f"no name to look up: {error}"), BROKEN)
    problem = "no name server is known"
    for seconds in rounds:
        for server in servers:
            try:
                response = _within(seconds, server, question)
            except (OSError, TransportFailed, *_MALFORMED) as error:
                problem = f"name server {sockets.address_text(server)}: {str(error).lower()}"
                continue
            if response.rcode() in _DEFINITE:
                return _read(query, response)
            problem = f"name server {sockets.address_text(server)}: {dns.rcode.to_text(response.rcode())}"
    return Found(Answer(query, problem=problem), BROKEN)


def _within(seconds: float, server: Address, question: dns.message.Message) -> dns.message.Message:
    limit = Timeout.start_new(seconds)
    try:
        response = _by_udp(server, question)
        if response.flags & dns.flags.TC:
            response = _by_tcp(server, question, seconds)
    except Timeout as expired:
        if expired is not limit:
            raise
        raise TimeoutError("no answer") from None
    finally:
        limit.close()
    return response


def _by_udp(server: Address, question: dns.message.Message) -> dns.message.Message:
    host, port = server
    family = sockets.family_of(host)
    if family is None:
        raise OSError("not an address")
    with closing(Socket(family, SOCK_DGRAM)) as sock:
        sock.setblocking(False)
        sock.connect((host, port))  # what others send is not even received
        sock.send(question.to_wire())
        while True:
            response = _answer_to(question, _received(sock, 65_535))
            if response is not None:
                return response


def _by_tcp(server: Address, question: dns.message.Message, seconds: float) -> dns.message.Message:
    with closing(sockets.connect(*server, seconds)) as sock:
        data = question.to_wire()
        sock.send(len(data).to_bytes(2) + data)
        size = int.from_bytes(_exactly(sock, 2))
        response = _answer_to(question, _exactly(sock, size))
    if response is None:
        raise OSError("not an answer to what was asked")
    return response


def _exactly(sock: Socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = _received(sock, size - len(data))
        if not more:
            raise OSError("closed before the answer")
        data += more
    return data


def _received(sock: Socket, size: int) -> bytes:
    with closing(Readable(sock.fileno())) as readable:
        while True:
            readable.wait()
            try:
                return sock.recv(size)
            except BlockingIOError:
                continue


def _answer_to(question: dns.message.Message, data: bytes) -> dns.message.Message | None:
    """Read a response; None when it is none to this question, which may be forged: the true one may still come."""
    try:
        response = dns.message.from_wire(data, ignore_trailing=True)
    except _MALFORMED:
        return None
    return response if question.is_response(response) else None


def _read(query: Query, response: dns.message.Message) -> Found:
    """Take the records out of a response, along the chain of CNAME records."""
    try:
        chain = response.resolve_chaining()  # type: ignore[attr-defined]
    except _MALFORMED as error:
        if isinstance(error, dns.message.AnswerForNXDOMAIN):
            return Found(Answer(query), NEGATIVE)
        return Found(Answer(query, problem=f"a bad answer: {error}"), BROKEN)
    if chain.answer is None:
        known = chain.minimum_ttl < dns.ttl.MAX_TTL
        return Found(Answer(query), min(max(chain.minimum_ttl, BROKEN), LONGEST_NEGATIVE) if known else NEGATIVE)
    convert = CONVERT[query.kind]
    records = tuple([convert(each) for each in list(chain.answer)[:MAX_RECORDS]])
    return Found(Answer(query, records), min(chain.minimum_ttl, LONGEST))


def name_text(name: dns.name.Name) -> str:
    """Return a name without its final dot, in lower case."""
    return name.to_text(omit_final_dot=True).lower()


def _naptr(data: Any) -> Record:
    flags, service, regexp = (each.decode("latin-1") for each in (data.flags, data.service, data.regexp))
    return NAPTR(data.order, data.preference, flags, service, regexp, name_text(data.replacement))


def _srv(data: Any) -> Record:
    return SRV(data.priority, data.weight, data.port, name_text(data.target))


def _address(data: Any) -> Record:
    return str(data.address)


CONVERT: dict[Kind, Callable[[Any], Record]] = {
    Kind.NAPTR: _naptr,
    Kind.SRV: _srv,
    Kind.A: _address,
    Kind.AAAA: _address,
}
