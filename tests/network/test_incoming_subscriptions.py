"""Subscriptions of others to what the application serves, over real sockets."""

from __future__ import annotations

import contextlib
import re

import pytest

from sipsimple.api.serving import notifiers
from sipsimple.core import AdmissionLimits, Engine, Subscription
from sipsimple.errors import SessionStateError
from tests.endpoints import alice, port, running, target
from tests.interop.sip_peer import SIPPeer
from tests.network.test_page_mode import request

PIDF = "application/pidf+xml"


@contextlib.contextmanager
def subscribing(expires=300, event="presence", transport="udp", **options):
    """An engine that serves presence, subscribed to itself."""
    with running(sip_t1=0.05, served_events=["presence", "x-tea"], **options) as watch:
        mine = Subscription(alice(), target(transport), event, expires=expires)
        mine.subscribe()
        told = watch.wait_for("SCEngineGotSubscribe", Engine()).data
        yield watch, mine, told


def ended(watch, *senders):
    for each in senders:
        watch.wait_for(f"{each.prefix}DidEnd", each)


def notified(watch, mine):
    """What was told last."""
    return [each.data for each in watch.seen if each.name == "SCSubscriptionGotNotify" and each.sender is mine][-1]


def states(watch, sender):
    return [each.data.state for each in watch.seen if each.name.endswith("ChangedState") and each.sender is sender]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_subscription_is_told_accepted_notified_and_ended(transport):
    with subscribing(transport=transport) as (watch, mine, told):
        theirs = told.subscription
        assert (told.event, str(told.from_uri), told.to_uri.user) == (
            "presence",
            '"Alice" <sip:alice@example.com>',
            "bob",
        )
        assert (told.expires, told.accept_types, theirs.state) == (300, (PIDF,), "incoming")
        theirs.accept(120, PIDF, "<one/>")
        assert watch.wait_for("SCSubscriptionGotNotify", mine).data.body == b"<one/>"
        theirs.notify(PIDF, "<two/>")
        watch.until(lambda: notified(watch, mine).body == b"<two/>", "the second document")
        assert mine.core.granted <= 120
        mine.unsubscribe()
        ended(watch, mine, theirs)

        assert states(watch, theirs) == ["active", "terminated"]
        assert notified(watch, mine).state == "terminated"
        assert watch.data("SCIncomingSubscriptionDidEnd", theirs) == {
            "code": None,
            "reason": "timeout",
            "expired": False,
        }
        theirs.notify(PIDF, "<late/>")
        theirs.terminate()
        assert len(Engine().core.notifiers) == 0


def test_the_present_state_can_be_asked_for_once():
    with subscribing(0) as (watch, mine, told):
        told.subscription.accept(content_type=PIDF, body="<now/>")
        ended(watch, mine, told.subscription)

        assert watch.data("SCSubscriptionGotNotify", mine)["body"] == b"<now/>"


def test_a_pending_subscription_tells_nothing_until_it_is_decided():
    with subscribing() as (watch, mine, told):
        told.subscription.accept(content_type=PIDF, body="<secret/>", pending=True)
        assert watch.wait_for("SCSubscriptionGotNotify", mine).data.body == b""
        assert mine.state == "PENDING"
        told.subscription.notify(PIDF, "<open/>")
        watch.wait_for("SCSubscriptionGotNotify", mine, count=2)

        assert (mine.state, told.subscription.state) == ("ACTIVE", "active")


def test_a_rejected_subscription_is_over():
    with subscribing() as (watch, mine, told):
        told.subscription.reject(403)
        ended(watch, mine, told.subscription)

        assert watch.data("SCSubscriptionDidFail", mine)["code"] == 403
        assert watch.data("SCIncomingSubscriptionDidEnd")["reason"] == "Forbidden"
        with pytest.raises(SessionStateError):
            told.subscription.accept()


@pytest.mark.parametrize("code", [100, 200, 299, 408, 700, "403", None])
def test_a_code_that_cannot_answer_a_subscribe_raises_at_once_and_nothing_has_changed(code):
    with subscribing() as (watch, mine, told):
        with pytest.raises((ValueError, TypeError), match="code"):
            told.subscription.reject(code)
        assert told.subscription.state == "incoming"
        told.subscription.reject(403)
        ended(watch, mine, told.subscription)


