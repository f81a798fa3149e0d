"""The audio of the engine: codecs, ports, devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.errors import SIPCoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.api.engine.core import Core


class EngineAudio:
    """What of an engine's audio can be read, and set while it runs; calls that are up stay as they are."""

    __slots__ = ()

    @property
    def core(self) -> Core:
        """What runs."""
        raise NotImplementedError

    @property
    def codecs(self) -> tuple[str, ...]:
        """Audio codecs in order of preference, for streams made from now on; can be set while running."""
        return self.core.options.codecs

    @codecs.setter
    def codecs(self, value: Sequence[str]) -> None:
        self.core.options.codecs = value  # type: ignore[assignment]  # the options make a tuple of it
        self._configure()

    @property
    def rtp_port_range(self) -> tuple[int, int] | None:
        """First and last UDP port for RTP, for streams made from now on; can be set while running."""
        return self.core.options.rtp_port_range

    @rtp_port_range.setter
    def rtp_port_range(self, value: tuple[int, int] | None) -> None:
        self.core.options.rtp_port_range = value
        self._configure()

    @property
    def playback_dtmf(self) -> bool:
        """Whether DTMF tones are played locally; can be switched while running."""
        return self.core.options.playback_dtmf

    @playback_dtmf.setter
    def playback_dtmf(self, value: bool) -> None:
        self.core.options.playback_dtmf = value

    @property
    def playback_devices(self) -> tuple[str, ...]:
        """Names of the devices that can play; an audio process is asked, and started if there is none."""
        return self.core.sound.devices()[0]

    @property
    def recording_devices(self) -> tuple[str, ...]:
        """Names of the devices that can record; likewise."""
        return self.core.sound.devices()[1]

    @property
    def current_playback_device(self) -> str | None:
        """The device that was set; None: the default one, or none with `auto_sound` False."""
        return self.core.audio.devices[0] or None

    @property
    def current_recording_device(self) -> str | None:
        """The device that was set; likewise."""
        return self.core.audio.devices[1] or None

    def set_sound_devices(
        self,
        playback_device: str | None = None,
        recording_device: str | None = None,
        tail_length: int | None = None,
    ) -> None:
        """Play and record on these devices, in calls made from now on.

        Args:
            playback_device: One of `playback_devices`; None: the default one.
            recording_device: One of `recording_devices`; None: the default one.
            tail_length: Milliseconds of the echo canceller, 0 to 500; None: as it is.

        Raises:
            SIPCoreError: There is no such device, or the engine does not run.
            TypeError: A name is no str.
            ValueError: The tail length is out of range.
        """
        core = self.core
        tail = core.options.ec_tail_length if tail_length is None else tail_length
        tail = checking.integer("tail_length", tail, 0, 500)
        names = (playback_device or "", recording_device or "")
        if any(names):
            for name, known in zip(names, core.sound.devices(), strict=True):
                if not isinstance(name, str):
                    raise TypeError(f"the name of a sound device must be a str, not {name!r}")
                if name and name not in known:
                    raise SIPCoreError(f"no sound device {name!r}; there are: {', '.join(known) or 'none'}")
        core.options.ec_tail_length = tail
        core.audio.devices = names
        self._configure()

    def _configure(self) -> None:
        core = self.core
        core.system.call(core.audio.configure)
