"""Subscriptions, publications and requests whose actors are killed, at any point: they heal, and nothing is left."""

from __future__ import annotations

import random

import gevent
import pytest

from sipsimple.api.asking import askers
from sipsimple.core import Engine, Publication, Request, Subscription, send_message
from tests.endpoints import running
from tests.network.presence_server import PresenceServer


@pytest.fixture
def world(monkeypatch):
    """A presence server that grants little, and a running engine whose actors may crash."""
    monkeypatch.setattr(askers, "PAUSE", 0.05)
    with PresenceServer(expires=2) as server, running(crashes=True, sip_t1=0.05) as watch:
        yield server, watch


def subscribed(server, watch):
    bob = Subscription(server.alice, server.uri(), "presence")
    bob.subscribe()
    watch.wait_for("SCSubscriptionGotNotify", bob)
    return bob


def published(server, watch):
    mine = Publication(server.alice, "presence", server.route)
    mine.publish("application", "pidf+xml", "<presence/>")
    watch.wait_for("SCPublicationDidSucceed", mine)
    return mine


def kill(asked):
    ref = asked._ref
    if ref is not None:
        ref.kill(RuntimeError("killed by a test"))


def test_a_subscription_that_was_killed_hears_on_and_is_refreshed(world):
    server, watch = world
    bob = subscribed(server, watch)
    kill(bob)
    server.notify(body=b"<presence>closed</presence>")
    assert watch.wait_for("SCSubscriptionGotNotify", bob, 2).data.body == b"<presence>closed</presence>"
    watch.wait_for("SCSubscriptionDidSucceed", bob, 2)

    assert bob.state == "ACTIVE"
    assert len(server.dialogs) == 1


@pytest.mark.parametrize("moment", range(6))
def test_a_subscription_that_is_killed_while_it_begins_begins(world, moment):
    server, watch = world
    bob = Subscription(server.alice, server.uri(), "presence")
    bob.subscribe()
    for _ in range(moment):
        gevent.sleep(0)
    kill(bob)
    watch.until(lambda: bob.state == "ACTIVE", "the subscription")
    bob.unsubscribe()
    kill(bob)  # the command may be lost with it: it is told again
    watch.wait_for("SCSubscriptionDidEnd", bob)
    assert watch.names(bob)[-1] == "SCSubscriptionDidEnd"


@pytest.mark.parametrize("moment", range(6))
def test_a_publication_that_is_killed_while_it_changes_changes(world, moment):
    server, watch = world
    mine = published(server, watch)
    mine.publish("application", "pidf+xml", "<presence>new</presence>")
    for _ in range(moment):
        gevent.sleep(0)
    kill(mine)
    watch.until(lambda: server.document == b"<presence>new</presence>", "the document")
    mine.unpublish()
    kill(mine)
    watch.wait_for("SCPublicationDidEnd", mine)
    assert mine.state == "unpublished"


@pytest.mark.parametrize("moment", range(6))
def test_messages_and_requests_have_their_outcome_though_their_actors_are_killed(world, moment):
    server, watch = world
    options = Request("OPTIONS", server.alice, server.uri(), server.uri())
    options.send()
    message_id = send_message(server.alice, server.uri(), "text", "plain", "hello")
    for _ in range(moment):
        gevent.sleep(0)
    kill(options)
    for line in list(Engine().core.messages._waiting.values()):
        kill(line[0])
    watch.wait_for("SCRequestDidEnd", options)
    told = watch.wait_for("SCEngineGotMessageResponse").data

    assert watch.names(options) == ["SCRequestDidSucceed", "SCRequestDidEnd"]
    assert (told.code, told.message_id) == (200, message_id)


def test_one_that_crashes_over_and_over_goes_on_after_a_pause(world):
    server, watch = world
    bob = subscribed(server, watch)
    for _ in range(12):
        kill(bob)
        gevent.sleep(0.01)
    watch.until(lambda: bob.state == "ACTIVE" and bob._ref is not None and bob._ref.is_alive, "another actor")
    before = watch.count("SCSubscriptionDidSucceed", bob)
    watch.wait_for("SCSubscriptionDidSucceed", bob, before + 1)


def test_what_is_wished_while_nothing_runs_is_done_when_it_goes_on(world, monkeypatch):
    server, watch = world
    monkeypatch.setattr(askers, "PAUSE", 0.3)
    bob, mine = subscribed(server, watch), published(server, watch)
    for each in (bob, mine):
        watch.until(lambda each=each: kill(each) or each._ref is None, "the supervisor to give up")
    bob.unsubscribe()
    mine.publish("application", "pidf+xml", "<presence>late</presence>")
    watch.wait_for("SCSubscriptionDidEnd", bob)
    watch.until(lambda: server.document == b"<presence>late</presence>", "the document")


@pytest.mark.slow
def test_random_kills_cost_nothing_but_time(world):
    server, watch = world
    lots = random.Random(7)
    bobs = [subscribed(server, watch) for _ in range(5)]
    mine = published(server, watch)
    for number in range(60):
        kill(lots.choice([*bobs, mine]))
        mine.publish("application", "pidf+xml", f"<presence>{number}</presence>")
        gevent.sleep(lots.uniform(0, 0.05))
    watch.until(lambda: server.document == b"<presence>59</presence>", "the last document")
    watch.until(lambda: all(each.state == "ACTIVE" for each in bobs), "the subscriptions")
    for each in bobs:
        each.unsubscribe()
    mine.unpublish()
    for each in bobs:
        watch.wait_for("SCSubscriptionDidEnd", each)
        assert watch.count("SCSubscriptionDidEnd", each) == 1
    watch.wait_for("SCPublicationDidEnd", mine)


def test_the_engine_stops_in_the_middle_of_it(world):
    server, watch = world
    bob, mine = subscribed(server, watch), published(server, watch)
    watch.until(lambda: kill(bob) or bob._ref is None, "the supervisor to give up")
    Engine().stop()

    assert watch.names(bob)[-1] == "SCSubscriptionDidEnd"
    assert watch.names(mine)[-1] == "SCPublicationDidEnd"
