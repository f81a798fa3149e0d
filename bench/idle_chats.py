"""Ten thousand idle chats between two processes, then messages spread over all of them: how long each takes.

Our chat actors at both ends, set up without SIP. All chats share one connection, as sessions between two hosts do.
`idle_chats.p50` and `.p99` are from sending a message to its 200 OK; their bound is a single chat of the same run, and
the goal of p99 is 50 ms whatever that is.

Usage: python bench/idle_chats.py [CHATS [MESSAGES_PER_SECOND [SECONDS]]]
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from chat_beside_file import both, connect
from lines import figure

MOST_MS = 50.0
PACE = 200.0


def main(chats=10_000, rate=5_000, seconds=10):
    with both(tls=False) as (alice, bob):
        connect(alice, bob, 1)
        alice.ask("talk", count=50, rate=PACE, chats=1)
        idle = alice.ask("talk", count=1000, rate=PACE, chats=1)
    with both(tls=False) as (alice, bob):
        before = [each.ask("moved")["rss"] for each in (alice, bob)]
        begun = connect(alice, bob, chats)["seconds"]
        after = [each.ask("moved") for each in (alice, bob)]
        alice.ask("talk", count=chats, rate=rate, chats=chats)
        busy = alice.ask("talk", count=rate * seconds, rate=rate, chats=chats)
    kib = [(end["rss"] - start) / chats / 1024 for end, start in zip(after, before, strict=True)]
    told = f"{chats} chats begun in {begun:.1f} s, {kib[0]:.1f} and {kib[1]:.1f} KiB each"
    print(f"{told}; slowest message {1000 * busy['most']:.1f} ms", file=sys.stderr)
    figure("idle_chats.rate", busy["delivered"] / busy["seconds"], "1/s", rate, 0.9, smaller_is_better=False)
    for part in ("p50", "p99"):
        figure(f"idle_chats.{part}", 1000 * busy[part], "ms", 1000 * idle[part], MOST_MS / (1000 * idle[part]),
               smaller_is_better=True)  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
