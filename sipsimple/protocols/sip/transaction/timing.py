"""The base intervals of the transaction timers: RFC 3261 §17.1.1.1, §17.1.2.2 and its table of timers (appendix A)."""

from __future__ import annotations

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.values import Value


class Timing(Value):
    """Seconds from which every transaction timer is computed.

    Args:
        t1: Estimate of the round trip time; the first interval between two sendings.
        t2: Longest interval between two sendings of a non-INVITE request or an INVITE response.
        t4: Longest time that a message stays in the network.
        wait_d: How long a failed INVITE's ACK is kept for repeats of the failure (timer D).
            Not computed from `t1`: the peer has its own T1.
        trying_after: Silence of the user of an INVITE server transaction after which it sends 100.
    """

    t1: float = 0.5
    t2: float = 4.0
    t4: float = 5.0
    wait_d: float = 32.0
    trying_after: float = 0.2

    def __post_init__(self) -> None:
        """Refuse intervals with which a machine would spin or never end."""
        if not (0 < self.t1 <= self.t2 and self.t4 > 0 and self.wait_d > 0 and self.trying_after > 0):
            raise LocalProtocolError(f"not usable as timer intervals: {self}")

    @property
    def timeout(self) -> float:
        """64*T1: the seconds after which a transaction has failed (timers B, F, H, J, L, M)."""
        return 64 * self.t1


DEFAULT_TIMING = Timing()
