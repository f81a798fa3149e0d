"""Where a worker binds RTP: the address and the ports that it is told, or why not."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from sipsimple.media import wire
from tests.media.worker.engine_side import LOOPBACK, Line

if TYPE_CHECKING:
    from tests.media.worker.process import Worker


@pytest.mark.parametrize("with_offer", [True, False])
def test_what_cannot_be_bound_closes_the_leg_and_says_why(worker: Worker, with_offer: bool) -> None:
    worker.send(wire.Open("leg", 5060, with_offer=with_offer, address="203.0.113.1"))
    closed = worker.wait_for(wire.Closed)
    assert (closed.leg, closed.reason, closed.is_lasting) == ("leg", "Cannot assign requested address", True)
    with Line(worker) as line:
        line.establish()


def _taken_ports(stack: contextlib.ExitStack, count: int) -> int:
    """Have all of `count` ports, and return the first."""
    for first in range(42000, 60000, count):
        with contextlib.ExitStack() as attempt:
            try:
                for port in range(first, first + count):
                    taken = attempt.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                    taken.bind((LOOPBACK, port))
            except OSError:
                continue
            stack.push(attempt.pop_all())
            return first
    raise AssertionError("no ports")


def test_ports_that_others_have_are_a_reason_to_ask_another_worker(worker: Worker) -> None:
    with contextlib.ExitStack() as stack:
        first = _taken_ports(stack, 4)
        command = wire.Open("leg", 5060, with_offer=True, address=LOOPBACK, port=first, port_count=3)
        worker.send(command)
        closed = worker.wait_for(wire.Closed)
    assert (closed.reason, closed.is_lasting) == ("Address already in use", False)


def test_audio_ports_are_of_the_given_range(worker: Worker) -> None:
    with Line(worker) as line, Line(worker) as other:
        ports = [int(each.establish(port=41000, port_count=40).local.rpartition(":")[2]) for each in (line, other)]
        assert all(41000 <= port <= 41040 for port in ports)
        assert len(set(ports)) == 2
