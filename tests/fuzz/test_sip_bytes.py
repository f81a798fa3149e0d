"""SIP from anybody: every byte string is read or refused, and every split of a stream gives the same messages."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.base import Message
from sipsimple.protocols.sip.framer import Framer, KeepAlive, Malformed, reply_to_malformed
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.headers.typed import Typed
from sipsimple.protocols.sip.headers.via import Via
from sipsimple.protocols.sip.inspection import inspect_request
from sipsimple.protocols.sip.message import MAX_SIZE, Request, Response, parse, response_to
from sipsimple.protocols.sip.transport import response_target, stamp_received
from sipsimple.protocols.sip.uri import URI

CORPORA = Path(__file__).parents[3] / "shared" / "corpora"
needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason=f"no {CORPORA}")
TYPED = sorted(name for name, value in vars(Message).items() if isinstance(value, Typed))

STARTS = st.sampled_from([b"INVITE sip:a@h SIP/2.0", b"SIP/2.0 200 OK", b"ACK sip:h SIP/2.0", b"X * SIP/3.0", b"junk"])
NAMES = st.sampled_from(
    [b"Via", b"v", b"From", b"To", b"Contact", b"m", b"CSeq", b"Call-ID", b"Content-Length", b"l", b"Route", b"Require"]
)
PIECES = st.sampled_from(
    b'<|>|"|\\|;|,|=|tag=1| |\t|\r\n |%41|%|sip:|a@h|:5060|9|*|?|&|INVITE|\xff|\x00'.split(b"|")
    + b"SIP/2.0/UDP |[::1]|rport|branch=z|received=x".split(b"|")
)
VALUES = st.lists(PIECES, max_size=8).map(b"".join)
HEADS = st.tuples(STARTS, st.lists(st.tuples(NAMES, VALUES), max_size=6)).map(
    lambda head: b"\r\n".join([head[0], *[name + b": " + value for name, value in head[1]], b"", b""])
)
STREAMS = st.lists(
    st.sampled_from(
        [
            b"INFO sip:h SIP/2.0\r\nContent-Length: 5\r\n\r\n\r\n\r\nx",
            b"SIP/2.0 200 OK\r\nl:0\r\n\r\n",
            b"BAD\r\nContent-Length: 1\r\n\r\nx",
            b"\r\n\r\n",
            b"NO sip:length SIP/2.0\r\n\r\n",
        ]
    ),
    max_size=6,
).map(b"".join)


def refused(read, *arguments) -> bool:
    try:
        read(*arguments)
    except RemoteProtocolError:
        return True
    return False


def read_all(message: Request | Response) -> dict[str, bool]:
    """Read every typed header; tell of each whether it was refused."""
    found = {name: refused(getattr, message, name) for name in TYPED}
    for name in ("from_", "to", "contact"):
        found[name] = found[name] or (
            getattr(message, name) is not None and refused(getattr, getattr(message, name), "uri")
        )
    found["via"] = found["via"] or refused(response_target, message.via)
    return found


def read_and_answer(data: bytes) -> None:
    try:
        message = parse(data)
    except RemoteProtocolError as error:
        answer = reply_to_malformed(data, error)
        assert answer is None or isinstance(parse(answer), Response)
        return
    read_all(message)
    repr(message)
    if isinstance(message, Request):
        inspect_request(message)
        refused(stamp_received, message, "::1", 5060)
        assert parse(bytes(response_to(message, 200, to_tag="x"))).status == 200
    assert parse(bytes(message)).body == message.body


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    read_and_answer(data)


@given(HEADS, st.binary(max_size=10))
def test_any_mixture_of_sip_pieces_is_read_or_refused(head, body):
    read_and_answer(head + body)


@pytest.mark.parametrize("read", [URI.parse, Address.parse, Via.parse])
@given(text=st.lists(PIECES, max_size=10).map(lambda pieces: b"".join(pieces).decode("utf-8", "surrogateescape")))
def test_any_text_is_a_value_or_refused(read, text):
    try:
        value = read(text)
    except RemoteProtocolError:
        return
    if isinstance(value, URI | Via) or not refused(getattr, value, "uri"):
        assert read(str(value)) == value


@given(STREAMS, st.lists(st.integers(0, 200), max_size=8))
def test_any_split_of_a_stream_gives_the_same_messages_and_pings(stream, cuts):
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]

    assert framed(pieces) == framed([stream]) == framed([bytes([byte]) for byte in stream])


def framed(pieces: list[bytes]) -> tuple[list[object], bool]:
    framer = Framer()
    items: list[object] = []
    for piece in pieces:
        try:
            items += framer.feed(piece)
        except RemoteProtocolError:
            break
    kept = [item.head if isinstance(item, Malformed) else item for item in items if item is not KeepAlive.PONG]
    return kept, framer.error is not None


def datagram(name: str, unit: str, *, start: str = "", end: str = "") -> bytes:
    """Return a datagram of nearly 64 KiB, which stays below the limit when it is written again."""
    frame = f"INVITE sip:h SIP/2.0\r\nCSeq: 1 INVITE\r\n{name}: {start}%s{end}\r\n\r\n"
    return (frame % (unit * ((MAX_SIZE - 2000) // len(unit)))).encode()


HOSTILE = [
    datagram(name, unit, start=start, end=end)
    for name in ("Via", "From", "Contact", "Content-Type", "Route", "Require", "Call-ID", "X-New")
    for start, unit, end in [
        ("", "<sip:a@h>,", "<sip:a@h>"),
        ("", '"', ""),
        ('"', '\\"', ""),
        ("", '"a" ', ""),
        ("a", " ", "<"),
        ("", "\r\n ", "x"),
        ("<sip:a@h>", ";a=b", ""),
        ("<sip:a@h>", "; ", "="),
        ("<sip:a@h>", ";a" * 60 + ",<sip:a@h>", ""),
        ("<sip:a@h>", ",<sip:a@h" + ";a" * 60 + ">", ""),
        ("SIP/2.0/UDP h", ";a" * 60 + ",SIP/2.0/UDP h", ""),
        ("<sip:", "a;b@", ">"),
        ("<sip:h;", "%41", ">"),
        ("tel:+1", "-1", "x"),
        ("SIP/2.0/UDP h", ";a", ",,"),
        ("SIP/2.0/UDP", " ", "h:"),
        ("", "<", ""),
        ("", ",", ""),
        ("", "9", ""),
    ]
] + [
    b"\r\n" * (MAX_SIZE // 2),
    b"INVITE sip:h SIP/2.0\r\n" + b"a:\r\n" * 16000 + b"\r\n",
    b"INVITE sip:h SIP/2.0\r\n" + b"l: 1\r\n" * 10000 + b"\r\n",
    b"INVITE sip:" + b"a" * 65000 + b"@ SIP/2.0\r\n\r\n",
    b"A " * 32000,
]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_no_datagram_of_64_kib_costs_more_than_linear_time(data):
    """Anything quadratic in 64 KiB runs into the timeout; the milliseconds are for bench/parse.py."""
    read_and_answer(data)
    framed([data])


# RFC 4475 and RFC 5118: what each message must come to. "ok" is read and passes the inspection.
VERDICTS: dict[str, object] = {
    "badaspec": 400,
    "badbranch": "ok",
    "baddate": "ok",
    "baddn": 400,
    "badinv01": 400,
    "badvers": 505,
    "bcast": "response",
    "bext01": 420,
    "bigcode": None,
    "clerr": 400,
    "escruri": 400,
    "insuf": 400,
    "ltgtruri": 400,
    "lwsruri": 400,
    "lwsstart": 400,
    "mcl01": 400,
    "mismatch01": 400,
    "mismatch02": 400,
    "multi01": 400,
    "ncl": 400,
    "noreason": "response",
    "novelsc": 416,
    "quotbal": 400,
    "regbadct": 400,
    "scalar02": 400,
    "scalarlg": "response",
    "sdp01": 406,
    "trws": 400,
    "unkscm": 416,
    "unreason": "response",
    "ipv6-bad": 400,
}


def verdict(data: bytes) -> object:
    try:
        message = parse(data)
    except RemoteProtocolError as error:
        return error.status
    if isinstance(message, Response):
        return "response"
    error = inspect_request(message)
    return "ok" if error is None else error.status


@needs_corpora
@pytest.mark.parametrize("path", sorted(CORPORA.glob("*/*.dat")), ids=lambda path: path.stem)
def test_the_torture_messages_get_the_response_that_their_rfc_asks_for(path):
    data = path.read_bytes()
    read_and_answer(data)

    assert verdict(data) == VERDICTS.get(path.stem, "ok")


@needs_corpora
def test_the_wild_whitespace_of_the_torture_invite_is_understood():
    message = parse((CORPORA / "rfc4475" / "wsinv.dat").read_bytes())

    assert not any(read_all(message).values())
    assert [via.host for via in message.vias] == ["192.0.2.2", "spindle.example.com", "192.168.255.111"]
    assert (message.from_.display_name, message.from_.tag, message.to.tag) == (
        'J Rosenberg \\"',
        "98asjd8",
        "1918181833n",
    )
    assert (message.max_forwards, message.cseq.number, message.routes[0].uri.is_loose_router) == (68, 9, True)
    assert message.contact.display_name == 'Quoted string ""'
    assert message.contact.parameter("q") == "0.33"


@needs_corpora
def test_a_response_with_a_huge_cseq_is_refused_when_its_cseq_is_read():
    message = parse((CORPORA / "rfc4475" / "scalarlg.dat").read_bytes())

    assert read_all(message)["cseq"]
    assert message.retry_after == 2**32 - 1
