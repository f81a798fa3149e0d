"""unpublish(): what the server has of ours is removed (RFC 3903 4.5)."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.publication.state import REFRESH, RETRY
from sipsimple.protocols.sip.publication.step import Unpublish
from tests.protocols.sip.publication.publisher import Publisher, published


def test_it_ends_when_the_removal_is_answered():
    publisher = published()
    publisher.take(Unpublish())
    assert publisher.last() == ("e1", b"", "0")
    publisher.accept("e2", 0)

    assert publisher.names() == ["=unpublishing", "WillEnd", "=unpublished", "DidEnd"]
    assert not [name for name in publisher.timers if isinstance(name, str)]


@pytest.mark.parametrize(
    "fail", [lambda each: each.answer(412), lambda each: each.answer(500), lambda each: each.time_out()]
)
def test_it_ends_also_when_the_removal_fails(fail):
    publisher = published()
    publisher.take(Unpublish())
    fail(publisher)

    assert publisher.names() == ["=unpublishing", "WillEnd", "=unpublished", "DidEnd"]


def test_the_removal_waits_for_the_publish_that_is_under_way():
    publisher = published()
    publisher.fire(REFRESH)
    publisher.take(Unpublish())
    assert len(publisher.requests) == 2
    publisher.accept("e2")

    assert publisher.last() == ("e2", b"", "0")


def test_there_is_nothing_to_remove_when_the_first_publish_fails():
    publisher = Publisher()
    publisher.publish()
    publisher.take(Unpublish())
    publisher.answer(500)

    assert publisher.names() == ["=publishing", "=unpublishing", "WillEnd", "=unpublished", "DidEnd"]
    assert len(publisher.requests) == 1


def test_there_is_nothing_to_remove_that_the_server_has_forgotten():
    publisher = published()
    publisher.fire(REFRESH)
    publisher.take(Unpublish())
    publisher.answer(412)

    assert publisher.names() == ["=unpublishing", "WillEnd", "=unpublished", "DidEnd"]
    assert len(publisher.requests) == 2


def test_what_was_never_published_ends_at_once():
    publisher = Publisher()
    publisher.take(Unpublish())

    assert (publisher.names(), publisher.requests) == (["WillEnd", "DidEnd"], [])


def test_before_the_next_try_it_ends_at_once():
    publisher = Publisher()
    publisher.publish()
    publisher.answer(500)
    publisher.told.clear()
    publisher.take(Unpublish())

    assert publisher.names() == ["WillEnd", "DidEnd"]
    assert len(publisher.requests) == 1


def test_what_is_published_during_the_removal_is_published_after_it():
    publisher = published()
    publisher.take(Unpublish())
    publisher.publish("again")
    publisher.accept("e2", 0)

    assert publisher.last() == (None, b"again", "300")
    assert publisher.names() == ["=unpublishing", "WillEnd", "=unpublished", "DidEnd", "=publishing"]
    assert publisher.handed_over == []


def test_what_is_published_after_an_end_begins_its_pauses_anew():
    publisher = published()
    for timer in (REFRESH, RETRY, RETRY):
        publisher.fire(timer)
        publisher.answer(500)
    publisher.take(Unpublish())
    publisher.publish("again")
    publisher.accept("e2", 0)
    publisher.answer(500)

    assert publisher.core.failures == 1


def test_the_last_word_counts_during_the_removal():
    publisher = published()
    publisher.take(Unpublish())
    publisher.publish("again")
    publisher.take(Unpublish())
    publisher.accept("e2", 0)

    assert len(publisher.handed_over) == 1
