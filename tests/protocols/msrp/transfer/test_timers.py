"""The timers of a transfer: none outlives what it is for."""

from __future__ import annotations

import pytest

from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.headers import ByteRange
from sipsimple.protocols.msrp.outputs import Ended
from sipsimple.protocols.msrp.transfer.outputs import TransferFailed
from sipsimple.protocols.msrp.transfer.state import State
from sipsimple.protocols.outputs import StartTimer, StopTimer
from tests.protocols.msrp.transfer.ends import ALICE, BOB, begin, make


def running(side):
    """The timers that run after all that a side has asked for."""
    names = set()
    for each in side.outputs:
        if isinstance(each, StartTimer):
            names.add(each.name)
        elif isinstance(each, StopTimer):
            names.discard(each.name)
    return names


def test_a_transfer_that_is_complete_only_waits_for_the_peer_to_close():
    transfer = begin(bytes(200_000))
    transfer.exchange()
    for side in (transfer.alice, transfer.bob):
        assert (side.state.state, running(side)) == (State.FINISHED, {"linger"})
        side.do("connection_lost", True)
        assert (side.has_ended, running(side)) == (True, set())


def _idle(transfer):
    return {"connect"}


def _connected(transfer):
    transfer.alice.do("connected")
    transfer.bob.do("connected")
    return {"bind"}


@pytest.mark.parametrize("stage", [_idle, _connected])
@pytest.mark.parametrize("end", [("stop",), ("connection_lost", False, "refused"), ("disk_failed", "full")])
def test_a_transfer_may_end_before_the_session_is_bound(stage, end):
    transfer = make(b"hello")
    timers = stage(transfer)
    for side in (transfer.alice, transfer.bob):
        assert running(side) == timers
        side.do(*end)
        assert (side.state.state, len(side.told(Ended)), running(side)) == (State.CLOSED, 1, set())
        assert len(side.told(TransferFailed)) == (end[0] != "stop")


def test_a_receiver_that_is_stopped_before_anything_came_reports_on_nothing():
    transfer = begin(bytes(10))
    transfer.bob.take(chunk.send("bind", BOB, ALICE, "m1").encode())
    transfer.bob.wire.clear()
    transfer.bob.do("stop")
    assert (transfer.bob.wire, transfer.bob.has_ended, running(transfer.bob)) == ([], True, set())


def test_a_sender_that_was_heard_of_is_waited_for_once_more():
    transfer = begin(bytes(10))
    bob = transfer.bob
    bob.take(chunk.send("bind", BOB, ALICE, "m1").encode())
    bob.take(chunk.send("peer1", BOB, ALICE, "file01", b"01", "a/b", ByteRange(1, None, 10), "+").encode())
    bob.outputs.clear()
    bob.do("timer_fired", "silence")
    assert running(bob) == {"silence"}
    bob.do("timer_fired", "silence")
    assert (bob.told(TransferFailed)[0].code, bob.has_ended, running(bob)) == (408, True, set())
