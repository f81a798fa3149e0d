"""Five times more calls than can be carried: how fast those are set up that are taken, and what becomes of the rest.

SIPp calls at an even rate, over UDP. First the capacity is sought: the highest
rate at which every call is set up and none is refused or repeated. Its set-up
times are the nominal ones. Then comes five times as much, then a little less
than the capacity again.

Usage: python bench/overload.py [SECONDS [BURST STANDING]]
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lines import figure
from processes import Peer

HERE = Path(__file__).parent
T1 = 0.1
"""Seconds: finished transactions are kept for 6.4 s, so that the memory of a run of this length has become steady."""
TIMES = 5
LOWEST, HIGHEST, STEP = 200, 4000, 1.15
PROBE_SECONDS = 4
CALM = 3
RECOVERY = 2
LIMIT = 60


@dataclass
class Run:
    """What SIPp counted at one rate."""

    rate: int
    accepted: int
    refused: int
    failed: int
    repeats: int
    setup_ms: list[float]

    @property
    def p99(self):
        return sorted(self.setup_ms)[int(0.99 * (len(self.setup_ms) - 1))] if self.setup_ms else float("inf")

    @property
    def is_good(self):
        return not (self.refused or self.failed or self.repeats) and self.accepted > 0

    def __str__(self):
        times = sorted(self.setup_ms)
        at = {q: times[int(q * (len(times) - 1))] for q in (0.5, 0.9, 0.99, 1) if times}
        quantiles = " ".join(f"p{100 * q:g}={value:.0f}" for q, value in at.items())
        return (
            f"{self.rate}/s: accepted {self.accepted}, 503 {self.refused}, failed {self.failed}, "
            f"repeats {self.repeats}, set-up ms {quantiles}"
        )


def call(port, rate, seconds):
    """Call at an even rate."""
    with tempfile.TemporaryDirectory() as directory:
        statistic = Path(directory, "statistic.csv")
        target = ["-s", "bob", f"127.0.0.1:{port}", "-i", "127.0.0.1", "-mi", "127.0.0.1"]
        pace = ["-r", rate, "-rp", 1000, "-m", rate * seconds, "-l", 50_000, "-recv_timeout", 20_000, "-timeout", LIMIT]
        trace = ["-trace_stat", "-stf", statistic, "-fd", 1, "-trace_rtt", "-rtt_freq", 1000]
        scenario = ["-sf", HERE / "uac_overload.xml"]
        command = ["sipp", *scenario, *target, *pace, *trace, "-nostdin", "-buff_size", 4_000_000]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([str(each) for each in command], cwd=directory, timeout=LIMIT + 30, check=False, **quiet)
        with statistic.open(encoding="latin-1", newline="") as lines:
            *_, last = csv.DictReader(lines, delimiter=";")
        times = [time for path in Path(directory).glob("*rtt*.csv") for time in setup_times(path)]
    refused, done = int(last["GenericCounter1(C)"]), int(last["SuccessfulCall(C)"])
    failed, repeats = int(last["FailedCall(C)"]), int(last["Retransmissions(C)"])
    run = Run(rate, done - refused, refused, failed, repeats, times)
    print(run, file=sys.stderr)
    return run


def setup_times(path):
    with path.open(encoding="latin-1", newline="") as lines:
        return [float(row[1]) for row in list(csv.reader(lines, delimiter=";"))[1:] if len(row) > 1]


def capacity(port):
    """Return the best run of the highest rate that is good."""
    rate, best = LOWEST, None
    while rate <= HIGHEST:
        run = call(port, rate, PROBE_SECONDS)
        if not run.is_good:
            break
        best, rate = run, int(rate * STEP)
    return best


def report(nominal, overload, after, counts):
    before, during, end = counts
    less, more = {"smaller_is_better": True}, {"smaller_is_better": False}
    figure("overload.capacity", nominal.rate, "calls/s", nominal.rate, 1.0, **more)
    figure("overload.setup_p99", overload.p99, "ms", nominal.p99, 1.5, **less)
    figure("overload.accepted", overload.accepted / len_seconds(overload), "calls/s", nominal.rate, 0.5, **more)
    total = overload.rate * len_seconds(overload)
    figure("overload.taken_or_told_503", overload.accepted + overload.refused, "calls", total, 1.0, **more)
    figure("overload.memory", during["rss"], "bytes", before["rss"], 1.1, **less)
    some = max(1, after.accepted / 1000)
    figure("overload.refused_2_s_after", after.refused + after.failed, "calls", some, 0.0, **less)
    figure("overload.setup_p99_2_s_after", after.p99, "ms", nominal.p99, 1.5, **less)
    print({"before": before, "during": during, "end": end}, file=sys.stderr)


def len_seconds(run):
    return (run.accepted + run.refused + run.failed) / run.rate


def main(seconds=20.0, burst=0.05, standing=0.005):
    if shutil.which("sipp") is None:
        print("overload: SIPp (Debian: sip-tester) is not installed: not measured", file=sys.stderr)
        return
    with Peer(HERE / "overload_uas.py", T1, burst, standing) as peer:
        port = peer.read()["port"]
        call(port, LOWEST, 2)
        nominal = capacity(port)
        nominal = call(port, nominal.rate, 10)
        call(port, TIMES * nominal.rate, 5)  # memory settles: as many transactions linger as ever will
        before = peer.ask("count")
        call(port, LOWEST, CALM)  # the throttle opens: the beginning of the overload is measured too
        overload = call(port, TIMES * nominal.rate, int(seconds))
        during = peer.ask("count")
        call(port, int(0.8 * nominal.rate), RECOVERY)
        after = call(port, int(0.8 * nominal.rate), 5)
        report(nominal, overload, after, (before, during, peer.ask("count")))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
