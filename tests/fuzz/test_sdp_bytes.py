"""Any bytes are a session description or a RemoteProtocolError, in linear time; what was read can be written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp import document, media
from sipsimple.protocols.sdp.capability import answer_media
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.matching import misfit_of_answer
from sipsimple.protocols.sdp.message_media import MessageMedia

if TYPE_CHECKING:
    from collections.abc import Callable

VALUES = ["0", "- 1 1 IN IP4 192.0.2.1", "audio 1 RTP/AVP 0", "message 9 TCP/MSRP *", "IN IP4 h", "path:msrp://a/b;tcp"]
VALUES += ["accept-types:*", "setup:active", "sendonly", "", " ", "x", "\udcff", "0 0", "max-size:9", "audio 1/2 a b c"]
KINDS = ["v", "o", "s", "c", "t", "m", "m", "a", "a", "b", "i", "k", "x", "=", " ", "\u2028"]
HEAD = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"

lines = st.builds("{}={}".format, st.sampled_from(KINDS), st.one_of(st.sampled_from(VALUES), st.text(max_size=8)))


def status_of(function: Callable[..., object], *arguments: object) -> int | None:
    try:
        function(*arguments)
    except RemoteProtocolError as error:
        return error.status
    return None


def read(data: bytes) -> SessionDescription | None:
    status = status_of(SessionDescription.parse, data)
    assert status in (None, 400)
    if status is not None:
        return None
    parsed = SessionDescription.parse(data)
    assert bytes(parsed) == data
    bare = [(each.kind, each.port, each.protocol, each.formats) for each in document.outline(data)[1]]
    assert bare == [(each.kind, each.port, each.protocol, each.formats) for each in parsed.media]
    assert all(status_of(MessageMedia.from_media, line, parsed) in (None, 488) for line in parsed.media)
    return parsed


@given(st.binary(max_size=100).map(lambda tail: HEAD + tail) | st.binary(max_size=100))
def test_any_bytes_parse_or_are_refused(data):
    read(data)


@given(st.lists(lines, max_size=12), st.sampled_from(["\r\n", "\n"]))
def test_anything_like_sdp_parses_or_is_refused_and_what_is_written_is_read_again(body, end):
    parsed = read(HEAD + end.join(body).encode("utf-8", "surrogateescape"))
    if parsed is not None:
        again = read(bytes(parsed.with_()))
        assert again is not None
        assert bytes(again.with_()) == bytes(again)
        assert [each.kind for each in again.media] == [each.kind for each in parsed.media]


@given(st.lists(lines, max_size=12))
def test_any_offer_can_be_refused_line_by_line(body):
    offered = read(HEAD + "\r\n".join(body).encode("utf-8", "surrogateescape"))
    if offered is not None:
        refusal = SessionDescription.create(1, "192.0.2.1", "-", answer_media(offered, {}))
        answer = SessionDescription.parse(bytes(refusal))
        assert misfit_of_answer(offered.media, answer.media) is None


def lines_run(data: bytes) -> int:
    """Count the lines of our code that parsing runs: a measure of work without a clock."""
    count = 0
    ours = (document.__file__, media.__file__)

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace if frame.f_code.co_filename in ours else None

    former = sys.gettrace()
    sys.settrace(trace)
    try:
        read(data)
    finally:
        sys.settrace(former)
    return count


@pytest.mark.parametrize(
    "unit", [b"a=b:c\r\n", b"m=a 0 b c\r\n", b"\r\n", b"c=IN IP4 h\r\n", b"x=\n", b"m=a 0 b" + b" c" * 40]
)
def test_four_times_the_bytes_are_at_most_about_four_times_the_work(unit):
    small, large = (HEAD + unit * (size // len(unit)) for size in (1024, 4096))

    assert lines_run(large) <= 4.5 * lines_run(small) + 100
