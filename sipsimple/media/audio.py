"""The audio leg of one call as an actor.

What a leg decides lives in `media.leg` and `media.seat`; this class feeds them
and carries what they ask for: to the pool, the switchboard, the worker, the
session, the observers, and the leg that it is bridged with.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime import Actor, Ref, TimerFired, carries, handles
from sipsimple.errors import MediaFailed
from sipsimple.media import messages, wav, wire
from sipsimple.media.leg import events, outputs
from sipsimple.media.leg.state import Leg, State
from sipsimple.media.leg.step import step, timer_fired
from sipsimple.media.seat.state import Terms
from sipsimple.protocols.sip.transaction.outputs import Send

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipsimple.media.leg.facts import Settings
    from sipsimple.media.switchboard import Switchboard

_WARNINGS = frozenset({"leg.lost", "leg.failed", "leg.outdated", "recording.failed", "bridge.failed"})


class AudioLeg(Actor):
    """Carries one audio leg.

    It is reached by its ref: `media.leg.events` are its messages, and
    `ref.state.facts` can be read at any time.

    Args:
        owner: The session, told StreamPrepared, StreamFailed, StreamMoved, Abandoned.
        pool: The ref of the pool of workers.
        switchboard: Leads the SIP of the workers.
        settings: Of its RTP.
        notify: Posts a notification of the session.
        ended: Called once, when everything was told.
        names: What names the call in the log: `session`, `call_id`.
    """

    state: Leg

    def __init__(
        self,
        owner: Ref,
        pool: Ref,
        switchboard: Switchboard,
        settings: Settings,
        notify: Callable[[str, Mapping[str, Any]], None],
        ended: Callable[[], None],
        names: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__()
        self.state = Leg(secrets.token_hex(16), Terms(settings, switchboard.port))
        self.owner = owner
        self.pool = pool
        self.switchboard = switchboard
        self.notify = notify
        self.ended = ended
        self.names = names

    def started(self) -> None:
        """Be known in the log by the call's names."""
        self.log = self.log.bind(**dict(self.names))

    def restarted(self) -> None:
        """Go on with the last committed state: the call in the worker has gone on too."""
        self.log = self.log.bind(**dict(self.names))
        self.log.warning("leg.restarted", state=self.state.state.value)
        self.advance(step, events.Resumed(), self.clock.now())

    def stopped(self, _reason: str) -> None:
        """End at once, if it was stopped from outside; tell, once, that it is over."""
        if self.state.state is not State.ENDED:
            self.advance(step, events.Vanish(), self.clock.now())
        self.ended()

    @handles(events.Prepare, events.Start, events.Revert, events.Hold, events.End, events.SilenceUntold)
    @handles(events.StartRecording, events.StopRecording, events.SendDigit, events.Echo)
    @handles(events.PlayFile, events.PlayTones, events.StopPlaying)
    @handles(events.BridgeWith, events.Unbridge, events.PeerAt, events.PeerGone)
    @handles(messages.Granted, messages.Refused, messages.WorkerLost)
    @handles(messages.WorkerRequest, messages.WorkerResponse)
    @handles(wire.Flowing, wire.Closed, wire.GotDigit, wire.PlayingEnded, wire.Statistics)
    @handles(wire.Recording, wire.Recorded, wire.Refused)
    def take(self, event: object) -> None:
        """Take a command, or news of the pool, the worker or the other leg."""
        self.advance(step, event, self.clock.now())

    @handles(TimerFired)
    def fire(self, event: TimerFired) -> None:
        """Take a timer."""
        self.advance(timer_fired, event.name, self.clock.now())

    # Outputs

    @carries(outputs.Want)
    def want(self, output: outputs.Want) -> None:
        """Ask the pool; one that is gone has no room."""
        if not self.pool.tell(messages.Wanted(output.token, self.ref, output.beside)):
            self.ref.tell(messages.Refused(output.token, 503, "the audio engine has ended"))

    @carries(outputs.Release)
    def release(self, output: outputs.Release) -> None:
        """Give a place back."""
        self.pool.tell(messages.Released(output.token))

    @carries(outputs.Enlist)
    def enlist(self, output: outputs.Enlist) -> None:
        """Be reached by the worker."""
        self.switchboard.add(output.token, self.ref, output.worker_sip)

    @carries(outputs.Delist)
    def delist(self, output: outputs.Delist) -> None:
        """Be reached by it no more."""
        self.switchboard.forget(output.token)

    @carries(outputs.Command)
    def command(self, output: outputs.Command) -> None:
        """Tell the worker."""
        output.link.send(output.command)

    @carries(Send)
    def put_on_wire(self, output: Send) -> None:
        """Send."""
        self.switchboard.send(bytes(output.message), output.flow)

    @carries(outputs.TellSession)
    def tell_session(self, output: outputs.TellSession) -> None:
        """Tell the session."""
        self.owner.tell(output.event)

    @carries(outputs.TellPeer)
    def tell_peer(self, output: outputs.TellPeer) -> None:
        """Tell the other leg of the bridge; one that has ended is gone."""
        message: object = events.PeerAt(self.ref, output.token, output.worker, output.is_asking, output.is_calling)
        if output.is_gone:
            message = events.PeerGone(self.ref)
        if not output.peer.tell(message) and not output.is_gone:
            self.ref.tell(events.PeerGone(output.peer))

    @carries(outputs.RepairFile)
    def repair_file(self, output: outputs.RepairFile) -> None:
        """Make a recording readable whose writer died."""
        try:
            is_repaired = wav.repair(output.file_name)
        except (MediaFailed, OSError) as error:
            self.log.warning("recording.unrepaired", file_name=output.file_name, error=str(error))
        else:
            self.log.info("recording.repaired", file_name=output.file_name, was_needed=is_repaired)

    @carries(outputs.Notify)
    def tell_observers(self, output: outputs.Notify) -> None:
        """Post a notification of the session."""
        self.notify(output.name, output.data)

    @carries(outputs.Note)
    def write_note(self, output: outputs.Note) -> None:
        """Write a log event."""
        write = self.log.warning if output.event in _WARNINGS else self.log.info
        write(output.event, **output.data)

    @carries(outputs.Ended)
    def end(self, _output: outputs.Ended) -> None:
        """Stop; `stopped` tells that it is over."""
        self.stop()


def bury(leg: Leg, pool: Ref, switchboard: Switchboard) -> None:
    """Give back what a leg holds whose actor crashed too often to do it."""
    partings = [each.seat for each in leg.partings]
    for seat in (leg.seat, leg.candidate, *partings):
        if seat is not None:
            switchboard.forget(seat.token)
            pool.tell(messages.Released(seat.token))
