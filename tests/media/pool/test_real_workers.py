"""The pool with the real worker processes."""

from __future__ import annotations

import os
import signal
from importlib.util import find_spec

import pytest

from sipsimple.actors.runtime import SupervisorSpec
from sipsimple.media import wire
from sipsimple.media.messages import Released, WorkerLost, WorkerRequest, WorkerResponse
from sipsimple.media.pool.pool import AudioPool
from sipsimple.media.settings import PoolSettings
from sipsimple.media.switchboard import Switchboard
from sipsimple.protocols.sip.message import response_to
from tests.media.pool.conftest import until

pytestmark = pytest.mark.skipif(find_spec("pjsua2") is None, reason="needs pjsua2")


@pytest.fixture(params=[True, False], ids=["zygote", "alone"])
def pool(request, system):
    media = system.start_child(SupervisorSpec("media", intensity=100, period=10.0))
    pool = AudioPool(media, PoolSettings(use_zygote=request.param, ping_interval=0.2))
    yield pool
    pool.close()
    assert pool.processes == 0


@pytest.fixture
def board(pool, system):
    board = Switchboard(system.root.child("media"))
    yield board
    board.close()


def test_a_worker_calls_the_switchboard_and_is_refused(pool, board, leg):
    granted = leg.granted(pool)
    assert granted.worker.ready.capacity >= 1
    board.add(granted.token, leg.ref, granted.worker.sip)

    granted.worker.send(wire.Open(granted.token, board.port, with_offer=True, address="127.0.0.1"))

    invite = leg.next(WorkerRequest)
    assert invite.request.body.startswith(b"v=0")
    board.send(bytes(response_to(invite.request, 486, to_tag="t")), invite.flow)
    assert leg.next(WorkerRequest, WorkerResponse).request.method == "ACK"
    board.forget(granted.token)
    pool.ref.tell(Released(granted.token))


def test_a_killed_worker_is_replaced_by_the_spare_one(pool, leg):
    granted = leg.granted(pool)
    until(lambda: len(pool.ref.state.workers) == 2 and all(each.is_ready for each in pool.ref.state.workers.values()))
    os.kill(granted.worker.ready.pid, signal.SIGKILL)
    assert leg.next(WorkerLost).token == granted.token
    assert leg.granted(pool).worker.ready.pid != granted.worker.ready.pid
