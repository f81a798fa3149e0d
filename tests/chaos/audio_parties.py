"""Calls with telephones that are heard both ways, and the audio processes behind them, which are to be killed."""

from __future__ import annotations

import contextlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sipsimple.core import Engine
from sipsimple.session import RTPConfiguration, SessionManager
from tests.endpoints import running
from tests.interop.audio_calls import LOUD, THEIRS, call
from tests.interop.audio_peer import AudioPeer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sipsimple.actors.runtime import Ref
    from sipsimple.session import Session
    from tests.watch import Watch

RESTART = "SCSessionMediaDidRestart"


@dataclass(slots=True)
class Party:
    """A telephone, and our end of its call."""

    peer: AudioPeer
    session: Session

    @property
    def pid(self) -> int | None:
        """The process that has our audio."""
        audio = self.session.audio_transport
        return None if audio is None else audio.worker_pid

    @property
    def leg(self) -> Ref:
        """The actor of our audio."""
        return self.session.audio_transport.ref

    def echo(self) -> Party:
        """Send the telephone what it says, so that it hears whether both ways work."""
        self.session.echo_audio()
        self.hear()
        return self

    def hear(self, frequency: float = THEIRS) -> None:
        """Wait until the telephone hears something anew: itself, where it is echoed."""
        self.peer.rtp.forget()
        self.peer.rtp.wait_to_hear(frequency, at_least=LOUD)

    def hold_answers(self) -> None:
        """Have the telephone leave re-INVITEs without an answer."""
        self.peer.on_reinvite = lambda _: None

    def answer_now(self, count: int, answer: Callable[[Any], None] | None = None) -> None:
        """Answer the INVITE that came as the `count`-th, which was left, and from now on all at once."""
        self.peer.on_reinvite = self.peer.accept
        (answer or self.peer.accept)(self.peer.wait_for_request("INVITE", count))

    def restarts(self, watch: Watch) -> int:
        """How often its audio was told to be back."""
        return watch.count(RESTART, self.session)


@contextlib.contextmanager
def telephones(count: int) -> Iterator[list[AudioPeer]]:
    """Have telephones that say their tone."""
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(AudioPeer()) for _ in range(count)]
        for peer in peers:
            peer.rtp.play(THEIRS)
        yield peers


@contextlib.contextmanager
def talking(count: int = 1, meet: Callable[..., Session] = call, **options: Any) -> Iterator[tuple[Watch, list[Party]]]:
    """Have calls with so many telephones, which live longer than the engine; each hears itself."""
    with telephones(count) as peers, engine(**options) as watch:
        parties = [Party(peer, meet(watch, peer)) for peer in peers]
        for each in parties:
            each.session.echo_audio()
        hear(parties)
        yield watch, parties


def hear(parties: Iterable[Party]) -> None:
    """Wait until each telephone hears itself anew."""
    for each in parties:
        each.peer.rtp.forget()
    for each in parties:
        each.peer.rtp.wait_to_hear(THEIRS, at_least=LOUD)


@contextlib.contextmanager
def engine(**options: Any) -> Iterator[Watch]:
    """Run the engine in a thread of its own, with audio and without sound devices."""
    try:
        with running(hub="own", **{"auto_sound": False, "sample_rate": 8, "sip_t1": 0.1, **options}) as watch:
            yield watch
    finally:
        SessionManager().rtp_config = RTPConfiguration()


def crew() -> Any:
    """What the pool knows of its processes."""
    return Engine().core.audio._running.pool._crew


def pids() -> list[int]:
    """The workers that are ready."""
    return [link.ready.pid for link in tuple(crew().links.values()) if link.ready is not None]


def spares() -> list[int]:
    """The workers that have no call."""
    state = pool().state
    links = crew().links
    empty = [number for number, worker in state.workers.items() if worker.is_ready and worker.is_empty]
    return [links[number].ready.pid for number in empty if number in links]


def pool() -> Ref:
    """The pool's actor."""
    return Engine().core.audio._running.pool.ref


def kill(pid: int | None, how: signal.Signals = signal.SIGKILL) -> None:
    """Kill or stop one of the processes."""
    assert pid is not None
    os.kill(pid, how)


def kill_worker(watch: Watch, *parties: Party, how: signal.Signals = signal.SIGKILL) -> None:
    """Kill the worker of the first, and wait until the audio of all of them is told to be back."""
    before = [each.restarts(watch) for each in parties]
    kill(parties[0].pid, how)
    for each, count in zip(parties, before, strict=True):
        watch.wait_for(RESTART, each.session, count + 1)


def unharmed(watch: Watch, parties: Iterable[Party]) -> None:
    """Show that no call has ended, on either side."""
    for each in parties:
        assert each.session.state == "ESTABLISHED"
        assert not each.peer.has_ended
    assert watch.count("SCSessionDidEnd") == watch.count("SCSessionDidFail") == 0


def nothing_is_held(watch: Watch) -> None:
    """Wait until the pool has every place back and the switchboard leads to nobody."""
    switchboard = Engine().core.audio._running.switchboard
    watch.until(lambda: not pool().state.places and not pool().state.wishes, "the places to be given back")
    watch.until(lambda: len(switchboard) == 0, "the switchboard to be empty")
