"""Random kills of processes and actors under audio calls: each call is heard in the end, or has ended as calls end."""

from __future__ import annotations

import contextlib
import random
import signal

import gevent
import pytest

from sipsimple.session import SessionStateError
from tests.chaos.audio_parties import Party, crew, nothing_is_held, pids, talking, telephones
from tests.chaos.test_killed_actors import actors
from tests.interop.audio_calls import call, needs_audio

pytestmark = [needs_audio, pytest.mark.slow]

CALLS, KILLS = 6, 25


def strike(chance, party):
    """Do one thing that may come at any time."""
    if chance.random() < 0.5:
        chance.choice(sorted(actors().items()))[1].kill()
    elif chance.random() < 0.5 and pids():
        victims = [*pids(), *([crew().zygote.process.pid] if crew().zygote else [])]
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd(chance.choice(victims)), signal.SIGKILL)
    with contextlib.suppress(SessionStateError):
        chance.choice((party.session.hold, party.session.unhold, party.session.unhold))()


def pidfd(pid):
    """Find the descriptor by which the pool knows a process, which is nobody else's."""
    processes = tuple(crew()._launcher.processes._living)
    found = [each._descriptor for each in processes if each.pid == pid and each._descriptor is not None]
    if not found:
        raise ProcessLookupError(pid)
    return found[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_calls_are_heard_in_the_end_or_have_ended_and_nothing_is_held(seed):
    chance = random.Random(seed)
    with telephones(1) as (another,), talking(CALLS, crashes=True) as (watch, parties):
        for _ in range(KILLS):
            strike(chance, chance.choice(parties))
            gevent.sleep(chance.random() / 20)
        for each in parties:
            settle(watch, each)
        later = Party(another, call(watch, another)).echo()
        for each in (*parties, later):
            with contextlib.suppress(SessionStateError):
                each.session.terminate()
        for each in (*parties, later):
            watch.wait_for("SCSessionDidEnd", each.session)
            each.peer.wait_for_request("BYE")
            assert watch.count("SCSessionDidEnd", each.session) == 1
        nothing_is_held(watch)


def settle(watch, party):
    """Wait until a call is heard, unless it has ended."""
    if party.session.state == "ESTABLISHED":
        with contextlib.suppress(SessionStateError):
            party.session.unhold()
            watch.until(
                lambda: not party.session.on_hold or party.session.state != "ESTABLISHED", "the end of the hold"
            )
            if party.session.state == "ESTABLISHED":
                party.hear()
