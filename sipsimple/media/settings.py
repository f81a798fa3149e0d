"""What the pool of audio workers is made with."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass

from sipsimple.errors import LocalProtocolError
from sipsimple.media import wire

PORTS_PER_WORKER = 16
"""RTP ports of one worker when a range is configured: two for each of four calls, as many for those that linger."""

COMMAND = (sys.executable, "-P", "-m", "sipsimple.media.worker")
"""Starts a zygote or a worker; `-P` because nothing of the working directory is ours."""

CAN_FORK = sys.platform == "linux" and hasattr(os, "pidfd_open") and hasattr(socket, "SCM_RIGHTS")
"""Workers can be forked from a zygote: the pool can hand it descriptors and kill what is not its own child."""


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How many workers there are, how they are watched, and what they are configured with.

    Attributes:
        ceiling: Most audio calls at once.
        spare: Empty workers that are kept ready, once audio has been needed.
        idle_seconds: How long an empty worker beyond those is kept.
        calls_per_worker: Calls after which a worker takes no more and is ended when it is empty.
        codecs: See `wire.Configure`.
        clock_rate: See `wire.Configure`.
        use_sound_devices: See `wire.Configure`.
        ec_tail_length: See `wire.Configure`.
        playback_device: See `wire.Configure`.
        recording_device: See `wire.Configure`.
        port_range: First and last RTP port; None: the system chooses. It limits the number of workers.
        pacing: Seconds between two calls that are set up in one worker: pjsip aborts when they come faster than 20/s.
        ping_interval: Seconds between two pings.
        ping_limit: Seconds without a sign of life after which a worker hangs; more than `ping_interval`.
        ready_limit: Seconds that a worker may take to start.
        wait_limit: Seconds after which a wish that cannot be met is refused.
        tries: Starts in a row that fail before wishes are refused.
        use_zygote: Fork the workers from a process that has pjsua2 loaded.
        command: Starts a worker process.
    """

    ceiling: int = 256
    spare: int = 1
    idle_seconds: float = 30.0
    calls_per_worker: int = 500
    codecs: tuple[str, ...] = ("PCMU", "PCMA")
    clock_rate: int = 8000
    use_sound_devices: bool = False
    ec_tail_length: int = 0
    playback_device: str = ""
    recording_device: str = ""
    port_range: tuple[int, int] | None = None
    pacing: float = 0.05
    ping_interval: float = 1.0
    ping_limit: float = 2.0
    ready_limit: float = 10.0
    wait_limit: float = 15.0
    tries: int = 3
    use_zygote: bool = CAN_FORK
    command: tuple[str, ...] = COMMAND

    def __post_init__(self) -> None:
        if self.ceiling < 1 or self.spare < 0 or self.tries < 1 or self.calls_per_worker < 1:
            raise LocalProtocolError("ceiling, tries and calls_per_worker must be at least 1, spare not negative")
        if not 0 < self.ping_interval < self.ping_limit:
            raise LocalProtocolError(f"ping_limit must be more than ping_interval, not {self.ping_limit}")
        if self.port_range is not None and self.port_blocks < 1:
            raise LocalProtocolError(f"port_range must hold {PORTS_PER_WORKER} ports, not {self.port_range}")

    @property
    def port_blocks(self) -> int:
        """How many workers the port range has room for."""
        if self.port_range is None:
            return sys.maxsize
        first, last = self.port_range
        return max(0, last + 1 - _even(first)) // PORTS_PER_WORKER

    def configuration(self) -> wire.Configure:
        """Return what every worker is told first."""
        return wire.Configure(
            self.codecs,
            self.clock_rate,
            self.use_sound_devices,
            self.ec_tail_length,
            self.playback_device,
            self.recording_device,
        )

    def ports(self, block: int) -> tuple[int, int]:
        """Return the first port of a block, and its width; zeros when the system chooses."""
        if self.port_range is None:
            return 0, 0
        return _even(self.port_range[0]) + block * PORTS_PER_WORKER, PORTS_PER_WORKER


def _even(port: int) -> int:
    return port + port % 2