def test_what_nobody_decides_about_is_refused():
    with subscribing() as (watch, mine, told):
        ended(watch, told.subscription)

        assert watch.wait_for("SCSubscriptionDidFail", mine).data.code == 480


def test_a_terminated_subscriber_is_told_why_and_when_to_come_again():
    with subscribing() as (watch, mine, told):
        told.subscription.accept()
        watch.wait_for("SCSubscriptionGotNotify", mine)
        told.subscription.terminate("giveup", 40)
        ended(watch, told.subscription)

        assert watch.wait_for("SCSubscriptionDidFail", mine).data.retry_after >= 40
        assert notified(watch, mine).reason == "giveup"


def test_the_engine_ends_what_others_subscribed_to_when_it_stops():
    with subscribing() as (watch, _mine, told):
        told.subscription.accept()
        watch.wait_for("SCIncomingSubscriptionNotifyDidSucceed")
    watch.wait_for("SCIncomingSubscriptionDidEnd", told.subscription)


def test_another_package_is_refused_and_the_served_ones_are_named():
    with SIPPeer() as peer, running(hub="own", served_events=["x-tea"]):
        peer.address = ("127.0.0.1", port())
        peer.send(request("SUBSCRIBE", "Event: dialog", "Contact: <sip:c@127.0.0.1:9>"))
        assert "x-tea" in peer.receive("SIP/2.0 489").get("Allow-Events")


@contextlib.contextmanager
def raw(**options):
    """A raw subscriber, and an engine that serves tea."""
    with SIPPeer() as peer, running(hub="own", sip_t1=0.05, served_events=["x-tea"], **options) as watch:
        peer.address = ("127.0.0.1", port())
        yield peer, watch


def test_a_repeated_subscribe_is_told_once_and_answered_again():
    with raw() as (peer, watch):
        text = request("SUBSCRIBE", "Event: x-tea", f"Contact: <sip:c@127.0.0.1:{peer.port}>", "Expires: 600")
        for _ in range(3):
            peer.send(text)
        theirs = watch.wait_for("SCEngineGotSubscribe").data.subscription
        peer.send(request("OPTIONS", branch="options"))
        peer.receive("SIP/2.0 200")  # by now those that came before were taken
        theirs.accept(60)
        first = peer.receive("SIP/2.0 200")
        assert first.get("Expires") == "60"
        notify = peer.receive("NOTIFY")
        assert notify.get("Subscription-State") == "active;expires=60"
        peer.respond(notify, 200, "OK")
        peer.send(text)
        peer.send(text.replace("branch=z9hG4bK1", "branch=z9hG4bKother"))
        peer.receive("SIP/2.0 482")

        assert peer.repeated.count(first.start) == 1, "a NOTIFY may be repeated, too, on a slow machine"
        assert watch.count("SCEngineGotSubscribe") == 1


def test_a_notify_that_nobody_knows_ends_the_subscription():
    with raw() as (peer, watch):
        peer.send(request("SUBSCRIBE", "Event: x-tea", f"Contact: <sip:c@127.0.0.1:{peer.port}>"))
        theirs = watch.wait_for("SCEngineGotSubscribe").data.subscription
        theirs.accept()
        peer.respond(peer.receive("NOTIFY"), 481, "Gone")
        told = watch.wait_for("SCIncomingSubscriptionDidEnd", theirs).data

        assert told.code == 481


def within(peer, first, number, *headers):
    """A SUBSCRIBE in the dialog that the 200 `first` made."""
    text = request("SUBSCRIBE", f"Contact: <sip:c@127.0.0.1:{peer.port}>", *headers, branch=f"n{number}{len(headers)}")
    text = text.replace("To: <sip:bob@example.com>", f"To: {first.get('To')}").replace("CSeq: 1 ", f"CSeq: {number} ")
    return re.sub("Call-ID: .*", f"Call-ID: {first.get('Call-ID')}\r", text)


