"""A relay on the way tells of a failed delivery in its own name: RFC 4976 section 6.4, RFC 4975 section 7.1.2."""

from __future__ import annotations

import pytest

from sipsimple.protocols.msrp import chunk, session
from sipsimple.protocols.msrp.outputs import NotDelivered
from tests.protocols.msrp.conftest import ALICE, BOB, End

OURS, THEIRS = "msrp://192.0.2.8:2855/ours;tcp", "msrp://192.0.2.9:2855/theirs;tcp"


@pytest.fixture
def sender():
    """Alice behind a relay, bob behind another; her message is on its way."""
    alice = End(session, session.create([OURS, ALICE], "seedalice"))
    alice.do("start", [THEIRS, BOB], active=True)
    alice.do("connected")
    alice.take(b"MSRP seedalice0 200 OK\r\nTo-Path: x\r\nFrom-Path: y\r\n-------seedalice0$\r\n")
    alice.do("send", "m123", b"hello", "text/plain")
    return alice


def reported(sender, from_path, to_path=ALICE):
    report = chunk.report("rrrr", to_path, from_path, "m123", "1-5/5", 481)
    return [each for each in sender.take(report.encode()) if isinstance(each, NotDelivered)]


@pytest.mark.parametrize("from_path", [OURS, f"{OURS} {THEIRS}", f"{OURS} {THEIRS} {BOB}"])
def test_a_report_of_the_peer_or_of_a_relay_on_the_way_counts(sender, from_path):
    assert [each.code for each in reported(sender, from_path)] == [481]


@pytest.mark.parametrize(
    ("from_path", "to_path"),
    [("msrp://192.0.2.66:2855/stranger;tcp", ALICE), (OURS, "msrp://192.0.2.1:2855/other;tcp")],
)
def test_a_report_of_a_stranger_or_for_another_does_not(sender, from_path, to_path):
    assert reported(sender, from_path, to_path) == []


def test_a_message_of_a_relay_is_still_refused(sender):
    """Only reports: what a relay says in its own name is no message of the peer."""
    request = chunk.send("tttt", ALICE, OURS, "n123", b"hello", "text/plain")
    assert b"481" in b"".join(each.data.encode() for each in sender.take(request.encode()))
