"""Audio calls between two processes of ours: how many, at what cost, and how soon one goes on when its worker dies.

What a call costs is compared with a bare pjsua2 that holds calls with itself,
in the same run. Every packet of every call is counted.

Usage: python bench/audio.py [CALLS [SECONDS [SHORT_CALLS]]]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lines import figure
from processes import Peer, cpu_nanoseconds

HERE = Path(__file__).parent
PEER, BARE = HERE / "audio_peer.py", HERE / "bare_worker.py"
BARE_PAIRS, BARE_CALLS = 5, 4
PACKETS_PER_SECOND = 50
WINDOW = 8
CEILING = 8
LINGERING = 34
"""Seconds after which the last transaction of a call, and the last worker too many, have ended: 64*T1 is 32 s."""

LOSSES_FORGOTTEN_AFTER = 31
"""Seconds: a call that loses its third audio process within 30 s is ended."""

FEWER, MORE = {"smaller_is_better": True}, {"smaller_is_better": False}


def bare_cost(seconds):
    """Return the CPU seconds of one bare pjsua2 call leg in a second."""
    answering = [Peer(BARE, "answer") for _ in range(BARE_PAIRS)]
    peers = answering + [Peer(BARE, "call", each.read()["port"]) for each in answering]
    try:
        for each in peers[BARE_PAIRS:]:
            each.read()
        time.sleep(2)
        before = [cpu_nanoseconds(each.pid) for each in peers]
        time.sleep(seconds)
        used = sum(cpu_nanoseconds(each.pid) - was for each, was in zip(peers, before, strict=True))
    finally:
        for each in peers:
            each.__exit__()
    return used / 1e9 / seconds / (2 * BARE_PAIRS * BARE_CALLS)


def hold(peers, seconds):
    """Let the calls go on; return the CPU per leg, and the slowest and the fastest of all directions in packets/s."""
    before = [(peer.ask("cpu"), peer.ask("packets")) for peer in peers]
    time.sleep(seconds)
    after = [(peer.ask("cpu"), peer.ask("packets")) for peer in peers]
    engine = workers = legs = 0
    rates = []
    for (cpu, packets), (cpu_after, packets_after) in zip(before, after, strict=True):
        span = cpu_after["at"] - cpu["at"]
        engine += (cpu_after["engine"] - cpu["engine"]) / 1e9 / span
        workers += (cpu_after["workers"] - cpu["workers"]) / 1e9 / span
        legs += len(packets_after["calls"])
        span = packets_after["at"] - packets["at"]
        for was, now in zip(packets["calls"], packets_after["calls"], strict=True):
            rates += [(now[way] - was[way]) / span for way in (0, 1)]
    print({"engine_cpu": engine, "workers_cpu": workers, "legs": legs, "rates": [min(rates), max(rates)],
           "processes": [cpu["processes"] for cpu, _ in after]}, file=sys.stderr)  # fmt: skip
    return (engine + workers) / legs, min(rates), max(rates)


def concurrent(count, seconds, bare):
    with Peer(PEER, count + 16) as bob, Peer(PEER, count + 16) as alice:
        port = bob.read()["port"]
        alice.read()
        placed = alice.ask("call", port=port, count=count, window=WINDOW, seconds=60)
        print(placed, file=sys.stderr)
        time.sleep(3)
        cost, slowest, fastest = hold((alice, bob), seconds)
        figure("audio.calls", placed["started"], "calls", count, 1.0, **MORE)
        figure("audio.set_up_rate", placed["started"] / placed["seconds"], "1/s", 20, 1.0, **MORE)
        figure("audio.slowest_direction", slowest, "packets/s", PACKETS_PER_SECOND, 0.95, **MORE)
        figure("audio.fastest_direction", fastest, "packets/s", PACKETS_PER_SECOND, 1.05, **FEWER)
        figure("audio.cpu_per_call", cost * 1000, "ms/s", bare * 1000, 1.3, **FEWER)
        lose_workers(alice)
        print(alice.ask("end", seconds=30), file=sys.stderr)


def lose_workers(alice):
    """Kill each worker, one after another, then stop one."""
    calls, sessions, ended, gaps = 0, 0, 0, []
    pids = alice.ask("workers")["pids"]
    for pid in pids:
        told = alice.ask("lose", pid=pid, seconds=10, how="SIGKILL")
        calls += told["calls"]
        sessions += told["sessions"]
        ended += told["ended"]
        gaps += told["recovered"]
        time.sleep(0.2)
    gaps.sort()
    print({"killed": len(pids), "calls": calls, "gaps_ms": gaps}, file=sys.stderr)
    figure("audio.recovered_calls", sessions, "calls", calls, 1.0, **MORE)
    figure("audio.restarts_told", len(gaps), "notifications", calls, 1.0, **FEWER)
    figure("audio.lost_calls", ended, "calls", 1, 0.0, **FEWER)
    figure("audio.recovery_p50", gaps[len(gaps) // 2], "ms", 1000, 0.1, **FEWER)
    figure("audio.recovery_p99", gaps[-1 - len(gaps) // 100], "ms", 1000, 1.0, **FEWER)
    time.sleep(LOSSES_FORGOTTEN_AFTER)
    told = alice.ask("lose", pid=alice.ask("workers")["pids"][0], seconds=10, how="SIGSTOP")
    print({"stopped": told}, file=sys.stderr)
    figure("audio.recovered_from_a_hang", told["sessions"], "calls", told["calls"], 1.0, **MORE)


def refusal():
    """Ask for one call more than there may be."""
    with Peer(PEER, 2 * CEILING) as bob, Peer(PEER, CEILING) as alice:
        port = bob.read()["port"]
        alice.read()
        placed = alice.ask("call", port=port, count=CEILING + 1, window=CEILING + 1, seconds=30)
    print(placed, file=sys.stderr)
    figure("audio.refused_at_the_ceiling", placed["failed"], "calls", 1, 1.0, **MORE)


def short(count):
    """Place and end many calls in rounds; nothing may grow from the first rounds to the last."""
    with Peer(PEER) as bob, Peer(PEER) as alice:
        port = bob.read()["port"]
        alice.read()
        counted = []
        for _ in range(0, count, 100):
            placed = alice.ask("call", port=port, count=100, window=WINDOW, seconds=60)
            alice.ask("end", seconds=60)
            counted.append(alice.ask("count"))
            if placed["failed"]:
                print(placed, file=sys.stderr)
        time.sleep(LINGERING)
        counted.append(alice.ask("count"))
    settled, last = counted[len(counted) // 2], counted[-1]
    print({"first": counted[0], "half": settled, "last": last}, file=sys.stderr)
    for name in ("processes", "files", "actors", "timers"):
        figure(f"audio.short_calls_{name}", last[name], name, max(settled[name], 1), 1.1, **FEWER)
    for name in ("rss", "workers_rss"):
        figure(f"audio.short_calls_{name}", last[name] / 2**20, "MiB", settled[name] / 2**20, 1.1, **FEWER)


def main(count=200, seconds=10, short_calls=2000):
    bare = bare_cost(seconds)
    concurrent(count, seconds, bare)
    refusal()
    short(short_calls)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
