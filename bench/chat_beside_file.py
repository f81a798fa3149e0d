"""How long a chat message takes until it is answered, beside a file on the same MSRP connection.

The bound is the same chat without a file, in the same run. Two processes, our actors without SIP; the receiver of the
file keeps nothing, so that the connection is as busy as it can be. All take turns; each figure is a median.

Usage: python bench/chat_beside_file.py [MESSAGES [FILES]]
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

from lines import figure
from processes import Peer

END = Path(__file__).parent / "msrp_end.py"
GOAL = 5.0
ROUNDS = 3
PACE = 200.0  # messages a second
SIZE = 1 << 35


@contextmanager
def both(tls):
    """The two processes."""
    words = ("tls",) if tls else ()
    with Peer(END, *words) as alice, Peer(END, *words) as bob:
        alice.read(), bob.read()
        yield alice, bob


def connect(alice, bob, count):
    """Have chats between the two processes, on one connection."""
    theirs, mine = bob.ask("open", count=count), alice.ask("open", count=count)
    bob.ask("start", paths=mine["paths"], fingerprint=None, active=False)
    return alice.ask("start", paths=theirs["paths"], fingerprint=theirs["fingerprint"], active=True)


def begin_file(alice, bob, source, target):
    offer = alice.ask("file", role="send", path=str(source))["line"]
    answer = bob.ask("file", role="receive", path=str(target), line=offer)["line"]
    alice.ask("go", line=answer)


def measure(count, files, tls, where):
    """Milliseconds p50 and p99 without and with files, and what the files moved meanwhile in MiB/s."""
    source = Path(where, "file.bin")
    with both(tls) as (alice, bob):
        connect(alice, bob, 1)
        alice.ask("talk", count=50, rate=PACE, chats=1)
        idle = alice.ask("talk", count=count, rate=PACE, chats=1)
        for number in range(files):
            begin_file(alice, bob, source, Path(where, f"in-{number}"))
        before, begun = alice.ask("moved")["moved"], time.perf_counter()
        beside = alice.ask("talk", count=count, rate=PACE, chats=1)
        ends = alice.ask("moved"), bob.ask("moved")
        moved = (ends[0]["moved"] - before) / (time.perf_counter() - begun) / (1 << 20)
    return idle, beside, moved, max(each["rss"] for each in ends) / (1 << 20)


def main(count=600, files=1):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as where:
        with Path(where, "file.bin").open("wb") as file:
            file.truncate(SIZE)
        for tls in (False, True):
            rounds = [measure(count, files, tls, where) for _ in range(ROUNDS)]
            name = f"chat_beside_file_{'tls' if tls else 'tcp'}"
            rate, most = median(each[2] for each in rounds), max(each[3] for each in rounds)
            print(f"{name}: {files} file(s) moved {rate:.0f} MiB/s meanwhile, in {most:.0f} MiB", file=sys.stderr)
            for part in ("p50", "p99"):
                idle, beside = (median(1000 * each[place][part] for each in rounds) for place in (0, 1))
                figure(f"{name}.{part}", beside, "ms", idle, GOAL, smaller_is_better=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
