"""SIPp keeps what we publish, notifies us, and exchanges messages with us outside of sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sipsimple.core import SIPURI, Credentials, Publication, Route, Subscription, send_message
from tests.endpoints import port, running
from tests.interop.scenario import LOOPBACK, Scenario, needs_sipp

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.interop, needs_sipp, pytest.mark.parametrize("transport", ["udp", "tcp"])]

ALICE = Credentials(SIPURI("sipp.test", "alice"), "secret", token="alice")
BOB = SIPURI("sipp.test", "bob")


def test_a_publication_is_refreshed_made_anew_and_removed(transport: str, tmp_path: Path) -> None:
    with Scenario("s_publish", transport, tmp_path, seconds=30) as sipp, running(hub="own") as watch:
        alice = Publication(ALICE, "presence", Route(LOOPBACK, sipp.port, transport))
        alice.publish("application", "pidf+xml", "<presence/>")
        watch.wait_for("SCPublicationDidSucceed", alice, 2)
        alice.unpublish()
        watch.wait_for("SCPublicationDidEnd", alice)
        sipp.passes(5.0)
        assert watch.count("SCPublicationDidFail") == 0


def test_a_subscription_is_pending_active_refreshed_and_left(transport: str, tmp_path: Path) -> None:
    with Scenario("s_subscribe", transport, tmp_path, seconds=30) as sipp, running(hub="own") as watch:
        bob = Subscription(ALICE, BOB, "presence", Route(LOOPBACK, sipp.port, transport))
        bob.subscribe()
        watch.wait_for("SCSubscriptionGotNotify", bob, 3)
        bob.unsubscribe()
        watch.wait_for("SCSubscriptionDidEnd", bob)
        sipp.passes(5.0)
        states = [each.data.state for each in watch.of(bob) if each.name == "SCSubscriptionChangedState"]
        assert states in (
            ["SENT", "ACCEPTED", "PENDING", "ACTIVE", "TERMINATED"],
            ["SENT", "PENDING", "ACTIVE", "TERMINATED"],
        )
        assert watch.count("SCSubscriptionDidFail") == 0


def test_the_answer_to_a_message_is_told(transport: str, tmp_path: Path) -> None:
    with Scenario("s_message", transport, tmp_path) as sipp, running(hub="own") as watch:
        message_id = send_message(ALICE, BOB, "text", "plain", "one", Route(LOOPBACK, sipp.port, transport))
        told = watch.wait_for("SCEngineGotMessageResponse").data
        assert (told.code, told.reason, told.message_id) == (404, "Not Found", message_id)
        sipp.passes(5.0)


def test_a_message_is_taken_and_another_type_is_not(transport: str, tmp_path: Path) -> None:
    with (
        running(hub="own", message_types=["text/*"]) as watch,
        Scenario("c_message", transport, tmp_path, calls=port(transport)) as sipp,
    ):
        assert watch.wait_for("SCEngineGotMessage").data.body.strip() == "good evening"
        sipp.passes()
        assert watch.count("SCEngineGotMessage") == 1
