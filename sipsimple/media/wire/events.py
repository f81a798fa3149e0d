"""What an audio worker tells the engine."""

from __future__ import annotations

from typing import TypeAlias

from sipsimple.media.wire.message import Message


class Ready(Message, frozen=True):
    """The worker is up; the first message.

    Attributes:
        version: Of this wire format.
        pid: Of the process.
        sip_port: UDP port of its user agent on 127.0.0.1.
        capacity: Calls that it can hold at once.
        codecs: Names that it can use.
        playback_devices: Names of sound devices.
        recording_devices: Likewise.
    """

    version: int
    pid: int
    sip_port: int
    capacity: int
    codecs: tuple[str, ...]
    playback_devices: tuple[str, ...] = ()
    recording_devices: tuple[str, ...] = ()


class Flowing(Message, frozen=True):
    """The media of the leg began, or began anew after a re-INVITE.

    Attributes:
        leg: Token.
        codec: Name; empty when the direction is inactive.
        clock_rate: Of its audio, Hz: 16000 for G722, whose RTP clock says 8000.
        direction: As the worker sees it: sendrecv, sendonly, recvonly, inactive.
        local: `host:port` of RTP.
        remote: `host:port` that the description names.
        srtp_suite: Crypto suite in use; empty: plain RTP.
    """

    leg: str
    codec: str
    clock_rate: int
    direction: str
    local: str
    remote: str
    srtp_suite: str = ""


class Closed(Message, frozen=True):
    """The leg has ended without `Close`, or could not be opened.

    Attributes:
        leg: As in `Open`.
        reason: For people.
        is_lasting: It could not be opened, and another worker would say the same: what was asked for is to blame.
    """

    leg: str
    reason: str
    is_lasting: bool = False


class GotDigit(Message, frozen=True):
    """The peer sent a DTMF digit; told once, when it begins."""

    leg: str
    digit: str


class PlayingEnded(Message, frozen=True):
    """A player came to its end, or could not begin: `error` says why. Not sent for one that was stopped."""

    leg: str
    player: int
    error: str = ""


class Recording(Message, frozen=True):
    """The recorder has opened its file; not sent for one that could not begin."""

    leg: str
    file_name: str


class Recorded(Message, frozen=True):
    """The recording is closed and readable, or could not begin or go on: `error` says why."""

    leg: str
    file_name: str
    error: str = ""


class Refused(Message, frozen=True):
    """A command could not be carried out."""

    leg: str
    command: str
    reason: str


class Statistics(Message, frozen=True):
    """Counters of one leg since its stream began.

    Attributes:
        leg: Token.
        packets_received: RTP packets.
        packets_sent: Likewise.
        bytes_received: Of payload.
        bytes_sent: Likewise.
        packets_lost: As receiver.
        packets_lost_by_peer: As its RTCP says.
        jitter_ms: Mean, as receiver.
        round_trip_ms: By RTCP; 0 when unknown.
        remote: `host:port` that RTP comes from; empty before the first packet.
        codec: Name.
    """

    leg: str
    packets_received: int = 0
    packets_sent: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    packets_lost: int = 0
    packets_lost_by_peer: int = 0
    jitter_ms: float = 0.0
    round_trip_ms: float = 0.0
    remote: str = ""
    codec: str = ""


class Pong(Message, frozen=True):
    """The answer to `Ping`, with the counters of every leg that has media."""

    number: int
    statistics: tuple[Statistics, ...] = ()


class Said(Message, frozen=True):
    """A line for the log. Level: 1 error, 2 warning, 3 information."""

    level: int
    text: str


Event: TypeAlias = Ready | Flowing | Closed | GotDigit | PlayingEnded | Recording | Recorded | Refused | Pong | Said