def test_a_refresh_is_granted_and_followed_by_the_whole_state():
    with raw() as (peer, watch):
        peer.send(request("SUBSCRIBE", "Event: x-tea", f"Contact: <sip:c@127.0.0.1:{peer.port}>", "Expires: 60"))
        theirs = watch.wait_for("SCEngineGotSubscribe").data.subscription
        theirs.accept(40, "text/plain", "green")
        first = peer.receive("SIP/2.0 200")
        peer.respond(peer.receive("NOTIFY"), 200, "OK")
        watch.wait_for("SCIncomingSubscriptionNotifyDidSucceed")
        refused = {
            489: within(peer, first, 2, "Event: dialog"),
            400: within(peer, first, 2, "X: 1", "X: 2", "X: 3", "X: 4"),
            420: within(peer, first, 2, "Event: x-tea", "Require: x-cup", "X: 1"),
            500: within(peer, first, 0, "Event: x-tea"),
        }
        for status, text in refused.items():
            peer.send(text)
            peer.receive(f"SIP/2.0 {status}")
        peer.send(within(peer, first, 3, "Event: x-tea", "Expires: 30"))
        assert peer.receive("SIP/2.0 200").get("Expires") == "30"
        notify = peer.receive("NOTIFY")
        assert (notify.get("Subscription-State"), notify.body) == ("active;expires=30", "green")
        peer.respond(notify, 200, "OK")
        assert watch.wait_for("SCIncomingSubscriptionGotRefresh", theirs).data.expires == 30
        peer.send(within(peer, first, 4, "Event: x-tea", "Expires: 0"))
        peer.receive("SIP/2.0 200")
        notify = peer.receive("NOTIFY")
        assert notify.get("Subscription-State") == "terminated;reason=timeout"
        peer.respond(notify, 200, "OK")
        watch.wait_for("SCIncomingSubscriptionDidEnd", theirs)


def test_what_nobody_refreshes_ends():
    with raw() as (peer, watch):
        peer.send(request("SUBSCRIBE", "Event: x-tea", f"Contact: <sip:c@127.0.0.1:{peer.port}>", "Expires: 1"))
        theirs = watch.wait_for("SCEngineGotSubscribe").data.subscription
        theirs.accept()
        peer.respond(peer.receive("NOTIFY"), 200, "OK")
        peer.respond(peer.receive("NOTIFY"), 200, "OK")

        assert watch.wait_for("SCIncomingSubscriptionDidEnd", theirs).data.expired


def test_a_subscribe_without_contact_is_refused():
    with raw() as (peer, watch):
        peer.send(request("SUBSCRIBE", "Event: x-tea"))
        peer.receive("SIP/2.0 400")

        assert watch.count("SCEngineGotSubscribe") == 0


@pytest.mark.parametrize("limit", ["subscriptions", "subscriptions_per_source"])
def test_more_than_there_is_room_for_are_told_to_come_later_until_one_is_over(limit):
    with raw(admission=AdmissionLimits(**{limit: 1})) as (peer, watch):
        lines = ("Event: x-tea", f"Contact: <sip:c@127.0.0.1:{peer.port}>")
        peer.send(request("SUBSCRIBE", *lines))
        theirs = watch.wait_for("SCEngineGotSubscribe").data.subscription
        peer.send(request("SUBSCRIBE", *lines, branch="2"))
        assert peer.receive("SIP/2.0 503").get("Retry-After") == notifiers.RETRY_AFTER
        theirs.reject(403)
        peer.receive("SIP/2.0 403")
        watch.wait_for("SCIncomingSubscriptionDidEnd", theirs)
        watch.until(lambda: not len(Engine().core.notifiers), "room")
        peer.send(request("SUBSCRIBE", *lines, branch="3"))
        watch.wait_for("SCEngineGotSubscribe", count=2).data.subscription.reject(403)
        peer.receive("SIP/2.0 403")


def test_one_source_leaves_room_for_the_others():
    with raw(admission=AdmissionLimits(subscriptions_per_source=1)) as (peer, watch):
        lines = ("Event: x-tea", f"Contact: <sip:c@127.0.0.1:{peer.port}>")
        peer.send(request("SUBSCRIBE", *lines))
        watch.wait_for("SCEngineGotSubscribe")
        with SIPPeer("127.0.0.2") as other:
            other.address = ("127.0.0.1", port())
            other.send(request("SUBSCRIBE", *lines, branch="2"))
            watch.wait_for("SCEngineGotSubscribe", count=2)
