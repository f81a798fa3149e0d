"""Many established chat sessions at once between two processes of ours, then none, and nothing left of them.

Each session carries one message that is delivered. What is left is counted when
the transactions have been kept as long as they must be.

Usage: python bench/sessions.py [SESSIONS [T1]]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lines import figure
from processes import Peer, raise_open_files

PEER = Path(__file__).parent / "chat_peer.py"
SPARE_FILES = 200
WINDOW = 16
WARM_UP = 20
LEFT = ("sessions", "actors", "greenlets", "files", "timers", "transactions", "routes")


def warm_up(alice, bob, port, kept):
    """Have everything made that is made once, and return what there is then."""
    alice.ask("call", port=port, count=WARM_UP, window=WINDOW, greeting="hello", seconds=30)
    alice.ask("end", seconds=30)
    nothing = {**dict.fromkeys(LEFT, 0), "files": 1000, "actors": 1000, "greenlets": 1000}
    return [peer.ask("settle", baseline=nothing, seconds=kept) and peer.ask("count") for peer in (alice, bob)]


def run(count, sip_t1):
    """Place, count, end and count; returns everything that was said."""
    kept = 64 * sip_t1 + 10
    with Peer(PEER, sip_t1) as bob, Peer(PEER, sip_t1) as alice:
        port = bob.read()["port"]
        alice.read()
        before = warm_up(alice, bob, port, kept)
        placed = alice.ask("call", port=port, count=count, window=WINDOW, greeting="hello", seconds=60)
        peak = [peer.ask("count") for peer in (alice, bob)]
        ended = alice.ask("end", seconds=60 + count / 100)
        left = [
            peer.ask("settle", baseline=baseline, seconds=kept)
            for peer, baseline in zip((alice, bob), before, strict=True)
        ]
    return before, placed, peak, ended, left


def report(count, outcome):
    before, placed, peak, ended, left = outcome
    print({"placed": placed, "peak": peak, "ended": ended, "left": left}, file=sys.stderr)
    more, less = {"smaller_is_better": False}, {"smaller_is_better": True}
    figure("sessions.established", min(each["sessions"] for each in peak), "sessions", count, 1.0, **more)
    figure("sessions.delivered", placed["done"], "messages", count, 1.0, **more)
    figure("sessions.set_up_rate", count / placed["seconds"], "1/s", 100, 1.0, **more)
    figure("sessions.ended", ended["ended"], "sessions", count, 1.0, **more)
    for side, start, top in zip(("caller", "answerer"), before, peak, strict=True):
        figure(f"sessions.memory_{side}", (top["rss"] - start["rss"]) / count / 1024, "KiB", 40, 1.0, **less)
    for name in LEFT:
        figure(f"sessions.left_{name}", max(0, *(each[name] for each in left)), name, 1, 0.0, **less)


def main(count=10_000, sip_t1=0.2):
    most = raise_open_files() - SPARE_FILES
    if count > most:
        print(f"sessions: {most} in place of {count}: no more files may be open (ulimit -Hn)", file=sys.stderr)
        count = most
    report(count, run(count, sip_t1))


if __name__ == "__main__":
    main(*(kind(word) for kind, word in zip((int, float), sys.argv[1:], strict=False)))
