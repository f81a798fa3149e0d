"""Starting worker processes: forked from a zygote that has pjsua2 loaded, or each by itself.

The zygote is asked over a Unix socket, one message for each fork, with the
child's control socket in it; it answers with the child's process id. What is
asked of a zygote that dies is lost with it: the kernel closes the sockets that
are on their way, and so the worker to be is known to be lost.
"""

from __future__ import annotations

import array
import os
import signal
import socket
import sys
from _socket import socketpair
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from gevent.monkey import get_original

from sipsimple.actors.runtime import Actor, get_logger
from sipsimple.actors.wire.sockets import Socket
from sipsimple.actors.wire.waiting import Readable
from sipsimple.media.messages import ZygoteGone
from sipsimple.media.pool.processes import Processes
from sipsimple.media.pool.worker_link import ENDED

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.actors.runtime import Ref
    from sipsimple.media.pool.processes import Process
    from sipsimple.media.pool.worker_link import WorkerLink


_spawn = get_original("os", "posix_spawnp")  # gevent's Popen works on one hub of a process only, and breaks the other
NO_INPUT_NO_OUTPUT = (
    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
)
STANDARD_ERROR = 2
REQUEST = b"fork"
ANSWER_BYTES = 64


def pair(kind: int) -> tuple[Socket, Socket]:
    """Make two connected Unix sockets, blocking; gevent's, which a patched `socketpair` gives, would not be.

    Raises:
        OSError: The system is out of descriptors.
    """
    ours, theirs = socketpair(socket.AF_UNIX, kind)
    return Socket(fileno=ours.detach()), Socket(fileno=theirs.detach())


class Zygote:
    """The engine's end of one zygote; belongs to the hub's thread."""

    def __init__(self, launcher: Launcher, pool: Ref) -> None:
        self.lost = ""
        self.has_served = False
        self._pool = pool
        self._launcher = launcher
        self._asked: deque[WorkerLink] = deque()
        ours, theirs = pair(socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self.process = launcher.run("--zygote", theirs, lambda: self.lose(ENDED))
            except OSError:
                ours.close()
                raise
        ours.setblocking(False)
        self._socket = ours
        self._readable = Readable(ours.fileno())

    def fork(self, link: WorkerLink, control: Socket) -> None:
        """Ask for the worker of `link`, which is controlled by `control`.

        Raises:
            OSError: It does not take requests.
        """
        descriptor = array.array("i", [control.fileno()])
        self._socket.sendmsg([REQUEST], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor)])
        self._asked.append(link)

    def receive(self) -> bool:
        """Wait for an answer; return False when none will come any more."""
        if self.lost:
            return False
        self._readable.wait()
        try:
            answer = b"" if self.lost else self._socket.recv(ANSWER_BYTES)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not answer or not self._asked:
            return False
        link = self._asked.popleft()
        if answer.isdigit():
            self.has_served = True
            self._launcher.watch(link, int(answer))
        else:
            reason = answer.decode(errors="replace")
            get_logger(component="zygote").warning("zygote.refused", worker=link.name, reason=reason)
            link.lose(reason)
        return True

    @property
    def is_behind(self) -> bool:
        """True while it owes answers."""
        return bool(self._asked)

    def lose(self, reason: str) -> None:
        """Give it up: kill it and tell the pool, once. Its children live on."""
        if not self.lost:
            self.end(reason)
            self._pool.tell(ZygoteGone(reason, self.has_served))

    def end(self, reason: str = "ended") -> None:
        """End it; nobody is told."""
        if not self.lost:
            self.lost = reason
            self._asked.clear()
            self._readable.close()
            self._socket.close()
            self.process.kill()


class ZygoteReader(Actor):
    """Reads what the zygote answers, until it is lost."""

    def __init__(self, zygote: Zygote) -> None:
        super().__init__()
        self.zygote = zygote

    def run(self) -> None:
        """Read until the zygote has ended."""
        while self.zygote.receive():
            pass
        self.zygote.lose(ENDED)

    def stopped(self, reason: str) -> None:
        """Leave no zygote that nobody reads."""
        self.zygote.lose(reason)


class Launcher:
    """Runs the worker program.

    Args:
        command: The program and its first arguments.

    Attributes:
        processes: Those that live, the zygote's children included.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        self.command = command
        self.processes = Processes()

    def spawn(self, link: WorkerLink, control: Socket) -> None:
        """Start the worker of `link`, which is controlled by `control`.

        Raises:
            OSError: It cannot be started.
        """
        link.adopt(self.run("--control", control, lambda: link.lose(ENDED)))

    def watch(self, link: WorkerLink, pid: int) -> None:
        """Know the process of `link`, which is not our own child."""
        link.adopt(self.processes.watch(pid, lambda: link.lose(ENDED)))

    def run(self, mode: str, control: Socket, ended: Callable[[], None]) -> Process:
        """Start a process of our own that has `control`.

        It is not in our process group: what a terminal sends to that is for the engine to understand.

        Raises:
            OSError: It cannot be started.
        """
        descriptor = control.fileno()
        arguments = [*self.command, mode, str(descriptor)]
        not_theirs = [(os.POSIX_SPAWN_CLOSE, each) for each in _inheritable()]
        os.set_inheritable(descriptor, True)
        pid = _spawn(
            arguments[0],
            arguments,
            {**os.environ, "PYTHONPATH": _import_path()},
            file_actions=[*NO_INPUT_NO_OUTPUT, *not_theirs],
            setpgroup=0,
            setsigmask=(),
            setsigdef=(signal.SIGPIPE, signal.SIGCHLD, signal.SIGINT, signal.SIGTERM),
        )
        return self.processes.watch(pid, ended, is_child=True)


def _inheritable() -> list[int]:
    """Descriptors that the application left inheritable: a worker must not hold its ports or files open."""
    found = []
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):  # the one that listed the directory
            if int(name) > STANDARD_ERROR and os.get_inheritable(int(name)):
                found.append(int(name))
    return found


def _import_path() -> str:
    """Have the child import what we import, wherever that is."""
    return os.pathsep.join(os.path.abspath(each) for each in sys.path)
