"""CPU time per whole call, INVITE to BYE, of our engine against the least that answers.

SIPp calls both, one after the other, over UDP and with many calls in flight. Ours
goes through the public API: an observer on each bus, one of which accepts the chat.

Usage: python bench/calls.py [CALLS [IN_FLIGHT]]
"""

from __future__ import annotations

import csv
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lines import figure
from processes import Peer, cpu_seconds

HERE = Path(__file__).parent
GOAL, STRETCH = 8.0, 6.0
WARM_UP = 500
UNPACED = 40_000
LIMIT = 300


@dataclass
class Run:
    """What SIPp counted, and what the answerer's process used."""

    cpu: float
    answered: int
    failed: int
    repeats: int
    setup_ms: list[float]

    @property
    def us_per_call(self):
        return 1e6 * self.cpu / max(1, self.answered)


def run_sipp(port, calls, in_flight, directory):
    """Place the calls; returns the last row of SIPp's statistics and the set-up times."""
    statistic = directory / "statistic.csv"
    target = ["-s", "bob", f"127.0.0.1:{port}", "-i", "127.0.0.1", "-mi", "127.0.0.1"]
    pace = ["-r", UNPACED, "-rp", 1000, "-m", calls, "-l", in_flight, "-recv_timeout", 10_000, "-timeout", LIMIT]
    trace = ["-trace_stat", "-stf", statistic, "-fd", 1, "-trace_rtt", "-rtt_freq", 1000]
    command = ["sipp", "-sf", HERE / "uac_chat.xml", *target, *pace, *trace, "-nostdin", "-buff_size", 4_000_000]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([str(each) for each in command], cwd=directory, timeout=LIMIT + 30, check=False, **quiet)
    with statistic.open(encoding="latin-1", newline="") as lines:
        *_, last = csv.DictReader(lines, delimiter=";")
    return last, [time for path in directory.glob("*rtt*.csv") for time in setup_times(path)]


def setup_times(path):
    with path.open(encoding="latin-1", newline="") as lines:
        return [float(row[1]) for row in list(csv.reader(lines, delimiter=";"))[1:] if len(row) > 1]


def drive(peer, port, calls, in_flight):
    """Call a running answerer and charge its process for it."""
    with tempfile.TemporaryDirectory() as directory:
        before = cpu_seconds(peer.pid)
        last, times = run_sipp(port, calls, in_flight, Path(directory))
        used = cpu_seconds(peer.pid) - before
    return Run(used, *(int(last[name]) for name in ("SuccessfulCall(C)", "FailedCall(C)", "Retransmissions(C)")), times)


def measure(script, calls, in_flight, *words):
    with Peer(HERE / script, *words) as peer:
        port = peer.read()["port"]
        drive(peer, port, WARM_UP, in_flight)
        return drive(peer, port, calls, in_flight)


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def report(ours, bounds):
    us, bound = ours.us_per_call, statistics.median(run.us_per_call for run in bounds)
    better = {"smaller_is_better": True}
    figure("calls.cpu_per_call", us, "us", bound, GOAL, **better)
    figure("calls.cpu_per_call_stretch", us, "us", bound, STRETCH, **better)
    # one call in a thousand is the bound: nothing at all is the goal, and a ratio needs a divisor
    figure("calls.failed", ours.failed, "calls", max(1, ours.answered / 1000), 0.0, **better)
    figure("calls.retransmissions", ours.repeats, "messages", max(1, ours.answered / 1000), 1.0, **better)
    if ours.setup_ms and bounds[0].setup_ms:
        p99 = [statistics.median(percentile(run.setup_ms, 0.99) for run in runs) for runs in ([ours], bounds)]
        figure("calls.setup_p99", p99[0], "ms", max(0.1, p99[1]), 2 * GOAL, **better)


def main(calls=10_000, in_flight=100):
    if shutil.which("sipp") is None:
        print("calls: SIPp (Debian: sip-tester) is not installed, so nobody can call: not measured", file=sys.stderr)
        return
    bounds = [measure("bare_uas.py", 2 * calls, in_flight)]
    ours = measure("chat_uas.py", calls, in_flight)
    bounds.append(measure("bare_uas.py", 2 * calls, in_flight))
    report(ours, bounds)
    tuned = measure("chat_uas.py", calls, in_flight, "tuned")
    bound = statistics.median(run.us_per_call for run in bounds)
    figure("calls.cpu_per_call_tuned_collector", tuned.us_per_call, "us", bound, GOAL, smaller_is_better=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
