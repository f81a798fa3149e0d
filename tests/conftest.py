"""What holds for every test: hypothesis runs the same everywhere, and nothing stays behind.

After each test there is no greenlet, thread or file descriptor that was not
there before it, though they get a moment to finish.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gevent
import greenlet
import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.actors.wire.authority import Authority

ROOT = Path(__file__).parents[1]
SETTLE_SECONDS = 2.0
DESCRIPTORS = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"

# The tests import what they share by its place in the tree; importlib mode adds no path by itself.
sys.path.insert(0, str(ROOT))

# A loaded machine must not fail a property, so neither has a deadline; `CI` in the environment makes runs repeatable.
settings.register_profile("dev", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have the longest lanes begin first where several processes share the tests."""
    if hasattr(config, "workerinput"):
        from tests.lanes import rank

        items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Have each process run whole lanes (`tests/lanes.py`), whatever `--dist` says."""
    from tests.lanes import Lanes

    config.option.loadscopereorder = False
    return Lanes(config, log)


@pytest.fixture(scope="session", autouse=True)
def hub() -> None:
    """Open the descriptors that the main thread's hub keeps for good before anything is counted."""
    gevent.sleep(0)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that signs certificates for the tests."""
    from tests.actors.wire.authority import Authority

    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def nothing_stays_behind() -> Iterator[None]:
    """Fail the test that leaves a greenlet, a thread or a descriptor."""
    gevent.sleep(0)  # the hub is there before anything is counted, also for a test with a parameter `hub` of its own
    threads = set(threading.enumerate())
    descriptors = _descriptors()
    # What exists now is put out of the collector's sight, so that only what the test made is looked through.
    gc.freeze()
    try:
        yield
        left = _left_behind(threads, descriptors)
        deadline = time.monotonic() + SETTLE_SECONDS
        while left and time.monotonic() < deadline:
            gc.collect()
            gevent.sleep(0.01)
            left = _left_behind(threads, descriptors)
    finally:
        gc.unfreeze()
    if left:
        pytest.fail("left behind: " + ", ".join(left), pytrace=False)


def _left_behind(threads: set[threading.Thread], descriptors: dict[str, str]) -> list[str]:
    gevent.sleep(0)
    left = [repr(thread) for thread in set(threading.enumerate()) - threads]
    left += [f"fd {fd} {target}" for fd, target in _descriptors().items() if fd not in descriptors]
    left += [repr(each) for each in gc.get_objects() if isinstance(each, greenlet.greenlet) and _is_left(each)]
    return left


def _is_left(found: greenlet.greenlet) -> bool:
    # gevent keeps the workers of its thread pool (look-ups of names) for good; the main greenlet of a thread has
    # no parent and is the thread, which is counted as such.
    return not found.dead and found.parent is not None and type(found).__name__ != "_WorkerGreenlet"


def _descriptors() -> dict[str, str]:
    found = {}
    for fd in os.listdir(DESCRIPTORS):
        try:
            found[fd] = os.readlink(f"{DESCRIPTORS}/{fd}")
        except OSError:
            continue  # the one that listed the directory
    return found
