"""The workers that live: their links and processes, and the zygote that they come from.

These are resources, not state: they outlive the crashes of the actor that uses them.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from sipsimple.actors.runtime import ChildSpec, Restart
from sipsimple.media.pool.spawning import Launcher, Zygote, ZygoteReader, pair
from sipsimple.media.pool.worker_link import WorkerLink, WorkerReader

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Ref, Supervisor
    from sipsimple.media.settings import PoolSettings

LAST_SECONDS = 2.0
"""How long the end of all processes is waited for; killed ones take some milliseconds."""


class Crew:
    """Starts and ends workers.

    Args:
        command: Runs a worker process.

    Attributes:
        links: By number, until they are forgotten.
        zygote: The present one; None before the first.
        first_number: Free for the next worker.
    """

    def __init__(self, command: tuple[str, ...]) -> None:
        self.links: dict[int, WorkerLink] = {}
        self.zygote: Zygote | None = None
        self.first_number = 1
        self._zygotes = 0
        self._launcher = Launcher(command)

    @property
    def processes(self) -> int:
        """How many processes live or are still ending."""
        return len(self._launcher.processes)

    def start(self, number: int, block: int, settings: PoolSettings, pool: Ref, readers: Supervisor) -> None:
        """Start a worker; it is heard of when it is ready, or lost.

        Raises:
            OSError: No process or descriptor is to be had.
        """
        self.first_number = max(self.first_number, number + 1)
        if settings.use_zygote:
            self.ensure_zygote(pool, readers)
        ours, theirs = pair(socket.SOCK_STREAM)
        link = WorkerLink(number, ours, pool, settings.ports(block))
        try:
            with theirs:
                if self.zygote is not None and settings.use_zygote:
                    self.zygote.fork(link, theirs)
                else:
                    self._launcher.spawn(link, theirs)
            readers.start_child(ChildSpec(link.name, WorkerReader, (link,), Restart.TRANSIENT, shutdown=1.0))
        except BaseException:
            link.end()
            raise
        self.links[number] = link
        link.send(settings.configuration())

    def ensure_zygote(self, pool: Ref, readers: Supervisor) -> None:
        """Have a zygote.

        Raises:
            OSError: It cannot be started.
        """
        if self.zygote is None or self.zygote.lost:
            self._zygotes += 1
            zygote = Zygote(self._launcher, pool)
            try:
                spec = ChildSpec(f"zygote-{self._zygotes}", ZygoteReader, (zygote,), Restart.TRANSIENT, shutdown=1.0)
                readers.start_child(spec)
            except BaseException:
                zygote.end()
                raise
            self.zygote = zygote

    def forget(self, number: int) -> WorkerLink | None:
        """Know a worker no more; what is left of its process ends by itself."""
        return self.links.pop(number, None)

    def disband(self, reason: str) -> None:
        """Lose every worker and the zygote."""
        for link in tuple(self.links.values()):
            link.lose(reason)
        self.links.clear()
        if self.zygote is not None:
            self.zygote.end()
            self.zygote = None

    def wait_until_ended(self) -> bool:
        """Wait until no process is left; return False when one does not die."""
        return self._launcher.processes.wait_until_none(LAST_SECONDS)

    def adopt(self, link: WorkerLink) -> None:
        """Know the process of a worker by what it says itself, where the zygote died before it answered."""
        if link.process is None and link.ready is not None:
            self._launcher.watch(link, link.ready.pid)
