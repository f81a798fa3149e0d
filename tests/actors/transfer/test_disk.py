"""When what comes of a file goes to the disk, and what the reader of its connection may count on."""

from __future__ import annotations

import os

import gevent
import pytest

from sipsimple.actors.msrp.gate import Gate
from sipsimple.actors.transfer.part import JOB_BYTES, RUNS_OF_A_JOB, PartFile
from sipsimple.actors.transfer.unwritten import RUN_BYTES
from sipsimple.protocols.msrp.transfer.outputs import Write
from sipsimple.protocols.sdp.file_selector import FileSelector
from tests.actors.transfer.test_transfer import begin_raw, has_moved, raw_chunk
from tests.api.transfer.parties import Party, receiving, systems, until


@pytest.fixture
def system(hub):
    with systems() as system:
        yield system


@pytest.fixture
def content():
    return os.urandom(4 * RUN_BYTES)


@pytest.fixture
def bob(system, tmp_path):
    """Who receives."""
    return Party(system, receiving(tmp_path / "inbox"), "bob")


def test_a_little_is_written_though_no_more_comes(bob, content):
    """Less than is worth a job goes to the disk after a moment, again and again."""
    stream, path = begin_raw(bob, content)
    for number in range(3):
        at = number * 1000
        stream.write(raw_chunk(path, number, content[at : at + 1000], at + 1, len(content)))
        until(lambda at=at: has_moved(bob, at + 1000))
    [part] = (bob.stream.setup.file.directory).glob("*.part")
    assert part.read_bytes() == content[:3000]
    assert bob.stream.setup.gate.waiting == 0
    stream.close()
    until(bob.ended)


def test_a_job_writes_one_run_and_leaves_the_next_to_the_next(bob, content):
    """So the reader of the connection gets on while the disk is at work."""
    stream, path = begin_raw(bob, content)
    file = bob.stream.setup.file
    with file._lock:
        for number in range(3):
            at = number * 100_000
            stream.write(raw_chunk(path, number, content[at : at + 100_000], at + 1, len(content)))
        until(lambda: file.pending.size == 300_000)
    assert file.write_pending(150_000) >= 150_000
    until(lambda: has_moved(bob, 300_000))
    stream.close()
    until(bob.ended)


@pytest.fixture
def part(tmp_path):
    """A file that is to be received, opened."""
    part = PartFile(tmp_path, FileSelector("file.bin"))
    part.prepare()
    yield part
    part.close()


def put(part, content, size=64 * 1024):
    """Have it written, in pieces."""
    for at in range(0, len(content), size):
        part.pending.put(Write(at, content[at : at + size]))


def test_a_job_goes_on_as_long_as_there_are_whole_runs(part, content):
    told = []
    put(part, content + b"more")
    part.write_runs(told.append)
    assert told == [RUN_BYTES] * 4
    assert part.pending.size == len(b"more")
    part.write_runs(told.append)
    assert (told[-1], part.pending.size) == (4, 0)
    assert part.path.read_bytes() == content + b"more"


def test_a_job_leaves_the_thread_to_other_files_after_a_while(part, content):
    told = []
    put(part, bytes((RUNS_OF_A_JOB + 2) * RUN_BYTES))
    part.write_runs(told.append)
    assert (sum(told), part.pending.size) == (RUNS_OF_A_JOB * RUN_BYTES, 2 * RUN_BYTES)


def test_what_is_given_up_is_not_waited_for(part, content):
    put(part, content)
    part.pending.clear()
    assert (bool(part.pending), part.pending.size, part.write_pending()) == (False, 0, 0)


def test_the_gate_lets_the_reader_on_with_every_run(bob, content, monkeypatch):
    """Not only at the end of a job, which may go on for as long as the file comes."""
    told, leave = [], Gate.leave

    def noted(gate, size):
        told.append(size)
        leave(gate, size)

    monkeypatch.setattr(Gate, "leave", noted)
    stream, path = begin_raw(bob, content)
    setup = bob.stream.setup
    with setup.file._lock:
        stream.write(raw_chunk(path, 1, content[:-1], 1, len(content)))
        until(lambda: setup.file.pending.size == len(content) - 1 > JOB_BYTES)
    until(lambda: setup.gate.waiting == 0)
    assert len([size for size in told if size >= RUN_BYTES]) > 1
    stream.close()
    until(bob.ended)


def test_what_is_refused_beside_what_waits_leaves_the_gate(bob, content):
    """Else the reader would wait for ever for a disk that has nothing to do."""
    stream, path = begin_raw(bob, content)
    setup = bob.stream.setup
    with setup.file._lock:
        stream.write(raw_chunk(path, 1, content[:1000], 1, len(content)))
        until(lambda: setup.file.pending)
        stranger = raw_chunk(path, 2, content[:50_000], 1, len(content))
        stream.write(stranger.replace(b"Message-ID: m1\r\n", b"Message-ID: m2\r\n"))
        assert b" 413 " in answers_of(stream, b"raw00002")
        assert setup.gate.waiting == 1000
    until(lambda: has_moved(bob, 1000))
    until(lambda: setup.gate.waiting == 0)
    stream.close()
    until(bob.ended)


def answers_of(stream, transaction):
    """What has come up to the answer in this transaction."""
    answers = b""
    with gevent.Timeout(5):
        while b"-------" + transaction not in answers:
            answers += stream.read()
    return answers
