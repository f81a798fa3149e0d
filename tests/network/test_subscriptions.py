"""Subscriptions against a server over a real socket, and how the engine ends them."""

from __future__ import annotations

import pytest

from sipsimple.api.asking import asked, askers
from sipsimple.core import Engine, Publication, SIPCoreError, Subscription
from sipsimple.session import SessionStateError
from tests.endpoints import running
from tests.network.presence_server import PIDF, PresenceServer, serving
from tests.network.slow_observer import held

DIGEST = ("WWW-Authenticate", 'Digest realm="example.com", nonce="n", algorithm=SHA-256, qop="auth"')


def subscription(server, expires=300, headers=None):
    return Subscription(server.alice, server.uri(), "presence", expires=expires, extra_headers=headers)


def publication(server):
    return Publication(server.alice, "presence", server.route)


def test_a_subscription_is_told_of_from_the_beginning_to_the_end():
    with serving() as (server, watch):
        bob = subscription(server, headers={"X-Colour": "red"})
        assert bob.state == "TERMINATED"
        bob.subscribe()
        assert bob.state == "SENT"
        watch.wait_for("SCSubscriptionGotNotify", bob)
        assert bob.state == "ACTIVE"
        server.notify(body=b"<presence>closed</presence>")
        told = watch.wait_for("SCSubscriptionGotNotify", bob, 2).data
        assert (told.body, told.content_type, told.content_subtype) == (
            b"<presence>closed</presence>",
            "application",
            "pidf+xml",
        )
        assert told.headers["Event"] == "presence"
        bob.unsubscribe()
        watch.wait_for("SCSubscriptionDidEnd", bob)

        assert bob.state == "TERMINATED"
        assert [request.get("x-colour") for request in server.requests] == ["red", "red"]
        assert watch.names(bob) == [
            *["TERMINATED>SENT", "SENT>ACCEPTED", "SCSubscriptionDidSucceed", "ACCEPTED>ACTIVE"],
            *["SCSubscriptionGotNotify", "SCSubscriptionGotNotify", "SCSubscriptionWillEnd"],
            *["SCSubscriptionGotNotify", "ACTIVE>TERMINATED", "SCSubscriptionDidEnd"],
        ]
        assert [each.name for each in watch.signalled if each.sender is bob] == [each.name for each in watch.of(bob)]


def test_what_more_is_notified_than_can_wait_for_an_observer_is_to_come_later(monkeypatch):
    with serving() as (server, watch):
        bob = subscription(server)
        with held("SCSubscriptionGotNotify", bob) as hold:
            bob.subscribe()
            hold.has_come.wait(30)
            monkeypatch.setattr(asked, "MOST_UNHEARD", 2)
            for number in range(3):
                server.notify(body=b"%d" % number)
            watch.until(lambda: len(server.answers) == 4, "the answers to all")
        assert [each.status for each in server.answers] == [200, 200, 200, 503]
        assert server.answers[-1].get("retry-after") == "5"
        watch.wait_for("SCSubscriptionGotNotify", bob, 3)
        server.notify(body=b"2")
        watch.wait_for("SCSubscriptionGotNotify", bob, 4)
        told = [each.data.body for each in watch.of(bob) if each.name == "SCSubscriptionGotNotify"]
        assert told[1:] == [b"0", b"1", b"2"]


def test_a_subscription_can_be_made_anew_when_it_is_over():
    with serving() as (server, watch):
        bob = subscription(server)
        for number in (1, 2):
            bob.subscribe()
            watch.wait_for("SCSubscriptionDidSucceed", bob, number)
            bob.unsubscribe()
            watch.wait_for("SCSubscriptionDidEnd", bob, number)
        bob.subscribe()  # while the former actor may not have gone yet
        watch.wait_for("SCSubscriptionDidSucceed", bob, 3)


