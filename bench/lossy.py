"""A thousand calls through a network that loses one datagram in ten, and what becomes of them.

Two processes of ours, each reached through a UDP proxy that loses, copies, delays and reorders what it carries, in
both directions. Every call is to be established, or to fail with a reason; every one is to end on both sides, and
nothing is to be left of any.

Usage: python bench/lossy.py [CALLS [LOSS [T1]]]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from lines import figure
from processes import Peer
from sessions import LEFT, WARM_UP

from tests.network.udp_faults import Faults, FaultyNetwork

HERE = Path(__file__).parent
WINDOW = 50


def run(count, faults, sip_t1):
    """Place, count, end and count; returns everything that was said."""
    with FaultyNetwork(faults) as network:
        ports = network.open(), network.open()
        peers = [Peer(HERE / "chat_peer.py", sip_t1, f"advertised={each}") for each in ports]
        with peers[0] as alice, peers[1] as bob:
            for port, peer in zip(ports, peers, strict=True):
                network.attach(port, peer.read()["port"])
            return (*drive(alice, bob, ports[1], count, 3 * 64 * sip_t1 + 10), network.counts)


def drive(alice, bob, port, count, patience):
    alice.ask("call", port=port, count=WARM_UP, window=WARM_UP, greeting=None, seconds=patience)
    alice.ask("end", seconds=patience)
    nothing = {**dict.fromkeys(LEFT, 0), "files": 1000, "actors": 1000, "greenlets": 1000}
    before = [peer.ask("settle", baseline=nothing, seconds=patience) and peer.ask("count") for peer in (alice, bob)]
    placed = alice.ask("call", port=port, count=count, window=WINDOW, greeting=None, seconds=patience)
    ended = alice.ask("end", seconds=patience)
    left = [
        peer.ask("settle", baseline=baseline, seconds=patience)
        for peer, baseline in zip((alice, bob), before, strict=True)
    ]
    return placed, ended, left


def report(count, outcome):
    placed, ended, left, counts = outcome
    print({"placed": placed, "ended": ended, "left": left, "network": counts}, file=sys.stderr)
    more, less = {"smaller_is_better": False}, {"smaller_is_better": True}
    figure("lossy.lost", counts.lost, "datagrams", counts.taken, 0.08, **more)
    figure("lossy.overtaken", counts.overtaken, "datagrams", counts.taken, 0.0, **more)
    figure("lossy.established", placed["done"], "calls", count, 0.99, **more)
    figure("lossy.established_or_failed", placed["done"] + placed["failed"], "calls", count, 1.0, **more)
    figure("lossy.ended", ended["ended"], "calls", count, 1.0, **more)
    for name in LEFT:
        figure(f"lossy.left_{name}", max(0, *(each[name] for each in left)), name, 1, 0.0, **less)


def main(count=1000, loss=0.1, sip_t1=0.2):
    report(count, run(count, Faults(loss=loss), sip_t1))


if __name__ == "__main__":
    main(*(kind(word) for kind, word in zip((int, float, float), sys.argv[1:], strict=False)))
