"""How workers begin and end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sipsimple.media import wire
from tests.media import tones
from tests.media.worker.engine_side import Line
from tests.media.worker.process import CONFIGURE, Worker, Zygote, descriptors, start


def test_it_says_first_what_it_is(worker: Worker) -> None:
    ready = worker.ready
    assert (ready.version, ready.pid, ready.capacity) == (wire.VERSION, worker.pid, 4)
    assert ready.codecs == CONFIGURE.codecs
    assert (ready.playback_devices, ready.recording_devices) == ((), ())
    assert not worker.events


def test_a_worker_can_be_started_without_a_zygote(zygote: Zygote) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        process = start("--control", theirs)
    with Worker(ours, process.pid) as worker, Line(worker) as line:
        line.establish()
    assert process.wait(5) == 0


def test_unknown_codecs_are_left_out_and_order_counts(zygote: Zygote) -> None:
    with zygote.fork(wire.Configure(("speex/16000", "opus", "PCMA", "pcmu"))) as worker, Line(worker) as line:
        assert worker.ready.codecs == ("speex/16000", "PCMA", "pcmu")
        line.open()
        names = [each.split()[1] for each in line.offer.splitlines() if each.startswith("a=rtpmap")]
        assert names == ["speex/16000", "PCMA/8000", "PCMU/8000", "telephone-event/16000", "telephone-event/8000"]


@pytest.mark.parametrize("clock_rate", [8000, 16000, 32000])
def test_the_conference_has_the_configured_rate(zygote: Zygote, tmp_path: Path, clock_rate: int) -> None:
    path = tmp_path / "recording.wav"
    with zygote.fork(wire.Configure(("PCMU",), clock_rate)) as worker, Line(worker) as line:
        line.establish()
        worker.send(wire.Record(line.token, str(path)), wire.Echo(line.token, is_on=True))
        line.peer.play(440)
        line.peer.wait_to_hear(440)
        worker.send(wire.StopRecording(line.token))
        worker.wait_for(wire.Recorded)
        assert tones.read_wave(path)[1] == clock_rate


def test_without_devices_the_wish_for_them_changes_nothing(zygote: Zygote) -> None:
    configure = wire.Configure(("PCMU",), use_sound_devices=True, playback_device="none", ec_tail_length=200)
    with zygote.fork(configure) as worker, Line(worker) as line:
        line.establish()
        line.peer.wait_for_packets(5)


def test_it_ends_when_the_engine_closes_the_control_socket(zygote: Zygote) -> None:
    with zygote.fork() as worker, Line(worker) as line:
        line.establish()
        worker.hang_up()
        worker.wait_for_end()
        worker.is_ended = True


def test_a_recording_is_complete_when_the_engine_has_gone(zygote: Zygote, tmp_path: Path) -> None:
    path = tmp_path / "recording.wav"
    with zygote.fork() as worker, Line(worker) as line:
        line.establish()
        worker.send(wire.Record(line.token, str(path)))
        line.peer.wait_for_packets(10)
        worker.hang_up()
        worker.wait_for_end()
        worker.is_ended = True
        assert len(tones.read_wave(path)[0]) > 800


@pytest.mark.parametrize("garbage", [b"\xff" * 8, wire.frame(wire.Pong(1)), b"\x00\x00\x00\x01\xc1"])
def test_garbage_on_the_control_socket_ends_it(zygote: Zygote, garbage: bytes) -> None:
    with zygote.fork() as worker:
        worker.send_bytes(garbage)
        worker.wait_for_end()


def test_an_engine_that_does_not_read_delays_no_call_and_ends_the_worker_at_last(zygote: Zygote) -> None:
    refused = wire.frame(wire.Offer("x" * 2000)) * 50  # each is answered by as many bytes
    with zygote.fork() as worker, Line(worker) as line:
        line.establish()
        for _ in range(8):
            worker.send_bytes(refused)
            line.peer.wait_for_packets(1)
        assert line.reinvite(line.line("sendonly")).status == 200
        worker.is_ended = True
        while not worker.has_ended():
            with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError):
                worker.send_bytes(refused)


def test_signals_of_the_terminal_are_left_to_the_engine(worker: Worker) -> None:
    worker.kill(signal.SIGINT)
    worker.kill(signal.SIGHUP)
    worker.ping()


def test_workers_survive_the_zygote(zygote: Zygote) -> None:
    with Zygote() as other, other.fork() as worker, Line(worker) as line:
        line.establish()
        other.process.kill()
        other.process.wait(5)
        line.peer.forget()
        line.peer.wait_for_packets(10)
        line.reinvite(line.line())
        line.flowing()
        worker.ping()


def test_the_zygote_answers_what_it_cannot_do_and_goes_on(zygote: Zygote) -> None:
    before = descriptors(zygote.process.pid)
    assert not zygote.ask(b"fork").isdigit()
    with open(os.devnull) as null:
        assert not zygote.ask(b"spoon", null.fileno()).isdigit()
        assert not zygote.ask(b"fork", null.fileno(), null.fileno()).isdigit()
    with zygote.fork():
        pass
    assert descriptors(zygote.process.pid) == before


def test_the_zygote_leaves_no_dead_children(zygote: Zygote) -> None:
    with zygote.fork() as worker:
        worker.kill()
        worker.wait_for_end()
    with zygote.fork():
        children = Path(f"/proc/{zygote.process.pid}/task/{zygote.process.pid}/children").read_text()
    assert str(worker.pid) not in children.split()


def test_the_worker_knows_nothing_of_gevent() -> None:
    """It would patch nothing, but cost its memory in each worker."""
    names = ["__main__", "zygote", "loop"]
    code = "import sys; " + "".join(f"import sipsimple.media.worker.{name}; " for name in names)
    code += "sys.exit(sorted(n for n in sys.modules if n.split('.')[0] in ('gevent', 'structlog', 'greenlet')) or 0)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
