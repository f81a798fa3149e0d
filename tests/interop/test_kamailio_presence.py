"""Kamailio is the presence server: publish, watch, be forgotten by it, leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sipsimple.core import SIPURI, Credentials, Publication, Route, Subscription
from sipsimple.protocols.payloads.notes import Note
from sipsimple.protocols.payloads.pidf import Presence, Tuple
from tests.endpoints import running
from tests.interop.kamailio import HOST
from tests.interop.kamailio_presence import needs_presence, presence

if TYPE_CHECKING:
    from pathlib import Path

    from tests.actors.wire.authority import Issued
    from tests.watch import Watch

pytestmark = [pytest.mark.interop, needs_presence]

PAUSE = 70.0
"""Seconds: longer than the pause after the first failure, which a refresh has that meets the server just starting."""

ALICE, BOB = SIPURI("sipp.test", "alice"), SIPURI("sipp.test", "bob")


def document(text: str, basic: str = "open") -> bytes:
    """Alice's presence."""
    return bytes(Presence("sip:alice@sipp.test", (Tuple("t1", basic, notes=(Note(text),)),)))


def publishing(watch: Watch, ports: dict[str, int], transport: str = "udp") -> Publication:
    """Alice, who publishes."""
    alice = Publication(Credentials(ALICE), "presence", Route(HOST, ports[transport], transport))
    alice.publish("application", "pidf+xml", document("hello"))
    watch.wait_for("SCPublicationDidSucceed", alice)
    return alice


def watching(watch: Watch, ports: dict[str, int], transport: str = "udp", expires: int = 300) -> Subscription:
    """Bob, who watches Alice."""
    route = Route(HOST, ports[transport], transport)
    bob = Subscription(Credentials(BOB, token="bob"), ALICE, "presence", route, expires)
    bob.subscribe()
    watch.wait_for("SCSubscriptionDidSucceed", bob)
    return bob


def told(watch: Watch, bob: Subscription, text: str) -> Presence:
    """Wait until Bob was told a document with this note."""
    found = watch.until(
        lambda: [each.data.body for each in watch.of(bob) if text.encode() in (getattr(each.data, "body", b"") or b"")],
        f"the note {text!r}",
    )
    return Presence.parse(found[0])


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_what_alice_publishes_is_what_bob_is_told(
    transport: str, tmp_path: Path, certificate: Issued, ports: dict[str, int]
) -> None:
    with presence(tmp_path, certificate, ports), running(hub="own") as watch:
        alice = publishing(watch, ports, transport)
        bob = watching(watch, ports, transport)
        assert told(watch, bob, "hello").tuples[0].basic == "open"
        alice.publish("application", "pidf+xml", document("at lunch", "closed"))
        assert told(watch, bob, "at lunch").tuples[0].basic == "closed"
        assert bob.state == "ACTIVE"
        bob.unsubscribe()
        watch.wait_for("SCSubscriptionDidEnd", bob)
        alice.unpublish()
        watch.wait_for("SCPublicationDidEnd", alice)
        assert not watch.count("SCSubscriptionDidFail")
        assert not watch.count("SCPublicationDidFail")


def test_what_was_removed_is_told_no_more(tmp_path: Path, certificate: Issued, ports: dict[str, int]) -> None:
    with presence(tmp_path, certificate, ports), running(hub="own") as watch:
        alice, bob = publishing(watch, ports), watching(watch, ports)
        told(watch, bob, "hello")
        before = watch.count("SCSubscriptionGotNotify", bob)
        alice.unpublish()
        last = watch.wait_for("SCSubscriptionGotNotify", bob, before + 1).data
        assert b"hello" not in last.body


def test_a_fetch_brings_the_present_state(tmp_path: Path, certificate: Issued, ports: dict[str, int]) -> None:
    with presence(tmp_path, certificate, ports), running(hub="own") as watch:
        publishing(watch, ports)
        bob = Subscription(Credentials(BOB), ALICE, "presence", Route(HOST, ports["udp"]), expires=0)
        bob.subscribe()
        watch.wait_for("SCSubscriptionDidEnd", bob)
        told(watch, bob, "hello")
        assert not watch.count("SCSubscriptionDidFail", bob)


def test_more_time_is_asked_for_where_it_is_wanted(tmp_path: Path, certificate: Issued, ports: dict[str, int]) -> None:
    with presence(tmp_path, certificate, ports, min_expires=100), running(hub="own") as watch:
        bob = watching(watch, ports, expires=10)
        assert watch.data("SCSubscriptionDidSucceed", bob)["expires"] >= 100


def test_what_is_granted_for_a_short_time_is_refreshed(
    tmp_path: Path, certificate: Issued, ports: dict[str, int]
) -> None:
    with presence(tmp_path, certificate, ports, max_expires=3), running(hub="own") as watch:
        alice, bob = publishing(watch, ports), watching(watch, ports)
        watch.wait_for("SCPublicationDidSucceed", alice, 3)
        watch.wait_for("SCSubscriptionDidSucceed", bob, 3)
        assert not watch.count("SCSubscriptionDidFail")
        assert not watch.count("SCPublicationDidFail")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_server_that_was_restarted_and_knows_nothing_is_told_everything_again(
    transport: str, tmp_path: Path, certificate: Issued, ports: dict[str, int]
) -> None:
    """412 to the PUBLISH and 481 to the SUBSCRIBE: both begin anew."""
    with running(hub="own") as watch:
        with presence(tmp_path, certificate, ports, max_expires=4) as database:
            alice, bob = publishing(watch, ports, transport), watching(watch, ports, transport)
            told(watch, bob, "hello")
        database.unlink()
        published, subscribed = [
            watch.count(name, sender)
            for name, sender in (("SCPublicationDidSucceed", alice), ("SCSubscriptionDidSucceed", bob))
        ]
        with presence(tmp_path, certificate, ports):
            watch.wait_for("SCPublicationDidSucceed", alice, published + 1, seconds=PAUSE)
            watch.wait_for("SCSubscriptionDidSucceed", bob, subscribed + 1, seconds=PAUSE)
            alice.publish("application", "pidf+xml", document("back again"))
            told(watch, bob, "back again")
            assert (alice.state, bob.state) == ("published", "ACTIVE")


def test_an_event_that_the_server_does_not_know_is_refused(
    tmp_path: Path, certificate: Issued, ports: dict[str, int]
) -> None:
    with presence(tmp_path, certificate, ports), running(hub="own") as watch:
        tea = Subscription(Credentials(BOB), ALICE, "x-tea", Route(HOST, ports["udp"]))
        tea.subscribe()
        watch.wait_for("SCSubscriptionDidEnd", tea)
        assert watch.data("SCSubscriptionDidFail", tea)["code"] == 489
