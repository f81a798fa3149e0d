"""When what comes of a file goes to the disk, and what the reader of its connection may count on."""

from __future__ import annotations

import os

import gevent
import pytest

from sipsimple.actors.transfer_part import RUN_BYTES
from tests.actors.test_transfer import begin_raw, has_moved, raw_chunk
from tests.api.transfer_parties import Party, receiving, systems, until


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
        until(lambda: sum(len(each.data) for each in file.pending) == 300_000)
    assert file.write_pending(150_000) >= 150_000
    until(lambda: has_moved(bob, 300_000))
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
