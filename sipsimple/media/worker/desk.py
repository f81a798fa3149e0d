"""What the worker does with each command, and with what happens to its calls."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

from sipsimple.media import wire
from sipsimple.media.worker.calls import Calls
from sipsimple.media.worker.control import KEEP_ALIVE
from sipsimple.media.worker.digits import Digits
from sipsimple.media.worker.legs import Leg, Legs
from sipsimple.media.worker.library import reason_of
from sipsimple.media.worker.patchbay import Patchbay
from sipsimple.media.worker.players import Players
from sipsimple.media.worker.recorders import Recorders, is_complete
from sipsimple.media.worker.routing import ROOM, End, Kind, connections
from sipsimple.media.worker.servers import is_numeric
from sipsimple.media.worker.statistics import flowing, statistics

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.worker.agenda import Agenda
    from sipsimple.media.worker.endpoint import Endpoint

OVERTAKEN_SECONDS = 1.0
"""For the SIP messages to come that a command overtook: they come by another way."""
LOOK_SECONDS = 0.02


class Desk:
    """The legs of a worker and all that belongs to them.

    Args:
        endpoint: The library.
        agenda: For what is done later.
        tell: Sends an event to the engine.
        to_self: Sends a datagram to the worker's own SIP port.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        agenda: Agenda,
        tell: Callable[[wire.Event], None],
        to_self: Callable[[bytes], None],
    ) -> None:
        self._endpoint = endpoint
        self._agenda = agenda
        self._tell = tell
        self._legs = Legs()
        self._is_room_held = False
        self._players = Players(agenda, endpoint.clock_rate, self._reroute, tell, lambda: to_self(KEEP_ALIVE))
        self._recorders = Recorders(agenda, self._reroute, tell)
        self._patchbay = Patchbay(self._find, endpoint.warn)
        self._digits = Digits(agenda, self._dial)
        self._calls = Calls(endpoint, agenda, self, to_self)

    @property
    def is_busy(self) -> bool:
        """Whether there is anything that may sound."""
        return bool(self._legs or self._players.routes())

    def work(self) -> None:
        """Do what callbacks have left to be done outside of them."""
        self._players.work()
        self._calls.free()

    def obey(self, command: wire.Command) -> None:
        """Carry out a command; what goes wrong is told."""
        self._attempt(command, lambda: self._actions[type(command)](self, command))

    def _attempt(self, command: wire.Command, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - one leg's trouble must not end the calls of the others
            self._tell(wire.Refused(getattr(command, "leg", ""), type(command).__name__, reason_of(error)))

    def abandon(self, seconds: float) -> None:
        """Let the recordings become complete: the process ends."""
        names = self._recorders.clear()
        self._players.clear()
        until = time.monotonic() + seconds
        while time.monotonic() < until and not all(map(is_complete, names)):
            self._endpoint.work(0.01)

    # ------------------------------------------------------------ what happens to legs

    def media_changed(self, leg: Leg) -> None:
        """Connect the leg anew and tell."""
        assert leg.call is not None
        event = flowing(leg.token, leg.call)
        leg.codec, leg.has_begun = event.codec, True
        self._patchbay.renew(End(Kind.LEG, leg.token))
        self._reroute()
        self._tell(event)

    def got_digit(self, leg: Leg, digit: str) -> None:
        """Tell."""
        self._tell(wire.GotDigit(leg.token, digit))

    def ended(self, leg: Leg, reason: str, *, is_lasting: bool = False) -> None:
        """Forget the leg and tell."""
        self._forget(leg)
        self._tell(wire.Closed(leg.token, reason, is_lasting))

    def failed(self, text: str) -> None:
        """Tell."""
        self._tell(wire.Said(1, text))

    # ------------------------------------------------------------ commands

    def _open(self, command: wire.Open) -> None:
        if command.leg in self._legs:
            raise ValueError("the leg is open")
        if len(self._legs) >= self._endpoint.capacity:
            raise ValueError(f"all {self._endpoint.capacity} calls are in use")
        if command.turn and not is_numeric(command.turn):
            raise ValueError(f"the TURN server {command.turn} is no numeric address")
        leg = self._legs[command.leg] = Leg(command)
        self._calls.open(leg)

    def _offer(self, command: wire.Offer) -> None:
        """Offer anew; what overtook the answer to an INVITE of ours, or the ACK of the engine's, waits for it."""
        self._offer_until(command, time.monotonic() + OVERTAKEN_SECONDS)

    def _offer_until(self, command: wire.Offer, until: float) -> None:
        now = time.monotonic()
        if self._running(command.leg).offer():
            return
        if now > until:
            raise ValueError("an INVITE before is not finished")
        self._agenda.at(now + LOOK_SECONDS, lambda: self._offer_again(command, until))

    def _offer_again(self, command: wire.Offer, until: float) -> None:
        if command.leg in self._legs:
            self._attempt(command, lambda: self._offer_until(command, until))

    def _close(self, command: wire.Close) -> None:
        leg = self._legs.get(command.leg)
        if leg is not None:
            self._forget(leg)
            self._calls.close(leg)

    def _hold(self, command: wire.Hold) -> None:
        if command.leg == ROOM:
            self._is_room_held = command.is_held
        else:
            self._legs[command.leg].is_held = command.is_held
        self._reroute()

    def _echo(self, command: wire.Echo) -> None:
        self._legs[command.leg].is_echoing = command.is_on
        self._reroute()

    def _play(self, command: wire.Play) -> None:
        self._known(command.leg)
        self._players.play(command)

    def _play_tones(self, command: wire.PlayTones) -> None:
        self._known(command.leg)
        self._players.play_tones(command)

    def _stop_playing(self, command: wire.StopPlaying) -> None:
        self._players.stop(command.player)

    def _record(self, command: wire.Record) -> None:
        self._known(command.leg)
        self._recorders.start(command)

    def _stop_recording(self, command: wire.StopRecording) -> None:
        if command.leg not in self._recorders:
            raise LookupError("not recording")
        self._recorders.stop(command.leg)

    def _send_digit(self, command: wire.SendDigit) -> None:
        self._digits.send(command.leg, command.digit)

    def _dial(self, token: str, digit: str) -> bool:
        """Send a digit; one that overtook the answer to the call, which comes by another way, waits for the media."""
        return self._legs[token].has_begun and bool(self._running(token).dial(digit))

    def _bridge(self, command: wire.Bridge) -> None:
        self._legs.bridge(command.leg, command.other)
        self._reroute()

    def _unbridge(self, command: wire.Unbridge) -> None:
        self._legs.part(command.leg, command.other)
        self._reroute()

    def _ping(self, command: wire.Ping) -> None:
        found = [statistics(leg.token, leg.call, leg.codec) for leg in self._legs.values() if leg.call is not None]
        self._tell(wire.Pong(command.number, tuple(each for each in found if each is not None)))

    # ------------------------------------------------------------ inside

    def _known(self, token: str) -> None:
        """See that there is such a leg, or that the sound device is meant."""
        if token != ROOM:
            self._legs[token]  # raises

    def _running(self, token: str) -> Any:
        call = self._legs[token].call
        if call is None:
            raise LookupError("the leg has no call yet")
        return call

    def _forget(self, leg: Leg) -> None:
        """Forget a leg: its players end, its recording is completed."""
        token = leg.token
        leg.is_held = True
        self._reroute()  # while its port can still be asked for
        self._players.stop_all(token)
        self._digits.forget(token)
        self._recorders.stop(token)
        self._legs.remove(token)
        self._patchbay.renew(End(Kind.LEG, token))

    def _find(self, end: End) -> Any:
        """Return the media of an end as it is at this moment."""
        if end.kind is Kind.PLAYER:
            return self._players.find(int(end.name))
        if end.kind is Kind.RECORDER:
            return self._recorders.find(str(end.name))
        if end.kind is Kind.DEVICE:
            return self._endpoint.device()
        if end.kind is Kind.DRAIN:
            return self._endpoint.drain
        leg = self._legs.get(str(end.name))
        return leg.call.audio() if leg is not None and leg.call is not None else None

    def _reroute(self) -> None:
        recorders = self._recorders
        self._patchbay.update(
            connections(
                [leg.wish(is_recording=leg.token in recorders) for leg in self._legs.values()],
                self._players.routes(),
                uses_devices=self._endpoint.uses_devices,
                records_room=ROOM in recorders and not self._is_room_held,
            )
        )

    _actions: ClassVar[dict[type, Callable[[Desk, Any], None]]] = {
        wire.Open: _open,
        wire.Offer: _offer,
        wire.Close: _close,
        wire.Hold: _hold,
        wire.Echo: _echo,
        wire.Play: _play,
        wire.PlayTones: _play_tones,
        wire.StopPlaying: _stop_playing,
        wire.Record: _record,
        wire.StopRecording: _stop_recording,
        wire.SendDigit: _send_digit,
        wire.Bridge: _bridge,
        wire.Unbridge: _unbridge,
        wire.Ping: _ping,
    }
