"""The pool of audio workers: who gets which worker, how many there are, and whether they live.

::

    pool              one for one
    ├ workers         a reader for each worker, and for the zygote
    └ pool            this actor
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.actors.runtime import (
    Actor,
    ChildSpec,
    GivenUp,
    Ref,
    Supervisor,
    SupervisorSpec,
    TimerFired,
    carries,
    handles,
)
from sipsimple.errors import ActorDied
from sipsimple.media import wire
from sipsimple.media.messages import (
    Answered,
    Configured,
    Gone,
    Granted,
    Refused,
    Released,
    Reported,
    Wanted,
    WorkerLost,
    ZygoteGone,
)
from sipsimple.media.pool import core as pool_core
from sipsimple.media.pool import placement
from sipsimple.media.pool.crew import Crew
from sipsimple.media.pool.places import Close, End, Grant, Ping, Refuse, Start, Wish
from sipsimple.media.pool.places import Pool as State

if TYPE_CHECKING:
    from sipsimple.media.settings import PoolSettings

INTENSITY, PERIOD = 100, 10.0  # restarts: far more than anything but a fault of ours needs
STOP_SECONDS = 5.0


class AudioPool:
    """The pool as a part of the engine; nothing runs before the first `Wanted`.

    Args:
        supervisor: Gets the pool's tree as a child, of the id `pool`.
        settings: Its limits.

    Attributes:
        ref: To be told `Wanted` and `Released`.
    """

    def __init__(self, supervisor: Supervisor, settings: PoolSettings) -> None:
        self._supervisor = supervisor
        self._crew = Crew(settings.command)
        workers = SupervisorSpec(
            "workers",
            intensity=INTENSITY,
            period=PERIOD,
            shutdown=STOP_SECONDS,
            when_given_up=self._leave_nobody_unread,
        )
        actor = ChildSpec("pool", Pool, (self._crew, settings), shutdown=STOP_SECONDS)
        spec = SupervisorSpec(
            "pool", intensity=INTENSITY, period=PERIOD, children=(workers, actor), when_given_up=_leave_nobody_waiting
        )
        ref = supervisor.start_child(spec).child("pool")
        assert isinstance(ref, Ref), "a supervisor begins with its children"
        self.ref: Ref = ref

    @property
    def processes(self) -> int:
        """How many processes there are, the zygote included."""
        return self._crew.processes

    def _leave_nobody_unread(self, _report: GivenUp) -> None:
        self._crew.disband("what it tells cannot be read")

    def close(self) -> None:
        """End every worker and the zygote, at once; returns when they are gone."""
        self._supervisor.terminate_child("pool")


def _leave_nobody_waiting(report: GivenUp) -> None:
    """Refuse what the pool that has failed did not answer."""
    waiting: list[Wish | Wanted] = list(report.state.wishes) if isinstance(report.state, State) else []
    waiting += [message for message in report.mailbox if isinstance(message, Wanted)]
    for wish in waiting:
        wish.leg.tell(Refused(wish.token, placement.UNAVAILABLE, "audio is not available: the pool has failed"))


class Pool(Actor):
    """Carries `core`."""

    state: State

    def __init__(self, crew: Crew, settings: PoolSettings) -> None:
        super().__init__()
        self.crew = crew
        self.state = State(settings, next_number=crew.first_number)

    def started(self) -> None:
        """Begin with nothing: workers from before the supervisor gave up have nobody left."""
        self.crew.disband("the pool was restarted")

    def restarted(self) -> None:
        """Go on; a worker of which no trace is left was being started, or lost, when this actor crashed."""
        for number in self.state.workers:
            if number not in self.crew.links:
                self.advance(pool_core.lose, number, "the pool was restarted", self.clock.now())

    def stopped(self, reason: str) -> None:
        """End every process."""
        self.crew.disband(reason)
        if not self.crew.wait_until_ended():
            self.log.warning("pool.not_ended", processes=self.crew.processes)

    # What legs want

    @handles(Wanted)
    def want(self, wish: Wanted) -> None:
        """Find a place."""
        self.advance(pool_core.want, wish.token, wish.leg, wish.beside, wish.is_call, self.clock.now())

    @handles(Released)
    def release(self, event: Released) -> None:
        """Take a place back."""
        self.advance(pool_core.release, (event.token,), self.clock.now())

    @handles(Configured)
    def configure(self, event: Configured) -> None:
        """Have other settings."""
        self.advance(pool_core.configure, event.settings, self.clock.now())

    # What workers tell

    @handles(Reported)
    def report(self, event: Reported) -> None:
        """Use a worker that is ready."""
        link = self.crew.links.get(event.number)
        worker = self.state.workers.get(event.number)
        if link is None or link.ready is None or link.is_lost:
            return
        if worker is None:  # it was lost to this actor when that crashed
            self.end_worker(End(event.number))
            return
        self.crew.adopt(link)
        took = self.clock.now() - worker.since
        self.log.info("worker.started", worker=link.name, pid=link.ready.pid, start_ms=round(took * 1000))
        self.advance(pool_core.report, event.number, link.ready.capacity, self.clock.now())

    @handles(Answered)
    def answer(self, event: Answered) -> None:
        """Know that a worker lives."""
        self.advance(pool_core.answer, event.number, self.clock.now())

    @handles(Gone)
    def lose(self, event: Gone) -> None:
        """Replace a worker that is lost."""
        if self.crew.forget(event.number) is not None:
            self.log.warning("worker.lost", worker=f"worker-{event.number}", reason=event.reason, legs=event.legs)
        self.advance(pool_core.lose, event.number, event.reason, self.clock.now())

    @handles(ZygoteGone)
    def replace_zygote(self, event: ZygoteGone) -> None:
        """Have another zygote: at once if it was a good one, else when a worker is tried next."""
        self.log.warning("zygote.lost", reason=event.reason)
        if event.has_served:
            self.start_timer("zygote", 0.0)

    # What time brings

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Look after what is due."""
        match event.name:
            case "tick":
                dead = [token for token, place in self.state.places.items() if not place.leg.is_alive]
                dead += [wish.token for wish in self.state.wishes if not wish.leg.is_alive]
                self.advance(pool_core.release, dead, self.clock.now())
                self.advance(pool_core.tick, self.clock.now())
            case "zygote":
                self._have_zygote()
            case ("start", int(number)):
                self._give_up_start(number)
            case ("silent", int(number)):
                self._judge(number)
            case _:
                self.advance(pool_core.settle, self.clock.now())

    def _have_zygote(self) -> None:
        try:
            self.crew.ensure_zygote(self.ref, self._readers())
        except OSError as error:
            self.log.warning("zygote.not_started", reason=str(error))  # the next worker's start tries again

    def _give_up_start(self, number: int) -> None:
        reason = f"it was not ready within {self.state.settings.ready_limit:g} s"
        zygote = self.crew.zygote
        if zygote is not None and zygote.is_behind:
            zygote.lose("it does not answer")
        link = self.crew.links.get(number)
        if link is not None:
            link.lose(reason)
        else:
            self.advance(pool_core.lose, number, reason, self.clock.now())

    def _judge(self, number: int) -> None:
        link = self.crew.links.get(number)
        if link is None:
            return
        if link.is_silent():
            link.lose(f"it hangs: no sign of life for {self.state.settings.ping_limit:g} s")
        else:  # it answered while this process had no time to read
            self.start_timer(("silent", number), self.state.settings.ping_limit)

    # What the core asks for

    @carries(Grant)
    def grant(self, output: Grant) -> None:
        """Tell the leg where it may call."""
        link = self.crew.links.get(output.worker)
        if link is None:
            output.leg.tell(WorkerLost(output.token, "it ended meanwhile"))
        elif output.leg.tell(Granted(output.token, link, output.is_beside)):
            link.attach(output.token, output.leg)
        else:
            self.advance(pool_core.release, (output.token,), self.clock.now())

    @carries(Refuse)
    def refuse(self, output: Refuse) -> None:
        """Tell the leg that it cannot."""
        self.log.warning("pool.refused", code=output.code, reason=output.reason, leg=output.leg.name)
        output.leg.tell(Refused(output.token, output.code, output.reason))

    @carries(Close)
    def close(self, output: Close) -> None:
        """Have the worker hang up."""
        link = self.crew.links.get(output.worker)
        if link is not None:
            link.detach(output.token)
            link.send(wire.Close(output.token))

    @carries(Start)
    def start_worker(self, output: Start) -> None:
        """Start a worker; one that cannot be started is lost at once."""
        if output.worker not in self.state.workers:
            return  # given up in a restart, before this was carried
        try:
            self.crew.start(output.worker, output.block, self.state.settings, self.ref, self._readers())
        except OSError as error:
            reason = str(error.strerror or error).lower()
            self.log.warning("worker.not_started", worker=f"worker-{output.worker}", reason=reason)
            self.advance(pool_core.lose, output.worker, reason, self.clock.now())
        except ActorDied as error:  # the engine stops, or the supervisor of the readers begins anew
            self.advance(pool_core.lose, output.worker, error.reason, self.clock.now())

    @carries(End)
    def end_worker(self, output: End) -> None:
        """End a worker that nobody needs."""
        link = self.crew.forget(output.worker)
        if link is not None:
            link.end()
            self.log.info("worker.ended", worker=link.name)

    @carries(Ping)
    def ping(self, output: Ping) -> None:
        """Ask for a sign of life."""
        link = self.crew.links.get(output.worker)
        if link is not None:
            link.ping()

    def _readers(self) -> Supervisor:
        readers = self.supervisor.child("workers")
        if not isinstance(readers, Supervisor):
            raise ActorDied("the supervisor of the workers has ended")
        return readers
