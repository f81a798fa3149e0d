"""Subscriptions of others whose actors are killed, at any point: they heal, and nothing is left."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.api.asking import askers
from sipsimple.core import Engine, Subscription
from tests.chaos.test_killed_askers import kill
from tests.endpoints import alice, running, target

PIDF = "application/pidf+xml"


@pytest.fixture
def both(monkeypatch):
    """An engine that may crash, subscribed to itself; what is to be decided, too."""
    monkeypatch.setattr(askers, "PAUSE", 0.05)
    with running(crashes=True, sip_t1=0.1, served_events=["presence"]) as watch:
        mine = Subscription(alice(), target(), "presence")
        mine.subscribe()
        yield watch, mine, watch.wait_for("SCEngineGotSubscribe").data.subscription


def bodies(watch, mine):
    return [each.data.body for each in watch.of(mine) if each.name == "SCSubscriptionGotNotify"]


@pytest.mark.parametrize("moment", range(6))
def test_one_that_is_killed_while_it_is_accepted_is_accepted(both, moment):
    watch, mine, theirs = both
    theirs.accept(60, PIDF, "<one/>")
    for _ in range(moment):
        gevent.sleep(0)
    kill(theirs)
    theirs.notify(PIDF, "<two/>")
    kill(theirs)
    watch.until(lambda: b"<two/>" in bodies(watch, mine), "the second document")
    theirs.terminate("rejected")
    kill(theirs)
    watch.wait_for("SCIncomingSubscriptionDidEnd", theirs)
    watch.wait_for("SCSubscriptionDidEnd", mine)

    assert watch.count("SCIncomingSubscriptionDidEnd", theirs) == 1
    assert watch.count("SCEngineGotSubscribe") == 1
    watch.until(lambda: not Engine().core.notifiers, "its end")


def test_one_that_crashes_over_and_over_goes_on_after_a_pause(both):
    watch, mine, theirs = both
    theirs.accept()
    watch.wait_for("SCSubscriptionGotNotify", mine)
    for _ in range(12):
        kill(theirs)
        gevent.sleep(0.01)
    watch.until(lambda: theirs._ref is not None and theirs._ref.is_alive, "another actor")
    theirs.notify(PIDF, "<later/>")
    watch.until(lambda: watch.of(mine)[-1].data.body == b"<later/>", "the document")
