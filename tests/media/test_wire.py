"""Frames between engine and worker: whole, cut anywhere, and not ours."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.media import wire

KINDS = [*get_args(wire.Command), *get_args(wire.Event)]
texts = st.text(max_size=40)
numbers = st.integers(0, 2**31)
statistics = st.builds(wire.Statistics, texts, packets_received=numbers, jitter_ms=st.floats(0, 1e6), remote=texts)
commands = st.one_of(
    st.builds(wire.Configure, st.lists(texts).map(tuple), numbers, st.booleans(), numbers),
    st.builds(wire.Open, texts, numbers, st.booleans(), address=texts, port=numbers, srtp=st.integers(0, 2)),
    st.builds(wire.Hold, texts, st.booleans()),
    st.builds(wire.Play, texts, numbers, texts, numbers, numbers, st.floats(0, 1e6)),
    st.builds(wire.PlayTones, texts, numbers, st.lists(st.tuples(numbers, numbers, numbers, numbers)).map(tuple)),
    st.builds(wire.Ping, numbers),
)
events = st.one_of(
    st.builds(wire.Ready, numbers, numbers, numbers, numbers, st.lists(texts).map(tuple)),
    st.builds(wire.Flowing, texts, texts, numbers, texts, texts, texts),
    st.builds(wire.Recorded, texts, texts, texts),
    st.builds(wire.Pong, numbers, st.lists(statistics).map(tuple)),
)


@given(st.lists(commands), st.lists(events))
def test_messages_come_out_as_they_went_in(sent: list[Any], told: list[Any]) -> None:
    assert wire.Frames(wire.COMMANDS).feed(b"".join(map(wire.frame, sent))) == sent
    assert wire.Frames(wire.EVENTS).feed(b"".join(map(wire.frame, told))) == told


@given(st.lists(events, min_size=1, max_size=5), st.data())
def test_a_stream_may_be_cut_anywhere(told: list[Any], data: st.DataObject) -> None:
    stream = b"".join(map(wire.frame, told))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    frames = wire.Frames(wire.EVENTS)
    found = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        found += frames.feed(stream[start:end])
    assert found == told


def test_a_message_is_given_with_its_last_byte_and_not_before() -> None:
    message = wire.GotDigit("leg", "5")
    frames = wire.Frames(wire.EVENTS)
    whole = wire.frame(message)
    given_out = [frames.feed(bytes([byte])) for byte in whole]
    assert given_out == [[]] * (len(whole) - 1) + [[message]]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for decoder in (wire.COMMANDS, wire.EVENTS):
        try:
            messages = wire.Frames(decoder).feed(data)
        except wire.FrameError:
            continue
        assert all(type(message) in KINDS for message in messages)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xc1",
        msgspec.msgpack.encode(["Unknown", 1]),
        msgspec.msgpack.encode(["Ping", "one"]),
        msgspec.msgpack.encode(["Ping"]),
        msgspec.msgpack.encode({"type": "Ping", "number": 1}),
        msgspec.msgpack.encode(["Ping", 1]) + b"\x00",
        b"\x92\xa5Offer\xa1\xff",
        wire.frame(wire.Pong(1))[4:],
    ],
)
def test_a_frame_that_is_no_command_is_refused(body: bytes) -> None:
    with pytest.raises(wire.FrameError):
        wire.Frames(wire.COMMANDS).feed(len(body).to_bytes(4) + body)


def test_a_length_beyond_the_limit_is_refused_before_its_bytes_come() -> None:
    with pytest.raises(wire.FrameError):
        wire.Frames(wire.EVENTS).feed(wire.LONGEST.to_bytes(4))


def test_a_name_stands_for_one_message_only() -> None:
    names = [kind.__name__ for kind in KINDS]
    assert len(set(names)) == len(names)


def test_a_sender_of_an_older_build_may_leave_out_what_has_a_default() -> None:
    body = msgspec.msgpack.encode(["Play", "leg", 1, "file"])
    assert wire.Frames(wire.COMMANDS).feed(len(body).to_bytes(4) + body) == [wire.Play("leg", 1, "file")]
