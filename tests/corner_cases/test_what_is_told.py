"""What every notification has: a time, each documented attribute, and a reason that can be shown."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from sipsimple.api.engine import running as lives
from sipsimple.core import SIPURI
from sipsimple.session import Session
from tests.endpoints import alice, deliver, established, hang_up, place, port, running
from tests.interop.sip_peer import SIPPeer, chat_line, description
from tests.network.registrar import Registrar, registered

DOCUMENT = Path(__file__).parents[2] / "docs" / "notifications.md"
NAME, ATTRIBUTE = re.compile(r"`((?:SC|MSRP)\w+)`"), re.compile(r"[a-z]+(_[a-z]+)*")
STATES = {"registered"}


def attributes_in(cell):
    """Return what is in backticks and no call, outside of parentheses: those have the values of an attribute."""
    depth, found = 0, set()
    for number, part in enumerate(cell.split("`")):
        if number % 2 and not depth and ATTRIBUTE.fullmatch(part):
            found.add(part)
        elif not number % 2:
            depth += part.count("(") - part.count(")")
    return found - STATES


def documented():
    """Return the attributes of each notification that the tables of the page name."""
    found = {}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        names, _, data = line.removeprefix("| ").partition(" | ")
        if line.startswith("| `"):
            for name in NAME.findall(names):
                found.setdefault(name, set()).update(attributes_in(data))
    return found


def check(seen):
    """Check everything that was told against the page."""
    attributes = documented()
    for each in seen:
        assert isinstance(each.data.timestamp, datetime.datetime), each.name
        missing = [name for name in attributes.get(each.name, ()) if not hasattr(each.data, name)]
        assert not missing, each
        if "DidFail" in each.name or "Rejected" in each.name:
            assert isinstance(each.data.reason, str), each
            assert each.data.reason, each


def test_the_page_names_attributes():
    attributes = documented()
    assert {"originator", "code", "reason", "cause", "protocol"} <= attributes["SCSessionDidFail"]
    assert {"originator", "reason", "cause", "protocol"} <= attributes["SCSessionDidEnd"]
    assert {"contact_uri", "expires"} <= attributes["SCRegistrationChangedState"]
    assert len(attributes) > 60


def test_what_calls_and_chats_tell_has_every_attribute():
    with running() as watch:
        call = established(watch)
        deliver(watch, call.caller, call.callee, "hello")
        call.caller.hold()
        watch.wait_for("SCSessionGotHoldRequest")
        hang_up(watch, call)
        place(watch).callee.reject(302)
        place(watch).caller.terminate()
        watch.wait_for("SCSessionDidEnd", count=6)
    check(watch.seen)
    assert {each.name for each in watch.seen} >= {"SCSessionDidFail", "SCSessionGotMessage", "MSRPChatDidEnd"}


def test_what_registrations_tell_has_every_attribute():
    with Registrar() as registrar, running() as watch:
        registration = registered(watch, registrar)
        registration.unregister()
        watch.wait_for("SCRegistrationDidEnd", registration)
    check(watch.seen)


@pytest.mark.parametrize(
    ("status", "phrase", "warning", "reason"),
    [
        (486, "", "", "Busy Here"),
        (404, "Gone fishing", "", "Gone fishing"),
        (488, "", 'Warning: 399 peer "no common codec"', "Not Acceptable Here (no common codec)"),
        (699, "", "", None),
    ],
)
def test_a_failure_has_a_reason_and_no_attribute_is_absent(monkeypatch, status, phrase, warning, reason):
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with SIPPeer() as peer, running(hub="own") as watch:
        session = Session()
        session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), chat=True)
        peer.respond(peer.receive("INVITE"), status, phrase, "Server: refuser", *([warning] if warning else []))
        watch.wait_for("SCSessionDidEnd", session)
    check(watch.seen)
    (failure,) = [each.data for each in watch.seen if each.name == "SCSessionDidFail"]
    assert (failure.originator, failure.code) == ("remote", status)
    assert failure.reason == reason or (reason is None and failure.reason)
    assert (failure.cause, failure.protocol, failure.redirect_identities) == (None, None, None)
    assert session.remote_user_agent == "refuser"


def test_an_end_without_a_word_of_the_peer_reads_as_none(monkeypatch):
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with SIPPeer() as peer, running(hub="own") as watch:
        invite = peer.invite(port(), description(chat_line("msrp://127.0.0.1:9/peersession;tcp", "setup:active")))
        session = watch.wait_for("SCSessionNewIncoming").sender
        session.accept(chat=True)
        answer = peer.receive("SIP/2.0 200")
        peer.send(peer.within(invite, "ACK", answer))
        watch.wait_for("SCSessionDidStart", session)
        peer.send(peer.within(invite, "BYE", answer))
        end = watch.wait_for("SCSessionDidEnd", session).data
    assert (end.originator, end.reason, end.cause, end.protocol) == ("remote", None, None, None)
    check(watch.seen)
