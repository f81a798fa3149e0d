"""Thousands of registrations from one process: what each takes, whether none runs out, how evenly they are refreshed.

The registrar is a process of its own, which loses datagrams in both directions. What is measured of the spread
begins one lifetime after the last registration: the largest share that any fiftieth of a lifetime had of all
refreshes, against an even share. At the end all bindings are to be gone.

Usage: python bench/registrations.py [COUNT [EXPIRES [LIFETIMES [LOSS]]]]
"""

from __future__ import annotations

import gc
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

import gevent
from lines import figure
from processes import Peer, cpu_seconds, resident_bytes

from sipsimple.core import SIPURI, Credentials, Engine, Registration
from sipsimple.notification import NotificationCenter

HERE = Path(__file__).parent
HOST = "127.0.0.1"
GOAL_KIB = 16.0
GOAL_SHARE = 2.0
PARTS = 50
PACE = 1000
WARM_UP = 50


class Observer:
    """Counts what is told."""

    def __init__(self):
        self.counts = Counter()

    def handle_notification(self, notification):
        self.counts[notification.name] += 1


def register(port, count, observer, first=0):
    """Register `count` accounts, at most PACE in a second; return them once all are registered."""
    before = observer.counts["SCRegistrationDidSucceed"]
    made = []
    for number in range(first, first + count):
        uri = SIPURI(HOST, f"user{number}", port=port)
        made.append(Registration(Credentials(uri, "secret", token=f"t{number}"), expires=3600, keep_alive=False))
        made[-1].register()
        if number % 20 == 19:
            gevent.sleep(20 / PACE)
    deadline = time.monotonic() + 120
    while observer.counts["SCRegistrationDidSucceed"] < before + count and time.monotonic() < deadline:
        gevent.sleep(0.05)
    return made


def run(count, expires, lifetimes, registrar):
    observer = Observer()
    NotificationCenter().add_observer(observer)
    Engine().start(local_ip=HOST)
    port = registrar.read()["port"]
    kept = register(port, WARM_UP, observer, 10**6)
    gevent.sleep(0.5)
    gc.collect()
    before = resident_bytes()
    kept += register(port, count, observer)
    begun = registrar.ask("report")["moments"][-1]
    gevent.sleep(6)  # the transactions over UDP are forgotten by then
    gc.collect()
    kib = (resident_bytes() - before) / count / 1024
    cpu = cpu_seconds()
    gevent.sleep((1 + lifetimes) * expires - 6)
    cpu = cpu_seconds() - cpu
    seen = registrar.ask("report")
    moments = [each for each in seen["moments"] if each > begun + expires]
    Engine().stop()
    left = registrar.ask("report")["bindings"]
    NotificationCenter().remove_observer(observer)
    return kib, cpu, moments, seen, left, observer.counts


def largest_share(moments, expires):
    """The largest share of all moments in any fiftieth of a lifetime, as multiple of an even one."""
    parts = Counter(int(each / expires * PARTS) for each in moments)
    whole = max(parts) - min(parts) - 1  # neither the first nor the last part is whole
    inside = [parts[each] for each in range(min(parts) + 1, max(parts))]
    return max(inside) / (sum(inside) / whole)


def main(count="5000", expires="30", lifetimes="2", loss="0.05"):
    count, expires, lifetimes = int(count), int(expires), float(lifetimes)
    with Peer(HERE / "registrar_uas.py", expires, loss) as registrar:
        kib, cpu, moments, seen, left, told = run(count, expires, lifetimes, registrar)
    less = {"smaller_is_better": True}
    refreshes = len(moments)
    print({**told, "lost": seen["lost"], "refreshes": refreshes, "left": left}, file=sys.stderr)
    figure("registrations.memory", kib, "KiB", 1.0, GOAL_KIB, **less)
    figure("registrations.ran_out", seen["late"] / (count + WARM_UP), "of all", 1.0, 0.001, **less)
    figure("registrations.largest_share", largest_share(moments, expires), "of even", 1.0, GOAL_SHARE, **less)
    figure("registrations.cpu", 1e6 * cpu / len(seen["moments"]), "us per refresh", 1.0, 1000.0, **less)
    figure("registrations.left", left, "bindings", 1.0, 0.0, **less)


if __name__ == "__main__":
    main(*sys.argv[1:])
