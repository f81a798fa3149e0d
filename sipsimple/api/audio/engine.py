"""The audio side of a running engine: the pool of audio processes, what legs are made with, the local sounds.

Nothing of it exists before audio is first needed; no process before a leg or a
sound asks the pool for one.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime import ChildSpec, Ref, Restart, Supervisor, SupervisorSpec, System, get_logger
from sipsimple.api.advertising import is_ipv4, media_host
from sipsimple.api.audio.sound import Sound
from sipsimple.api.configuration import AutomaticAddress
from sipsimple.api.engine.options import engine_codecs
from sipsimple.api.limits import MAILBOX_LIMIT
from sipsimple.errors import MediaFailed
from sipsimple.media.audio import AudioLeg, bury
from sipsimple.media.availability import is_available
from sipsimple.media.device import SoundDevice
from sipsimple.media.leg.facts import SRTP_FORCED, SRTP_OFF, SRTP_OPTIONAL, Settings
from sipsimple.media.messages import Configured
from sipsimple.media.pool.pool import AudioPool
from sipsimple.media.settings import PoolSettings
from sipsimple.media.switchboard import Switchboard
from sipsimple.protocols.sdp.audio_media import FORCED, OFF, OPTIONAL, AudioTerms
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sipsimple.api.configuration import RTPConfiguration
    from sipsimple.api.engine.options import EngineOptions
    from sipsimple.api.notification.delivery import Delivery

ANY_ADDRESS = "0.0.0.0"  # noqa: S104 - the worker binds to it when it is asked to

CLOSING_SECONDS = 1.0
"""That a recording of what is played here may take to be closed, when the engine stops."""

_SRTP = {OFF: SRTP_OFF, OPTIONAL: SRTP_OPTIONAL, FORCED: SRTP_FORCED}

_AUDIO = ChildSpec("audio", AudioLeg, (), Restart.TRANSIENT, significant=True, mailbox_limit=MAILBOX_LIMIT)
"""The audio of a call, but for its arguments: its end is waited for, since it may be closing a recording."""

_SOUND = SupervisorSpec("sound", intensity=100, period=10.0)
"""What keeps the sound device, but for that."""


@dataclass(frozen=True, slots=True)
class _Running:
    """What there is once audio was needed."""

    supervisor: Supervisor
    pool: AudioPool
    switchboard: Switchboard
    device: Ref


class AudioEngine:
    """The audio of one engine.

    Args:
        system: The actors' system.
        supervise: Makes a supervisor below the root.
        options: Of the engine.
        host: The address that the engine listens on.
        delivery: The workers that run observers.

    Attributes:
        trouble: Why there is no audio; None: there is.
        sound: What is played here.
        devices: Names of the playback and the recording device; empty: the default one.
    """

    def __init__(
        self,
        system: System,
        supervise: Callable[[str], Supervisor],
        options: EngineOptions,
        host: str,
        delivery: Delivery,
    ) -> None:
        self.trouble = "max_audio_calls is 0" if not options.max_audio_calls else is_available()
        self.sound = Sound(lambda: system.call(self._needed).device, options, delivery)
        self.devices = ("", "")
        self._supervise = supervise
        self._options = options
        self._host = host
        self._running: _Running | None = None
        self._is_closed = False

    def _needed(self) -> _Running:
        """Return what runs, after making it if it is the first time; on the hub.

        Raises:
            MediaFailed: There is no audio.
        """
        if self._running is None:
            reason = "the engine is stopping" if self._is_closed else self.trouble
            if reason is not None:
                raise MediaFailed(reason)
            self._running = self._make()
        return self._running

    def _make(self) -> _Running:
        supervisor = self._supervise("media")
        pool = AudioPool(supervisor, self._pool_settings())
        switchboard = Switchboard(supervisor, get_logger(component="switchboard"))
        arguments = (pool.ref, self.sound.end_player, self.sound.end_recording)
        actor = ChildSpec("actor", SoundDevice, arguments, mailbox_limit=MAILBOX_LIMIT)
        # of its own, so that what crashes it over and over costs no call its audio
        device = supervisor.start_child(replace(_SOUND, children=(actor,))).child("actor")
        assert isinstance(device, Ref), "a supervisor begins with its children"
        return _Running(supervisor, pool, switchboard, device)

    def _pool_settings(self) -> PoolSettings:
        options = self._options
        return PoolSettings(
            ceiling=options.max_audio_calls,
            spare=options.audio_spare_workers,
            codecs=engine_codecs(options.codecs),
            clock_rate=options.sample_rate * 1000,
            use_sound_devices=options.auto_sound,
            playback_device=self.devices[0],
            recording_device=self.devices[1],
            ec_tail_length=options.ec_tail_length,
            port_range=options.rtp_port_range,
        )

    def configure(self) -> None:
        """Have later calls be made with the options as they are now; on the hub."""
        if self._running is not None:
            self._running.pool.ref.tell(Configured(self._pool_settings()))

    def terms(self, configuration: RTPConfiguration) -> AudioTerms | None:
        """Return which audio a call takes; None where there is no audio."""
        if self.trouble is not None:
            return None
        return _terms(engine_codecs(self._options.codecs), _srtp(configuration))

    def leg(
        self,
        child: str,
        owner: Ref,
        configuration: RTPConfiguration,
        notify: Callable[[str, Mapping[str, Any]], None],
        ended: Callable[[], None],
        names: tuple[tuple[str, str], ...],
        peer: str | None = None,
    ) -> ChildSpec:
        """Return how to make the audio leg of a call.

        Args:
            child: Its name below the call's supervisor.
            owner: The session's actor.
            configuration: Of the session.
            notify: Posts a notification of the session.
            ended: Called once, when everything of the leg was told.
            names: What names the call in the log.
            peer: The host that SIP is spoken with, if that is known.

        Raises:
            MediaFailed: There is no audio.
        """
        running = self._needed()
        outside = media_host(self._options, "", peer)
        address = outside if is_ipv4(outside) else ""
        settings = dataclasses.replace(leg_settings(configuration, self._host), public_address=address)
        if configuration.use_ice and not settings.ice:
            reason = "the library takes no loopback address for a candidate"
            get_logger(component="audio").warning("ice.omitted", address=settings.address, reason=reason, **dict(names))
        arguments = (owner, running.pool.ref, running.switchboard, settings, notify, ended, names)
        return replace(_AUDIO, id=child, args=arguments)

    def bury(self, leg: Ref) -> None:
        """Give back what a leg holds that crashed too often to do it."""
        if self._running is not None:
            bury(leg.state, self._running.pool.ref, self._running.switchboard)

    def close(self) -> None:
        """End every process; on the hub."""
        self._is_closed = True
        self.sound.finish(CLOSING_SECONDS)
        self.sound.close()
        running, self._running = self._running, None
        if running is not None:
            running.switchboard.close()
            running.pool.close()


@lru_cache(maxsize=64)
def _terms(codecs: tuple[str, ...], srtp: str) -> AudioTerms:
    return AudioTerms(codecs, srtp)  # one object for ten thousand calls


def _srtp(configuration: RTPConfiguration) -> str:
    if not configuration.use_srtp:
        return OFF
    return FORCED if configuration.srtp_forced else OPTIONAL


def leg_settings(configuration: RTPConfiguration, host: str) -> Settings:
    """Return how the RTP of a leg is set up; an address that nobody chose is the engine's, if that is IPv4.

    On a loopback address there is no ICE: the library takes it for no candidate, and makes no call without one.
    """
    address: str = configuration.local_rtp_address
    if isinstance(address, AutomaticAddress) and ":" not in host:
        address = host
    use_ice = configuration.use_ice and not ip_address(address).is_loopback
    stun, turn = configuration.ice_stun_address, configuration.ice_turn_address
    has_turn = use_ice and turn is not None
    return Settings(
        address="" if address == ANY_ADDRESS else address,
        srtp=_SRTP[_srtp(configuration)],
        ice=use_ice,
        stun=f"{stun}:{configuration.ice_stun_port}" if use_ice and stun is not None else "",
        turn=f"{turn}:{configuration.ice_turn_port}" if has_turn else "",
        turn_user=configuration.ice_turn_user if has_turn else "",
        turn_password=configuration.ice_turn_password if has_turn else "",
    )