def test_it_is_subscribed_once_and_unsubscribed_once():
    with serving() as (server, watch):
        bob = subscription(server)
        with pytest.raises(SessionStateError):
            bob.unsubscribe()
        bob.subscribe()
        with pytest.raises(SessionStateError):
            bob.subscribe()
        watch.wait_for("SCSubscriptionGotNotify", bob)
        with pytest.raises(SessionStateError):
            bob.subscribe()
        bob.unsubscribe()
        watch.wait_for("SCSubscriptionDidEnd", bob)
        with pytest.raises(SessionStateError):
            bob.unsubscribe()
    with pytest.raises(SIPCoreError):
        bob.subscribe()


def test_an_end_may_follow_the_beginning_at_once():
    with serving() as (server, watch):
        bob = subscription(server)
        bob.subscribe()
        bob.unsubscribe()
        watch.wait_for("SCSubscriptionDidEnd", bob)

        assert watch.names(bob)[-1] == "SCSubscriptionDidEnd"
        assert watch.count("SCSubscriptionDidEnd", bob) == 1
        assert server.methods() in ([], ["SUBSCRIBE 300", "SUBSCRIBE 0"])


def test_the_notify_that_comes_first_is_not_lost():
    with serving() as (server, watch):
        server.notifies_first = True
        bob = subscription(server)
        bob.subscribe()
        watch.wait_for("SCSubscriptionDidSucceed", bob)

        assert watch.count("SCSubscriptionGotNotify", bob) == 1
        assert bob.state == "ACTIVE"


def test_a_fetch_tells_the_state_and_is_over():
    with serving() as (server, watch):
        bob = subscription(server, expires=0)
        bob.subscribe()
        watch.wait_for("SCSubscriptionDidEnd", bob)

        assert watch.count("SCSubscriptionGotNotify", bob) == 1
        assert server.methods() == ["SUBSCRIBE 0"]


def test_a_challenge_is_answered():
    with serving() as (server, watch):
        server.statuses.append((401, (DIGEST,)))
        bob = subscription(server)
        bob.subscribe()
        watch.wait_for("SCSubscriptionGotNotify", bob)

        assert 'username="alice"' in (server.requests[1].get("authorization") or "")
        assert watch.count("SCSubscriptionDidFail") == 0


def test_a_refusal_is_told_with_its_reason_and_the_end_after_it():
    with serving() as (server, watch):
        server.statuses.append((403, ()))
        bob = subscription(server)
        bob.subscribe()
        watch.wait_for("SCSubscriptionDidEnd", bob)

        assert watch.data("SCSubscriptionDidFail", bob) == {
            "code": 403,
            "reason": "Forbidden",
            "originator": "remote",
            "retry_after": None,
        }
        assert watch.names(bob)[-1] == "SCSubscriptionDidEnd"


def test_a_short_subscription_is_refreshed():
    with serving() as (server, watch):
        server.expires = 2
        bob = subscription(server)
        bob.subscribe()
        watch.wait_for("SCSubscriptionDidSucceed", bob, 2)

        assert server.requests[1].to.tag == "server0"
        assert server.requests[1].cseq.number == 2


def test_a_server_that_forgets_is_subscribed_to_anew():
    with serving() as (server, watch):
        server.expires = 2
        bob = subscription(server)
        bob.subscribe()
        watch.wait_for("SCSubscriptionGotNotify", bob)
        server.dialogs.clear()
        watch.wait_for("SCSubscriptionDidSucceed", bob, 2)

        assert watch.count("SCSubscriptionDidFail", bob) == 0
        assert server.requests[-1].to.tag is None


def test_the_engine_ends_what_is_subscribed_and_published():
    with PresenceServer() as server:
        with running(sip_t1=0.05) as watch:
            bob, mine = subscription(server), publication(server)
            bob.subscribe()
            mine.publish("application", "pidf+xml", "<presence/>")
            watch.wait_for("SCSubscriptionGotNotify", bob)
            watch.wait_for("SCPublicationDidSucceed", mine)
            Engine().stop()
            names = [each.name for each in watch.seen]
        assert sorted(server.methods()[-2:]) == ["PUBLISH 0", "SUBSCRIBE 0"]
        assert (bob.state, mine.state) == ("TERMINATED", "unpublished")
        for name in ("SCSubscriptionDidEnd", "SCPublicationDidEnd"):
            assert names.index(name) < names.index("SCEngineWillEnd")


