"""A publication goes on after a crash of its actor, and by another network."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.publication.state import EXPIRY, REFRESH, RETRY
from sipsimple.protocols.sip.publication.step import Unpublish
from sipsimple.protocols.sip.requesting import NetworkChanged
from sipsimple.protocols.sip.usage.events import Resumed
from tests.protocols.sip.publication.publisher import Publisher, published


def test_a_crash_costs_no_timer():
    publisher = Publisher()
    publisher.publish()
    publisher.answer(500)
    publisher.timers.clear()
    publisher.take(Resumed())

    assert RETRY in publisher.timers


def test_after_a_crash_it_is_refreshed_at_once():
    publisher = published()
    publisher.timers.clear()
    publisher.take(Resumed())
    assert publisher.last() == ("e1", b"", "300")
    publisher.accept("e2")

    assert {REFRESH, EXPIRY} <= set(publisher.timers)


@pytest.mark.parametrize("is_refreshing", [False, True])
def test_a_publication_expires_that_nobody_refreshes_after_a_crash(is_refreshing):
    publisher = published(1000)
    if is_refreshing:
        publisher.fire(REFRESH)
    publisher.timers.clear()
    publisher.take(Resumed())
    publisher.answer(500)

    assert publisher.timers[EXPIRY] == 1000


def test_another_network_means_to_look_for_the_way_and_to_refresh():
    publisher = published()
    publisher.take(NetworkChanged())
    assert publisher.last() == ("e1", b"", "300")
    assert len(publisher.resolved) == 2
    publisher.answer(503)
    publisher.fire(EXPIRY)
    publisher.take(NetworkChanged())

    assert publisher.last() == (None, b"open", "300")
    assert RETRY not in publisher.timers


def test_a_crash_during_the_removal_does_not_keep_it_from_ending():
    publisher = published()
    publisher.take(Unpublish())
    publisher.timers.clear()
    publisher.take(Resumed())
    publisher.time_out()

    assert publisher.names()[-1] == "DidEnd"
    assert len(publisher.requests) == 2
