"""What a benchmark needs of other processes: a peer that answers in JSON lines, CPU time and memory from /proc."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_seconds(pid: int | str = "self") -> float:
    """Return user and system time of a process; the kernel counts in steps of 10 ms."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def cpu_nanoseconds(pid: int) -> int:
    """Return what all threads of a process have used, as the scheduler counts it; 0 when it has ended."""
    used = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            used += int(thread.read_text(encoding="ascii").split()[0])
        except OSError:
            continue
    return used


def descendants(pid: int) -> list[int]:
    """Return the processes below one, whatever their depth."""
    found = []
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(each) for each in thread.read_text(encoding="ascii").split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def resident_bytes(pid: int | str = "self") -> int:
    """Return the resident set size of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE


def open_files(pid: int | str = "self") -> int:
    """Count the file descriptors of a process."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def raise_open_files() -> int:
    """Allow as many open files as the hard limit says, and return how many that is."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


class Peer:
    """A Python script as a process of its own, which says JSON lines and ends with its standard input."""

    def __init__(self, script, *words):
        command = [sys.executable, str(script), *map(str, words)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def read(self):
        """Wait for the next line and return what it says."""
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args} ended with {self.process.wait()}")
        return json.loads(line)

    def tell(self, word, **details):
        """Write one line."""
        self.process.stdin.write(json.dumps({"word": word, **details}) + "\n")
        self.process.stdin.flush()

    def ask(self, word, **details):
        """Write one line and wait for one."""
        self.tell(word, **details)
        return self.read()


def say(**details):
    """Say one line to the process that started this one."""
    print(json.dumps(details), flush=True)