def test_the_engine_does_not_wait_for_a_server_that_is_silent():
    with PresenceServer() as server:
        with running() as watch:
            bob, mine = subscription(server), publication(server)
            bob.subscribe()
            mine.publish("application", "pidf+xml", "<presence/>")
            watch.wait_for("SCSubscriptionGotNotify", bob)
            watch.wait_for("SCPublicationDidSucceed", mine)
            server.statuses.extend([None] * 100)
            Engine().stop()
        for name, sender in (("SCSubscriptionDidEnd", bob), ("SCPublicationDidEnd", mine)):
            assert watch.count(name, sender) == 1
            assert watch.names(sender)[-1] == name
        assert watch.data("SCPublicationDidEnd", mine)["reason"] == "the engine is stopping"


@pytest.mark.parametrize(
    "make",
    [
        lambda server: Subscription(server.alice, "sip:bob@example.com", "presence"),
        lambda server: Subscription(server.alice, server.uri(), "no event"),
        lambda server: Subscription(server.alice, server.uri(), "presence", expires=-1),
        lambda server: Subscription(server.alice, server.uri(), "presence", extra_headers={"From": "x"}),
        lambda server: Subscription(server.alice, server.uri(), "presence", extra_headers={"X-A": "x\r\nFrom: y"}),
        lambda server: Subscription(server.alice, server.uri(), "presence", extra_headers={"Event": "x"}),
        lambda server: Publication(server.alice, "presence", expires=0),
        lambda server: Publication("alice", "presence"),
        lambda server: Publication(server.alice, "presence", "proxy"),
        lambda server: Publication(server.alice, "presence").publish("application", "pidf xml", "x"),
        lambda server: Publication(server.alice, "presence").publish("application", "pidf+xml", 7),
    ],
)
def test_bad_arguments_raise_at_once(make):
    with serving() as (server, _watch), pytest.raises((ValueError, TypeError)):
        make(server)


def test_what_is_accepted_is_an_option():
    with serving(events={"x-tea": ("application/x-tea",)}) as (server, watch):
        for event in ("x-tea", "x-coffee", "presence"):
            each = Subscription(server.alice, server.uri(), event)
            each.subscribe()
            watch.wait_for("SCSubscriptionDidSucceed", each)
        Engine().add_event("x-coffee", ["application/x-coffee"])
        coffee = Subscription(server.alice, server.uri(), "x-coffee")
        coffee.subscribe()
        watch.wait_for("SCSubscriptionDidSucceed", coffee)

        assert [request.get("accept") for request in server.requests] == [
            *["application/x-tea", None, PIDF, "application/x-coffee"]
        ]


def test_a_list_of_resources_is_accepted_where_it_is_asked_for():
    with serving() as (server, watch):
        friends = subscription(server, headers={"Supported": "eventlist"})
        friends.subscribe()
        watch.wait_for("SCSubscriptionDidSucceed", friends)

        assert server.requests[0].get("accept") == f"{PIDF}, multipart/related, application/rlmi+xml"
        assert server.requests[0].get("supported") == "eventlist"


def test_another_network_refreshes_what_is_subscribed():
    with serving() as (server, watch):
        bob = subscription(server)
        bob.subscribe()
        watch.wait_for("SCSubscriptionGotNotify", bob)
        Engine().network_changed()
        watch.wait_for("SCSubscriptionDidSucceed", bob, 2)

        assert server.methods() == ["SUBSCRIBE 300", "SUBSCRIBE 300"]


def test_after_a_change_of_the_network_not_all_refresh_at_once():
    with serving() as (server, watch):
        many = [Subscription(server.alice, server.uri(f"b{number}"), "presence") for number in range(askers.TURN + 9)]
        for each in many:
            each.subscribe()
        watch.until(lambda: all(each.state == "ACTIVE" for each in many), "all")
        home = Engine().core.subscriptions
        Engine().network_changed()
        assert len(home._moved) == 9
        for each in many:
            watch.wait_for("SCSubscriptionDidSucceed", each, 2)
        assert home._moving is None
        Engine().network_changed()  # and the engine stops meanwhile
