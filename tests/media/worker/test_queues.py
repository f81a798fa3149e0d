"""The agenda, the outbox, and the answer that a worker gives itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.media.worker.agenda import Agenda
from sipsimple.media.worker.closing import terminated
from sipsimple.media.worker.outbox import Outbox, Overflowing


class Pipe:
    """Takes so many bytes and no more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = b""

    def write(self, data: bytes) -> int:
        if not self.room:
            raise BlockingIOError
        count = min(self.room, len(data))
        self.room -= count
        self.taken += data[:count]
        return count


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=20), st.integers(0, 30)), max_size=30))
def test_what_waits_goes_out_in_order_and_once(steps: list[tuple[bytes, int]]) -> None:
    pipe = Pipe(0)
    outbox = Outbox(pipe.write)
    sent = b""
    for data, room in steps:
        pipe.room += room
        outbox.put(data)
        sent += data
        assert sent == pipe.taken + sent[len(pipe.taken) :]
        assert len(outbox) == len(sent) - len(pipe.taken)
    pipe.room = len(sent) + 1
    outbox.flush()
    assert pipe.taken == sent
    assert len(outbox) == 0


def test_no_more_waits_than_may() -> None:
    pipe = Pipe(5)
    outbox = Outbox(pipe.write, limit=10)
    outbox.put(b"x" * 15)
    with pytest.raises(Overflowing):
        outbox.put(b"x")


@given(st.lists(st.integers(0, 10), max_size=30), st.integers(0, 10))
def test_what_is_due_is_done_in_order_of_time_then_of_noting(times: list[int], now: int) -> None:
    agenda = Agenda()
    done: list[tuple[int, int]] = []
    for number, when in enumerate(times):
        agenda.at(when, lambda entry=(when, number): done.append(entry))
    for action in agenda.take_due(now):
        action()
    assert done == sorted((when, number) for number, when in enumerate(times) if when <= now)
    assert len(agenda) == len(times) - len(done)
    rest = [when for when in times if when > now]
    assert agenda.wait(now, 100.0) == (min(rest) - now if rest else 100.0)


def test_an_overdue_action_is_not_waited_for() -> None:
    agenda = Agenda()
    agenda.at(1.0, lambda: None)
    assert agenda.wait(5.0, 100.0) == 0.0


def test_487_answers_its_invite() -> None:
    invite = (
        "INVITE sip:leg@127.0.0.1:5070 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKx\r\n"
        "Max-Forwards: 70\r\nFrom: sip:127.0.0.1;tag=1\r\nTo: sip:leg@127.0.0.1\r\nCall-ID: abc\r\nCSeq: 7 INVITE\r\n"
        "Content-Length: 9\r\n\r\nVia: body"
    )
    assert terminated(invite).decode() == (
        "SIP/2.0 487 Request Terminated\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bKx\r\n"
        "From: sip:127.0.0.1;tag=1\r\nTo: sip:leg@127.0.0.1;tag=closed\r\nCall-ID: abc\r\nCSeq: 7 INVITE\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    within = invite.replace("To: sip:leg@127.0.0.1", "To: <sip:leg@127.0.0.1>;tag=2")
    assert "To: <sip:leg@127.0.0.1>;tag=2\r\n" in terminated(within).decode()
