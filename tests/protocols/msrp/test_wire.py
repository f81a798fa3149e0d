"""What a real peer put on the wire, read and written back: the rules of its MSRP are kept here."""

import re
from pathlib import Path

import pytest

from sipsimple.protocols.msrp import Framer
from sipsimple.protocols.msrp.chat import chat
from sipsimple.protocols.msrp.outputs import GotMessage, Send, Started

TRACES = Path(__file__).resolve().parents[2] / "data" / "wire"
MARK = re.compile(rb"#### \S+ (MSRP|SIP/\w+) (SEND|RECV) [^\n]* len=(\d+)[^\n]*\n")

BIND = b"""MSRP b963a0c628a745a SEND
To-Path: msrp://127.0.0.1:37547/3578eb794fdde98f1145;tcp
From-Path: msrp://127.0.0.1:34499/b8bbc20ed24936d74221;tcp
Byte-Range: 1-0/0
Message-ID: a252d3afea10b688
-------b963a0c628a745a$
""".replace(b"\n", b"\r\n")

MESSAGE = b"""MSRP 95ffdea3f49e33e9 SEND
To-Path: msrp://127.0.0.1:37547/3578eb794fdde98f1145;tcp
From-Path: msrp://127.0.0.1:34499/b8bbc20ed24936d74221;tcp
Byte-Range: 1-184/184
Message-ID: 6c1d43dd3dee31d8
Failure-Report: yes
Success-Report: yes
Content-Type: message/cpim

From: <sip:bob@127.0.0.1>
To: <sip:uac@127.0.0.1>
DateTime: 2026-11-22T19:44:32.109570+00:00

MIME-Version: 1.0~Content-Type: text/plain; charset="utf8"~~echo: hello 1 from the SDK
-------95ffdea3f49e33e9$
"""
# the wrapper's lines end in CRLF, those of the MIME part in a bare LF
MESSAGE = MESSAGE.replace(b"\n", b"\r\n").replace(b"~", b"\n")


def records(path):
    """The exact bytes of each MSRP record of a trace, with its direction."""
    data = path.read_bytes()
    for found in MARK.finditer(data):
        if found[1] == b"MSRP":
            yield found[2].decode(), data[found.end() : found.end() + int(found[3])]


@pytest.mark.parametrize("name", ["chat_acm_composing_echo", "chat_tcp_active", "chat_tls_actpass", "file_push_small"])
def test_traces_are_read_and_written_back_unchanged(name):
    streams = {"SEND": b"", "RECV": b""}
    for direction, data in records(TRACES / f"{name}.trace"):
        streams[direction] += data

    for stream in streams.values():
        chunks = Framer().feed(stream)
        assert len(chunks) >= 3
        assert b"".join(each.encode() for each in chunks) == stream
        for each in chunks:
            each.verify_headers()


def test_a_chat_with_that_peer():
    """Bind, a message with both reports, our 200 and REPORT in this order and form."""
    state = chat.create(["msrp://127.0.0.1:37547/3578eb794fdde98f1145;tcp"], "seed")
    state, _ = chat.start(
        state,
        ["msrp://127.0.0.1:34499/b8bbc20ed24936d74221;tcp"],
        ["message/cpim", "text/*", "image/*", "application/im-iscomposing+xml"],
        ["text/*", "image/*", "application/im-iscomposing+xml"],
        active=False,
    )
    state, _ = chat.connected(state)
    outputs = []
    for message in Framer().feed(BIND + MESSAGE):
        state, more = chat.receive(state, message)
        outputs += more

    assert Started() in outputs
    bound, response, report = (each.data for each in outputs if isinstance(each, Send))
    assert bound.first_line == "MSRP b963a0c628a745a 200 OK"
    assert response.encode() == (
        b"MSRP 95ffdea3f49e33e9 200 OK\r\nTo-Path: msrp://127.0.0.1:34499/b8bbc20ed24936d74221;tcp\r\n"
        b"From-Path: msrp://127.0.0.1:37547/3578eb794fdde98f1145;tcp\r\n-------95ffdea3f49e33e9$\r\n"
    )
    assert report.fields["Status"] == "000 200 OK"
    assert (report.message_id, report.fields["Byte-Range"]) == ("6c1d43dd3dee31d8", "1-184/184")
    (got,) = (each for each in outputs if isinstance(each, GotMessage))
    assert got.content == b"echo: hello 1 from the SDK"
    assert got.content_type == 'text/plain; charset="utf8"'
