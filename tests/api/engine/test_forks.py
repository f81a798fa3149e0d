"""What a process that was forked off has of the engine of its parent: nothing."""

from __future__ import annotations

import pytest

from tests.api.engine.programs import PATCHED, output

A_FORK = """
start()
assert call_oneself(1) == 1
read, write = os.pipe()
child = os.fork()
if not child:
    found = engine.is_running, SessionManager().sessions
    engine.stop()
    if HUB == "current":
        gevent.sleep(0.2)  # what is left of the parent's actors may take its turn
    start()
    os.write(write, f"{found} {call_oneself(2)}".encode())
    os.close(write)
    NotificationCenter().remove_observer(observer)
    sys.exit()
os.close(write)
kept = call_oneself(20)
NotificationCenter().remove_observer(observer)
print(os.read(read, 100).decode())
print(os.waitpid(child, 0)[1], kept, len(SessionManager().sessions))
engine.stop()
"""

A_FORK_AMID_A_CHAT = """
import socket
from gevent import monkey

def connected(descriptor):
    try:
        with monkey.get_original("socket", "socket")(fileno=os.dup(descriptor)) as it:
            return it.family == socket.AF_INET and it.type == socket.SOCK_STREAM and bool(it.getpeername())
    except OSError:
        return False

class Reader:
    heard = 0
    def handle_notification(self, notification):
        self.heard += 1

wait = time.sleep if HUB == "own" else gevent.sleep
reader = Reader()
NotificationCenter().add_observer(reader, name="MSRPChatGotMessage")
start()
assert call_oneself(1) == 1
caller = SessionManager().sessions[0]
there, here = os.pipe()
read, write = os.pipe()
child = os.fork()
if not child:
    left = sum([connected(each) for each in range(3, 200)])
    os.write(here, b"it is here")
    wait(1)  # as long as the parent talks
    os.write(write, f"{left} {reader.heard}".encode())
    os._exit(0)
os.read(there, 100)
for number in range(100):
    caller.send_message(str(number))
    wait(0.002)
deadline = time.monotonic() + 20
while reader.heard < 100 and time.monotonic() < deadline:
    wait(0.01)
NotificationCenter().remove_observer(observer)
print(os.read(read, 100).decode(), reader.heard, caller.state)
os.waitpid(child, 0)
engine.stop()
"""

FORKS_AMID_CALLS = """
import socket
listeners, came = [], {}

def take(listener):
    while True:
        connection, far = listener.accept()
        gevent.spawn(read, connection, far)

def read(connection, far):
    while data := connection.recv(65535):
        came[far] = came.get(far, b"") + data

start()
for turns in range(12):  # so many turns of the hub the call is on its way
    listeners.append(socket.create_server(("127.0.0.1", 0)))
    bob = SIPURI("127.0.0.1", "bob", port=listeners[-1].getsockname()[1], parameters={"transport": "tcp"})
    Session().connect(bob, Credentials(SIPURI("b", "a")), chat=True)
    for _ in range(turns):
        gevent.sleep(0)
    child = os.fork()
    if not child:
        gevent.sleep(0.1)  # for what is left of the parent's to do something
        os._exit(0)
    os.waitpid(child, 0)
for listener in listeners:
    gevent.spawn(take, listener)
deadline = time.monotonic() + 20
while len(came) < 12 and time.monotonic() < deadline:
    gevent.sleep(0.01)
gevent.sleep(0.1)
NotificationCenter().remove_observer(observer)
print(sorted([data.count(b"INVITE sip:bob@") for data in came.values()]), flush=True)
os._exit(0)
"""

A_FORK_BEFORE_A_DELIVERY = """
class Reader:
    heard = 0
    def handle_notification(self, notification):
        self.heard += 1

start()
reader = Reader()
NotificationCenter().add_observer(reader, name="Late")
engine.core.delivery.queue().post(engine, "Late")
child = os.fork()
gevent.sleep(0.1)
if not child:
    os._exit(reader.heard)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), reader.heard)
NotificationCenter().remove_observer(observer)
engine.stop()
"""


@pytest.mark.parametrize(("prologue", "hub"), [("", "own"), (PATCHED, "current")])
def test_a_process_that_was_forked_off_has_no_engine_can_start_one_and_takes_nothing_from_its_parents(prologue, hub):
    child, parent = [line for line in output(prologue, hub, A_FORK) if not line.startswith("SC")]
    assert child == "(False, []) 2"
    assert parent == "0 20 42"


@pytest.mark.parametrize(("prologue", "hub"), [("", "own"), (PATCHED, "current")])
def test_a_process_that_was_forked_off_has_no_connection_of_its_parent_and_reads_none(prologue, hub):
    """As long as it had one the far end would not see it closed; what it read of one would be lost."""
    assert output(prologue, hub, A_FORK_AMID_A_CHAT) == ["0 0 100 ESTABLISHED"]


def test_what_an_engine_was_about_to_do_a_process_that_was_forked_off_does_not_do_too():
    assert output(PATCHED, "current", FORKS_AMID_CALLS) == [str([1] * 12)]


def test_what_observers_were_about_to_hear_they_hear_in_one_process_only():
    assert output(PATCHED, "current", A_FORK_BEFORE_A_DELIVERY) == ["0 1"]
