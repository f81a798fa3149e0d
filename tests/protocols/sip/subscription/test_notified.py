"""Which NOTIFYs are taken, and how the others are answered (RFC 6665 4.1.3; 3261 8.2, 12.2.2)."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.usage.events import RequestArrived
from tests.protocols.sip.asker import FLOW
from tests.protocols.sip.subscription.subscriber import PIDF, Subscriber, active

BAD = {
    "of another call": ({"call_id": "else"}, 481),
    "of another notifier": ({"tag": "else"}, 481),
    "of another event": ({"event": "dialog"}, 489),
    "of another id": ({"event": "presence;id=7"}, 481),
    "without an event": ({"event": ""}, 400),
    "without a state": ({"state": ""}, 400),
    "with a malformed state": ({"state": "active;expires=soon"}, 400),
    "overtaken": ({"cseq": 0}, 500),
    "of another type": ({"headers": (("Content-Type", "text/plain"),), "body": b"x"}, 415),
    "without a type": ({"body": b"x"}, 400),
    "compressed": ({"headers": (*PIDF, ("Content-Encoding", "gzip")), "body": b"x"}, 415),
    "with an extension": ({"headers": (("Require", "eventlist"),)}, 420),
    "of another method": ({"method": "MESSAGE"}, 405),
}


@pytest.mark.parametrize(("arguments", "status"), BAD.values(), ids=BAD)
def test_what_is_not_taken_is_answered_and_changes_nothing(arguments, status):
    subscriber = active()
    before = subscriber.core.state, subscriber.core.dialog

    assert subscriber.notify(**arguments) == status
    assert (subscriber.core.state, subscriber.core.dialog) == before
    assert subscriber.told == []
    assert subscriber.notes == ["request.rejected"]


def test_415_tells_what_is_accepted():
    subscriber = active()
    subscriber.notify(headers=(("Content-Type", "text/plain"),), body=b"x")
    assert subscriber.responses[-1].get("accept") == "application/pidf+xml"


def test_489_tells_which_event_there_is():
    subscriber = active()
    subscriber.notify(event="dialog")
    assert subscriber.responses[-1].get("allow-events") == "presence"


def test_405_tells_the_only_method_there_is():
    subscriber = active()
    subscriber.notify(method="MESSAGE")
    assert subscriber.responses[-1].get("allow") == "NOTIFY"


def test_a_repeated_notify_is_answered_again_and_told_once():
    subscriber = Subscriber()
    request = subscriber.notification()
    assert subscriber.receive(request) == 200
    told = list(subscriber.told)

    assert subscriber.receive(request) == 200
    assert subscriber.told == told


def test_after_the_end_a_notify_is_left_to_whoever_keeps_the_transactions():
    subscriber = active()
    subscriber.notify("terminated;reason=rejected")
    over, answered = subscriber.core, len(subscriber.responses)
    subscriber.do(subscriber.request_arrived, RequestArrived(subscriber.notification(), FLOW))

    assert (subscriber.core, len(subscriber.responses)) == (over, answered)


def test_a_resource_list_arrives_as_it_is():
    accept = ("application/pidf+xml", "multipart/related", "application/rlmi+xml")
    subscriber = active(accept=accept, supported=frozenset({"eventlist"}))
    headers = (("Require", "eventlist"), ("Content-Type", 'multipart/related;boundary="x"'))

    assert subscriber.notify(headers=headers, body=b"--x--") == 200
    assert subscriber.data("GotNotify")["body"] == b"--x--"
    assert subscriber.data("GotNotify")["headers"]["Content-Type"] == 'multipart/related;boundary="x"'


def test_without_accept_any_body_is_taken():
    subscriber = active(accept=())
    assert subscriber.notify(headers=(("Content-Type", "x/y"),), body=b"x") == 200


def test_a_notify_before_anything_was_subscribed_is_refused():
    subscriber = active()
    subscriber.notify("terminated;reason=giveup")
    assert subscriber.core.state == "WAITING"
    assert subscriber.notify() == 481
