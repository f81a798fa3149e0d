"""Processes are watched until they have ended, with and without descriptors for processes."""

from __future__ import annotations

import subprocess
import sys

import pytest
from gevent.event import Event

from sipsimple.media.availability import is_available
from sipsimple.media.pool import processes
from sipsimple.media.pool.processes import Processes


@pytest.fixture(params=[True, False], ids=["with descriptors", "without"])
def child(request, monkeypatch):
    """A process that waits for ever, watched: the family, the process, the event of its end."""
    monkeypatch.setattr(processes, "HAS_PIDFD", request.param)
    popen = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    family, ended = Processes(), Event()
    process = family.watch(popen.pid, ended.set, is_child=True)
    yield family, process, ended
    process.kill()
    popen.stdin.close()
    assert ended.wait(5)
    popen.wait()


def test_the_end_of_a_process_is_told_with_its_status_where_that_can_be_known(child):
    family, process, ended = child
    assert (len(family), process.status) == (1, None)
    process.kill()
    assert family.wait_until_none(5)
    assert (ended.is_set(), len(family)) == (True, 0)
    # the loop reaps every child once anything in this process has used gevent's subprocess; then nobody else can know
    assert process.status in (-9, None)


def test_killing_a_process_that_has_ended_does_nothing(child):
    family, process, _ = child
    process.kill()
    assert family.wait_until_none(5)
    process.kill()


def test_waiting_for_a_process_that_lives_gives_up(child):
    family, _, _ = child
    assert not family.wait_until_none(0.01)


def test_a_process_that_is_gone_already_has_ended():
    popen = subprocess.Popen([sys.executable, "-c", ""])
    popen.wait()
    ended = Event()
    Processes().watch(popen.pid, ended.set)
    assert ended.wait(5)


def test_why_there_is_no_audio_is_told_without_importing_anything(monkeypatch):
    monkeypatch.setattr("sipsimple.media.availability.find_spec", lambda name: None)
    assert "pip install 'sipsimple-gevent[audio]'" in is_available()
    monkeypatch.undo()
    code = (
        "import sys; from sipsimple.media.availability import is_available as f; f(); sys.exit('pjsua2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
