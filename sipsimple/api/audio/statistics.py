"""How an audio stream fares, as applications read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AudioStatistics:
    """Counters of an audio stream since it began, at most a second or so old.

    They begin anew after a re-INVITE and after a move to another audio process.

    Attributes:
        packets_received: RTP packets.
        packets_sent: Likewise.
        bytes_received: Of payload.
        bytes_sent: Likewise.
        packets_lost: On the way to us.
        packets_lost_by_peer: On the way to the peer, as its RTCP says.
        jitter_ms: Mean, of what comes to us.
        round_trip_ms: By RTCP; 0 while unknown.
        codec: Name of the codec; empty before it is known.
        restarts: How often the audio process under the stream was replaced.
    """

    packets_received: int = 0
    packets_sent: int = 0
    bytes_received: int = 0
    bytes_sent: int = 0
    packets_lost: int = 0
    packets_lost_by_peer: int = 0
    jitter_ms: float = 0.0
    round_trip_ms: float = 0.0
    codec: str = ""
    restarts: int = 0
