"""The surroundings of one audio leg without any I/O: a pool that grants, workers that speak SIP, a session.

What the leg asks for is kept until the test lets it happen, so that anything may come in between.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sipsimple.media import messages, wire
from sipsimple.media.leg import events, outputs
from sipsimple.media.leg.state import Leg
from sipsimple.media.leg.step import step, timer_fired
from sipsimple.media.seat.state import Terms
from sipsimple.protocols.sdp.audio_media import outward
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sip.message import Request, Response
from sipsimple.protocols.sip.usage.events import StreamFailed, StreamMoved, StreamPrepared
from tests.media.leg.caller import PEER, PLAIN, SIP_PORT, Caller, Link, described

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.leg.facts import Settings
    from sipsimple.protocols.outputs import StartTimer, StopTimer
    from sipsimple.protocols.sdp.media import Media
    from sipsimple.protocols.sip.transaction.outputs import Send


@dataclass
class World:
    """One leg, and everybody around it."""

    settings: Settings = PLAIN
    srtp: str | None = None
    now: float = 100.0
    outputs: list[Any] = field(default_factory=list)
    todo: deque[Any] = field(default_factory=deque)
    wanted: dict[str, str | None] = field(default_factory=dict)
    granted: set[str] = field(default_factory=set)
    released: list[str] = field(default_factory=list)
    callers: dict[str, Caller] = field(default_factory=dict)
    timers: dict[Any, float] = field(default_factory=dict)
    session: list[Any] = field(default_factory=list)
    notifications: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    commands: list[tuple[str, wire.Command]] = field(default_factory=list)
    peer: list[Any] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    ends: int = 0
    workers: int = 0
    worker_refuses: bool = False
    grant: Callable[[outputs.Want], Any] | None = None

    def __post_init__(self) -> None:
        self.leg = Leg("secret", Terms(self.settings, SIP_PORT))

    # What happens to the leg

    def tell(self, event: Any) -> list[Any]:
        """Let one thing happen; return what the leg asks for."""
        self.leg, asked = step(self.leg, event, self.now)
        return self._carry(asked)

    def fire(self, name: Any) -> list[Any]:
        """Let a timer go off."""
        self.timers.pop(name, None)
        self.leg, asked = timer_fired(self.leg, name, self.now)
        return self._carry(asked)

    def run(self) -> None:
        """Let everybody do what the leg asks of them, until nobody has anything to do."""
        for _ in range(200):
            if not self.todo:
                return
            self.tell_next()
        raise AssertionError("it never comes to rest")

    def tell_next(self) -> None:
        """Let the first thing happen that somebody has to do."""
        event = self.todo.popleft()
        if isinstance(event, messages.Granted):
            if event.token in self.released:
                return
            self.granted.add(event.token)
        self.tell(event)

    # Who carries what it asks for

    def _carry(self, asked: tuple[Any, ...]) -> list[Any]:
        self.outputs += asked
        for each in asked:
            carry = getattr(self, f"_{type(each).__name__.lower()}", None)
            if carry is not None:
                carry(each)
        return list(asked)

    def _want(self, output: outputs.Want) -> None:
        self.wanted[output.token] = output.beside
        self.workers += 1
        self.todo.append(self.grant(output) if self.grant else messages.Granted(output.token, Link(self.workers)))

    def _release(self, output: outputs.Release) -> None:
        self.released.append(output.token)

    def _starttimer(self, output: StartTimer) -> None:
        self.timers[output.name] = output.seconds

    def _stoptimer(self, output: StopTimer) -> None:
        self.timers.pop(output.name, None)

    def _tellsession(self, output: outputs.TellSession) -> None:
        self.session.append(output.event)

    def _notify(self, output: outputs.Notify) -> None:
        self.notifications.append((output.name, dict(output.data)))

    def _tellpeer(self, output: outputs.TellPeer) -> None:
        self.peer.append(output)

    def _repairfile(self, output: outputs.RepairFile) -> None:
        self.repaired.append(output.file_name)

    def _ended(self, _output: outputs.Ended) -> None:
        self.ends += 1

    def _command(self, output: outputs.Command) -> None:
        command = output.command
        self.commands.append((output.link.name, command))
        match command:
            case wire.Open():
                caller = Caller(command.leg, self.workers, with_offer=command.with_offer, srtp=self.srtp)
                self.callers[command.leg] = caller
                self.todo.append(caller.invite())
            case wire.Offer():
                caller = self.callers[command.leg]
                self.todo.append(caller.arrived("INVITE", described(caller.line, caller.cseq + 1)))
            case wire.Record():
                self.todo.append(wire.Recording(command.leg, command.file_name))
            case wire.StopRecording():
                name = next(each.file_name for _, each in reversed(self.commands) if isinstance(each, wire.Record))
                self.todo.append(wire.Recorded(command.leg, name))

    def _send(self, output: Send) -> None:
        message = output.message
        if isinstance(message, bytes):
            return
        caller = next(each for each in self.callers.values() if each.token in str(message.get("call-id")))
        if isinstance(message, Request):
            self._request_to(caller, message)
        elif message.cseq.method == "INVITE":
            self._response_to(caller, message)

    def _request_to(self, caller: Caller, request: Request) -> None:
        if request.method != "INVITE":
            return
        if self.worker_refuses:
            self.todo.append(caller.answered(request, 500))
            return
        caller.remote = SessionDescription.parse(request.body).media[0]
        self.todo.append(caller.answered(request, 200, described(caller.line, caller.cseq + 1)))
        self.todo.append(caller.flowing())

    def _response_to(self, caller: Caller, response: Response) -> None:
        if response.to.tag:
            caller.remote_tag = response.to.tag
        if response.is_success:
            caller.remote = SessionDescription.parse(response.body).media[0]
            is_late = caller.invited is not None and not caller.invited.body
            self.todo.append(caller.ack(described(caller.line) if is_late and not self.worker_refuses else b""))
            self.todo.append(caller.flowing())

    # What tests say

    def prepared(self, remote: Media | None = None) -> Media:
        """Ask for a line and return it."""
        self.tell(events.Prepare(remote))
        self.run()
        told = self.session[-1]
        assert isinstance(told, StreamPrepared), told
        return outward(told.media)

    def running(self, remote: Media = PEER) -> Media:
        """Have it run by an offer of ours; return our line."""
        local = self.prepared()
        self.tell(events.Start(remote, local))
        self.run()
        return local

    def lose(self, reason: str = "it died") -> None:
        """Lose the worker that sounds, or that was to."""
        seat = self.leg.seat or self.leg.candidate
        assert seat is not None
        self.tell(messages.WorkerLost(seat.token, reason))

    def moved(self) -> Media:
        """Return the line that the leg moved to."""
        told = self.session[-1]
        assert isinstance(told, StreamMoved), told
        return outward(told.media)

    def failed(self) -> StreamFailed:
        """Return the failure that the session was told last."""
        told = self.session[-1]
        assert isinstance(told, StreamFailed), told
        return told

    @property
    def seat_token(self) -> str:
        """Token of the seat that sounds."""
        assert self.leg.seat is not None
        return self.leg.seat.token

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the data of the notifications of that name."""
        return [data for each, data in self.notifications if each == name]

    @property
    def names(self) -> list[str]:
        """Names of the notifications, in order."""
        return [name for name, _ in self.notifications]

    def told_worker(self, kind: type) -> list[Any]:
        """Return the commands of that kind."""
        return [each for _, each in self.commands if isinstance(each, kind)]
