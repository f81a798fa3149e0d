"""What an audio leg is made with, and what can be read of it at any time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.media.wire import Statistics

SRTP_OFF, SRTP_OPTIONAL, SRTP_FORCED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Settings:
    """How the RTP of a leg is set up: the same words as `wire.Open`.

    Attributes:
        address: Local address for RTP; empty: any.
        public_address: Written into the description instead; empty: `address`.
        srtp: `SRTP_OFF`, `SRTP_OPTIONAL` or `SRTP_FORCED`.
        ice: Gather candidates.
        stun: `host:port` of the STUN server; empty: none.
        turn: `host:port` of the TURN server; empty: none.
        turn_user: Its user.
        turn_password: Its password.
    """

    address: str = ""
    public_address: str = ""
    srtp: int = SRTP_OFF
    ice: bool = False
    stun: str = ""
    turn: str = ""
    turn_user: str = ""
    turn_password: str = field(default="", repr=False)


Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a leg; each is None, empty or False until it is.

    After the end the last values stay, but for `is_running` and `recording_file_name`.

    Attributes:
        is_running: Audio flows, or could: what was agreed is set up in a worker.
        codec: Name, as in `PCMU`.
        sample_rate: Of the codec's RTP clock, Hz.
        direction: As this side sees it: sendrecv, sendonly, recvonly, inactive.
        srtp_suite: Crypto suite in use; empty: plain RTP.
        local: Address and port in our line.
        remote: Address and port in the peer's line.
        received: Address and port that RTP comes from.
        statistics: The counters, not older than the interval of the pool's pings.
        was_received: RTP has come at least once.
        recording_file_name: Set from `StartRecording` to `StopRecording`, or to an end that nobody asked for.
        recordings: Number of the last `StartRecording` that was taken.
        takes_digits: The peer takes DTMF; taken for granted until its line is known.
        is_held: Either side holds.
        is_bridged: The other leg hears this one.
        worker: Name of the worker process.
        worker_pid: Its pid.
        restarts: How often the audio went on in another worker because one was lost.
    """

    is_running: bool = False
    codec: str | None = None
    sample_rate: int | None = None
    direction: str | None = None
    srtp_suite: str = ""
    local: Address | None = None
    remote: Address | None = None
    received: Address | None = None
    statistics: Statistics | None = None
    was_received: bool = False
    recording_file_name: str | None = None
    recordings: int = 0
    takes_digits: bool = True
    is_held: bool = False
    is_bridged: bool = False
    worker: str | None = None
    worker_pid: int | None = None
    restarts: int = 0
