"""A system on a fake clock, and the check that nothing of it is left."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import gevent
import pytest
from greenlet import greenlet

from sipsimple.actors.runtime import FakeClock, System

if TYPE_CHECKING:
    from collections.abc import Iterator


def living_greenlets() -> int:
    gc.collect()
    return sum(isinstance(each, greenlet) and bool(each) for each in gc.get_objects())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def system(clock: FakeClock) -> Iterator[System]:
    """A system whose end leaves no actor, no supervisor, no timer and no greenlet."""
    gevent.idle()
    before = living_greenlets()
    system = System(clock)
    yield system
    system.root.stop_soon()
    clock.advance(600.0)
    assert (system.actors, system.supervisors, system.timers) == (0, 0, 0)
    assert living_greenlets() <= before
