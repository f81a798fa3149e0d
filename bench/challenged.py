"""CPU time of a call that is challenged, against one that is not: both ends, INVITE to BYE, in the same run.

The first INVITE, its 401 and ACK come on top, and a digest on each side for INVITE and BYE (SHA-256).

Usage: python bench/challenged.py [CALLS [IN_FLIGHT]]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lines import figure
from processes import Peer

PEER = Path(__file__).parent / "challenged_peer.py"
GOAL = 1.4
WARM_UP = 200


def measure(calls, in_flight, *words):
    """Return microseconds of CPU per call, and how many failed."""
    with Peer(PEER, *words) as peer:
        peer.read()
        peer.ask("call", count=WARM_UP, window=in_flight)
        told = peer.ask("call", count=calls, window=in_flight)
    return 1e6 * told["cpu"] / max(1, told["ended"]), calls - told["ended"] + told["failed"]


def main(calls=2000, in_flight=20):
    before, _ = measure(calls, in_flight)
    us, failed = measure(calls, in_flight, "asking")
    after, _ = measure(calls, in_flight)
    figure("challenged.cpu_per_call", us, "us", (before + after) / 2, GOAL, smaller_is_better=True)
    figure("challenged.failed", failed, "calls", max(1, calls / 1000), 0.0, smaller_is_better=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
