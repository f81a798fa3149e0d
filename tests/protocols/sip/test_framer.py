"""Cutting streams into messages."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.framer import Framer, KeepAlive, Malformed
from sipsimple.protocols.sip.message import MAX_SIZE, Request, Response

ONE = b"MESSAGE sip:h SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 8\r\n\r\nab\r\n\r\ncd"
TWO = b"SIP/2.0 200 OK\r\nCall-ID: 2\r\nl :\r\n 0\r\n\r\n"
BAD = b"MESSAGE sip:h SIP/9.0\r\nCall-ID: 3\r\nContent-Length: 2\r\n\r\nxx"
NO_LENGTH = b"MESSAGE sip:h SIP/2.0\r\nCall-ID: 4\r\n\r\n"


def ids(items) -> list[object]:
    return [item.get("call-id") if isinstance(item, Request | Response) else item for item in items]


def test_a_stream_gives_its_messages_whole():
    one, two = Framer().feed(ONE + TWO)

    assert (one.method, one.body) == ("MESSAGE", b"ab\r\n\r\ncd")
    assert (two.status, two.body) == (200, b"")


def test_a_stream_gives_its_messages_byte_by_byte():
    framer = Framer()
    seen = [(index, item.get("call-id")) for index, byte in enumerate(ONE + TWO) for item in framer.feed(bytes([byte]))]

    assert seen == [(len(ONE) - 1, "1"), (len(ONE + TWO) - 1, "2")]


def test_bytes_of_the_next_message_wait_for_the_rest():
    framer = Framer()

    assert ids(framer.feed(ONE + TWO[:10])) == ["1"]
    assert framer.feed(b"") == []
    assert ids(framer.feed(TWO[10:])) == ["2"]


def test_a_double_line_break_is_a_ping_and_a_single_one_a_pong():
    assert Framer().feed(b"\r\n\r\n") == [KeepAlive.PING]
    assert Framer().feed(b"\r\n") == [KeepAlive.PONG]
    assert ids(Framer().feed(b"\r\n" + ONE + b"\r\n\r\n" + TWO)) == [KeepAlive.PONG, "1", KeepAlive.PING, "2"]


@pytest.mark.parametrize(
    ("cut", "items"), [(1, [KeepAlive.PING]), (2, [KeepAlive.PONG, KeepAlive.PING]), (3, [KeepAlive.PING])]
)
@pytest.mark.parametrize("following", [b"", ONE])
def test_a_ping_in_two_reads_is_one_ping(cut, items, following):
    """Its first half looks like a pong."""
    framer = Framer()
    found = framer.feed(b"\r\n\r\n"[:cut]) + framer.feed(b"\r\n\r\n"[cut:] + following)

    assert ids(found) == items + (["1"] if following else [])
    assert not following or found[-1].method == "MESSAGE"
    assert ids(framer.feed(TWO)) == ["2"]


def test_a_pong_and_a_later_ping_are_told_apart():
    framer = Framer()

    assert framer.feed(b"\r\n") == [KeepAlive.PONG]
    assert ids(framer.feed(ONE)) == ["1"]
    assert framer.feed(b"\r\n") == [KeepAlive.PONG]


def test_a_malformed_message_that_is_framed_well_does_not_end_the_stream():
    one, bad, two = Framer().feed(ONE + BAD + TWO)

    assert isinstance(bad, Malformed)
    assert bad.error.status == 505
    assert bad.head == BAD.partition(b"\r\n\r\n")[0]
    assert ids([one, two]) == ["1", "2"]


@pytest.mark.parametrize(
    "broken",
    [
        NO_LENGTH,
        b"M sip:h SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\n",
        b"M sip:h SIP/2.0\r\nContent-Length: -1\r\n\r\n",
        b"M sip:h SIP/2.0\r\nContent-Length:\r\n\r\n",
        b"M sip:h SIP/2.0\r\nContent-Length: 99999999\r\n\r\n",
        b"M sip:h SIP/2.0\r\nContent-Length: " + b"9" * 9000 + b"\r\n\r\n",
    ],
)
def test_a_stream_that_cannot_be_framed_ends_with_the_head_that_broke_it_to_be_answered(broken):
    framer = Framer()

    one, last = framer.feed(ONE + broken + TWO)
    assert ids([one]) == ["1"]
    assert isinstance(last, Malformed)
    assert last.head == broken.partition(b"\r\n\r\n")[0]
    assert last.error is framer.error
    for data in (b"", TWO):
        with pytest.raises(RemoteProtocolError):
            framer.feed(data)


def test_a_head_without_end_ends_the_stream_after_what_came_before():
    framer = Framer()

    assert ids(framer.feed(ONE + b"x" * (MAX_SIZE + 4))) == ["1"]
    assert framer.error is not None
    with pytest.raises(RemoteProtocolError) as refused:
        Framer().feed(b"x" * (MAX_SIZE + 4))
    assert refused.value.status == 513


def test_the_size_limit_counts_the_body_and_can_be_raised():
    big = b"M sip:h SIP/2.0\r\nContent-Length: 70000\r\n\r\n" + b"x" * 70000

    assert len(Framer(max_size=80000).feed(big)[0].body) == 70000
    (refused,) = Framer().feed(big[:100])
    assert isinstance(refused, Malformed)
    assert refused.error.status == 513


def test_a_message_may_be_as_large_as_the_limit_and_no_byte_larger():
    assert ids(Framer(max_size=len(ONE)).feed(ONE + ONE)) == ["1", "1"]
    (refused,) = Framer(max_size=len(ONE) - 1).feed(ONE[:-8])  # its head says enough
    assert refused.error.status == 513


def test_a_head_may_be_as_large_as_the_limit_and_no_byte_larger():
    framer = Framer(max_size=100)
    assert framer.feed(b"x" * 100 + b"\r\n\r") == []
    with pytest.raises(RemoteProtocolError) as refused:
        framer.feed(b"x")
    assert refused.value.status == 513
