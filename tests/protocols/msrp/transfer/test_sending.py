"""A file's sender and the peers that it meets."""

from __future__ import annotations

import pytest

from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.transfer.outputs import (
    Finished,
    NotFinished,
    Progress,
    TransferFailed,
)
from sipsimple.protocols.msrp.transfer.state import State
from tests.protocols.msrp.transfer.ends import answer_all, report, sender


def test_a_report_on_the_last_byte_finishes():
    alice = sender(bytes(200_000))
    answer_all(alice)
    assert alice.state.state is State.REPORTING
    alice.take(report("1-65536/200000"))
    assert not alice.told(Finished)
    alice.take(report("196609-200000/200000"))

    assert alice.told(Finished)


def test_a_peer_without_reports_has_the_file_when_it_took_all_chunks():
    for end in (("timer_fired", "report"), ("connection_lost", True)):
        alice = sender()
        answer_all(alice)
        alice.do(*end)
        assert [each.message for each in alice.told(Finished)] == [None]


@pytest.mark.parametrize("code", [400, 413, 481])
def test_an_error_stops_the_sending(code):
    alice = sender(bytes(5_000_000))
    alice.take(chunk.response(alice.wire[0], code).encode())

    assert alice.told(NotFinished)[0].code == code
    assert alice.told(TransferFailed)[0].code == code
    assert alice.wire[-1].contflag == "#"
    assert alice.has_ended


def test_a_report_of_failure_stops_the_sending():
    alice = sender(bytes(5_000_000))
    alice.take(report("1-1/5000000", 413))

    assert alice.told(NotFinished)[0].code == 413


def test_reports_about_other_messages_and_unreadable_ones_mean_nothing():
    alice = sender()
    before = alice.state
    alice.take(report("1-10/10", message_id="other"))
    alice.take(report("1-10/10").replace(b"000 200 OK", b"001 200 OK"))

    assert alice.state is before


def test_a_peer_that_answers_nothing_for_long_is_given_up():
    alice = sender()
    alice.do("timer_fired", "silence")
    assert alice.told(TransferFailed)[0].code == 408

    alice = sender(bytes(5_000_000))
    alice.take(chunk.response(alice.wire.pop(0), 200).encode())
    alice.do("timer_fired", "silence")
    assert not alice.told(TransferFailed)
    alice.do("timer_fired", "silence")
    assert alice.told(TransferFailed)[0].code == 408


def test_progress_is_told_now_and_then_and_when_it_is_news():
    alice = sender(bytes(5_000_000))
    alice.outputs.clear()
    alice.do("timer_fired", "progress")
    alice.do("timer_fired", "progress")
    assert alice.told(Progress) == [Progress(0, 5_000_000)]
    alice.take(chunk.response(alice.wire.pop(0), 200).encode())
    alice.do("timer_fired", "progress")

    assert alice.told(Progress)[1:] == [Progress(65_536, 5_000_000)]
