"""Audio legs whose real workers are killed, and legs that are bridged: what the peer hears."""

from __future__ import annotations

import os
import signal

import pytest

from sipsimple.media.leg import events
from sipsimple.media.wav import duration
from sipsimple.protocols.sip.usage.events import StreamMoved
from tests.media import tones

pytestmark = pytest.mark.slow


def kill(call) -> None:
    os.kill(call.facts.worker_pid, signal.SIGKILL)


# --------------------------------------------------------------- killing


def test_a_killed_worker_is_replaced_and_all_goes_on(real, tone, tmp_path):
    call = real.call()
    call.run()
    file_name = str(tmp_path / "call.wav")
    call.peer.play(440)
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    call.ref.tell(events.StartRecording(file_name))
    call.peer.wait_to_hear(600)
    call.notified("SCSessionDidStartRecordingAudio")
    call.peer.wait_for_packets(50)

    kill(call)
    call.follow()
    restarted = call.notified("SCSessionMediaDidRestart")
    call.peer.forget()
    call.peer.wait_to_hear(600)

    second = str(tmp_path / "call-2.wav")
    assert restarted["stream"] == "audio"
    assert restarted["reason"] == "the process ended"
    assert restarted["recording_file_name"] == second
    assert call.facts.restarts == 1
    call.end()
    assert duration(file_name) > 0
    samples, rate = tones.read_wave(second)
    assert tones.amplitude(samples[-rate // 4 :], 440, rate) > 1000


@pytest.mark.parametrize("moment", ["line told", "new offer told", "the peer's offer answered"])
def test_a_worker_killed_while_a_line_is_out(real, tone, moment):
    call = real.call()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    if moment == "line told":
        local = call.offered()
        pid = call.ref.state.candidate.link.ready.pid
    else:
        call.run()
        local = call.offered() if moment == "new offer told" else call.answered(call.line("recvonly"))
        pid = call.facts.worker_pid
    os.kill(pid, signal.SIGKILL)
    call.ref.tell(events.Start(call.line(), local))
    call.follow()
    call.peer.forget()
    call.peer.wait_to_hear(600)


def test_killed_again_while_it_moves(real, tone):
    call = real.call()
    call.run()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    kill(call)
    call.next(StreamMoved)
    os.kill(call.ref.state.candidate.link.ready.pid, signal.SIGKILL)
    call.follow()
    call.peer.forget()
    call.peer.wait_to_hear(600)
    call.notified("SCSessionMediaDidRestart")

    assert [name for name, _ in call.notifications].count("SCSessionMediaDidRestart") == 1


def test_a_killed_actor_leaves_its_call_in_the_worker(real, tone):
    call = real.call()
    call.run()
    call.ref.tell(events.PlayFile(1, tone, loop_count=0))
    call.peer.wait_to_hear(600)
    pid = call.facts.worker_pid
    call.ref.kill()
    call.until(lambda: call.ref.restarts, "the restart")
    call.start(call.offered())
    call.peer.forget()
    call.peer.wait_to_hear(600)

    assert call.facts.worker_pid == pid


# -------------------------------------------------------------- bridging


def test_bridged_legs_hear_each_other(real):
    one, two = real.call(), real.call()
    for call, frequency in ((one, 440), (two, 700)):
        call.run()
        call.peer.play(frequency)
    one.ref.tell(events.BridgeWith(two.ref))
    if one.facts.worker != two.facts.worker:
        one.follow()
    one.peer.wait_to_hear(700)
    two.peer.wait_to_hear(440)
    two.ref.tell(events.Unbridge())
    one.peer.wait_for_quiet()


def test_a_bridge_of_killed_legs_comes_back(real):
    one, two = real.call(), real.call()
    for call, frequency in ((one, 440), (two, 700)):
        call.run()
        call.peer.play(frequency)
    one.ref.tell(events.BridgeWith(two.ref))
    if one.facts.worker != two.facts.worker:
        one.follow()
    one.peer.wait_to_hear(700)
    kill(one)
    for call in (one, two):
        call.follow()
    one.until(lambda: one.told or one.facts.is_bridged, "the bridge")
    if one.told:
        one.follow()
    for call in (one, two):
        call.peer.forget()
    one.peer.wait_to_hear(700)
    two.peer.wait_to_hear(440)


def test_many_calls_one_after_the_other_need_few_processes(real):
    for _ in range(8):
        call = real.call()
        call.run()
        call.end()
    # zygote, worker, spare one; and another for each that did not answer at once, until it was idle long enough
    assert real.pool.processes < 8
