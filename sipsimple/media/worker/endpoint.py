"""The user agent of a worker: pjsua2 bound to 127.0.0.1, with the settings that keep it quiet and alive.

Everything runs in the main thread: pjlib aborts the process when another thread calls it. The clock of the null device
must never stop (`sndAutoCloseTime`), or the next call of the worker has no audio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.media import wire
from sipsimple.media.worker.control import LOOPBACK
from sipsimple.media.worker.library import pj, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.wire import Configure

MOST_ACCOUNTS = 8
"""One account more aborts the process."""
MOST_CALLS_BY_HANDLES = 24
"""Each call has two sockets, and closed ones linger, in a select of 64."""
HIGHEST_PRIORITY = 250


class Library(pj.Endpoint):  # type: ignore[misc, unused-ignore]
    """The library, whose only callback of interest is the one of STUN."""

    def __init__(self) -> None:
        super().__init__()
        self.stun_checked: Callable[[str, bool], None] = lambda _server, _answered: None

    def onNatCheckStunServersComplete(self, prm: Any) -> None:  # noqa: N802 - the library's name
        """Tell whether the server answered."""
        self.stun_checked(prm.name, prm.status == 0)


class Endpoint:
    """The library, started.

    Args:
        configure: What it is started with.
        warn: Told what did not go as configured.

    Attributes:
        sip_port: UDP port on 127.0.0.1.
        capacity: Calls that it holds at once.
        codecs: Names of the codecs in use.
        library: The library itself.
        drain: A port that may hear anything: it has an ear like every port, and nothing behind it.
        uses_devices: Sound devices are open; otherwise the null device is.
    """

    def __init__(self, configure: Configure, warn: Callable[[str], None]) -> None:
        self.library = Library()
        self.warn = warn
        self.library.libCreate()
        settings = _settings(configure)
        self.capacity = min(settings.uaConfig.maxCalls, MOST_ACCOUNTS, MOST_CALLS_BY_HANDLES)
        self.clock_rate = configure.clock_rate
        self.library.libInit(settings)
        self.sip_port = self._listen()
        self.library.libStart()
        self.codecs = self._choose_codecs(configure.codecs)
        self.playback_devices: tuple[str, ...] = ()
        self.recording_devices: tuple[str, ...] = ()
        self.uses_devices = configure.use_sound_devices and self._open_devices(configure)
        if not self.uses_devices:
            self.library.audDevManager().setNullDev()
        self.drain = pj.ToneGenerator()
        self.drain.createToneGenerator(self.clock_rate)

    def ready(self, pid: int) -> wire.Ready:
        """Return the worker's first message."""
        return wire.Ready(
            wire.VERSION,
            pid,
            self.sip_port,
            self.capacity,
            self.codecs,
            self.playback_devices,
            self.recording_devices,
        )

    def work(self, seconds: float) -> None:
        """Let the library do what there is to do; wait for it at most so long."""
        self.library.libHandleEvents(int(seconds * 1000))

    def device(self) -> Any:
        """Return the media of the sound device, or of what stands for it."""
        return self.library.audDevManager().getPlaybackDevMedia()

    def stop(self) -> None:
        """End the library without a word to anybody."""
        self.library.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)

    def _listen(self) -> int:
        transport = pj.TransportConfig()
        transport.boundAddress = LOOPBACK
        number = self.library.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        return int(self.library.transportGetInfo(number).localAddress.rpartition(":")[2])

    def _choose_codecs(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Give each codec its priority, 0 to those that are not named; return the names that were found."""
        ranks = {name.lower(): rank for rank, name in reversed(list(enumerate(names)))}
        found = set()
        for codec in self.library.codecEnum2():
            name, _, rest = codec.codecId.lower().partition("/")
            rank = min(ranks.get(name, len(names)), ranks.get(f"{name}/{rest.partition('/')[0]}", len(names)))
            self.library.codecSetPriority(codec.codecId, HIGHEST_PRIORITY - rank if rank < len(names) else 0)
            found.add(rank)
        return tuple(name for rank, name in enumerate(names) if rank in found)

    def _open_devices(self, configure: Configure) -> bool:
        devices = self.library.audDevManager()
        known = list(devices.enumDev2())
        self.playback_devices = tuple(each.name for each in known if each.outputCount)
        self.recording_devices = tuple(each.name for each in known if each.inputCount)
        if not self.playback_devices or not self.recording_devices:
            return False
        playback = {each.name: each.id for each in known if each.outputCount}
        recording = {each.name: each.id for each in known if each.inputCount}
        try:
            devices.setPlaybackDev(playback.get(configure.playback_device, pj.PJSUA_SND_DEFAULT_PLAYBACK_DEV))
            devices.setCaptureDev(recording.get(configure.recording_device, pj.PJSUA_SND_DEFAULT_CAPTURE_DEV))
        except pj.Error as error:
            self.warn(f"cannot open the sound devices: {reason_of(error)}")
            return False
        return True


def _settings(configure: Configure) -> Any:
    settings = pj.EpConfig()
    agent, media, log = settings.uaConfig, settings.medConfig, settings.logConfig
    agent.threadCnt = 0
    agent.mainThreadOnly = True
    agent.userAgent = ""
    agent.natTypeInSdp = 0
    media.clockRate = configure.clock_rate
    media.audioFramePtime = 20
    media.ecTailLen = configure.ec_tail_length
    media.noVad = True
    media.sndAutoCloseTime = -1
    media.hasIoqueue = True
    media.threadCnt = 1
    log.level = log.consoleLevel = 0
    return settings
