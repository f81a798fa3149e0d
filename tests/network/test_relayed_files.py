"""Files that go through an MSRP relay, over loopback: RFC 4976 section 5, RFC 5547."""

from __future__ import annotations

import os

import pytest

from sipsimple.actors.wire import tls
from sipsimple.core import SIPURI, Credentials, Engine
from sipsimple.msrp import MSRPFileTransfer, MSRPRelaySettings
from sipsimple.session import Session, SessionManager
from tests.endpoints import counterpart, established, hang_up, running, target
from tests.interop.msrp_relay import Relay, Rules

ALICE = Credentials(SIPURI("example.com", "alice"), "secret")
SIZE = 1_000_003


@pytest.fixture
def relay():
    with Relay() as relay:
        yield relay


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a file.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


def use(relay, *, outgoing=False, incoming=False):
    configuration = SessionManager().msrp_config
    configuration.use_relay_outgoing, configuration.use_relay_incoming = outgoing, incoming
    configuration.relay_host, configuration.relay_port, configuration.relay_use_tls = "127.0.0.1", relay.port, False


def hops(transfer):
    return len(transfer.local_media.attribute("path").split())


def push(watch, path, inbox, credentials=ALICE, **options):
    """Push a file in a call of its own, and wait until both ends have told of it."""
    mine = MSRPFileTransfer(ALICE.uri, target(), True, file_path=path, **options)
    caller = Session()
    caller.connect(target(), credentials, files=[mine])
    callee = watch.until(lambda: counterpart(watch, caller), "an incoming session")
    [theirs] = watch.data("SCSessionNewIncoming", callee)["files"]
    theirs.save_directory = inbox
    callee.accept(files=[theirs], password="secret")
    watch.wait_for("MSRPFileTransferDidDeliverFile", mine)
    watch.wait_for("MSRPFileTransferGotFile", theirs)
    for session in (caller, callee):
        watch.wait_for("SCSessionDidEnd", session)
    assert theirs.file_path.read_bytes() == path.read_bytes()
    return mine, theirs


@pytest.mark.parametrize("outgoing", [True, False])
@pytest.mark.parametrize("incoming", [True, False])
def test_a_file_goes_through_the_relay_of_either_side(relay, path, tmp_path, outgoing, incoming):
    with running() as watch:
        use(relay, outgoing=outgoing, incoming=incoming)
        mine, theirs = push(watch, path, tmp_path / "inbox")
        assert (hops(mine), hops(theirs)) == (1 + outgoing, 1 + incoming)
        assert bool(relay.forwarded) is (outgoing or incoming)


@pytest.mark.parametrize("role", ["outgoing", "incoming"])
def test_a_file_goes_through_a_relay_over_tls(path, tmp_path, role):
    certificate = tls.self_signed_certificate("127.0.0.1")
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(certificate.certificate_pem)
    with Relay(tls=tls.server_context(certificate)) as relay, running() as watch:
        use(relay, **{role: True})
        configuration = SessionManager().msrp_config
        configuration.relay_use_tls, configuration.relay_ca_file, configuration.local_use_tls = True, ca_file, True
        mine, theirs = push(watch, path, tmp_path / "inbox")
        relayed = mine if role == "outgoing" else theirs
        assert relayed.local_media.attribute("path").startswith("msrps://")
        assert (hops(relayed), bool(relay.forwarded)) == (2, True)


def test_a_file_is_pulled_through_a_relay(relay, path, tmp_path):
    with running() as watch:
        use(relay, outgoing=True)
        selector = f'name:"{path.name}"'
        mine = MSRPFileTransfer(ALICE.uri, target(), True, file_selector=selector, save_directory=tmp_path / "inbox")
        caller = Session()
        caller.connect(target(), ALICE, files=[mine])
        callee = watch.until(lambda: counterpart(watch, caller), "an incoming session")
        [theirs] = watch.data("SCSessionNewIncoming", callee)["files"]
        theirs.file_path = path
        callee.accept(files=[theirs], password="secret")
        watch.wait_for("MSRPFileTransferGotFile", mine)
        for session in (caller, callee):
            watch.wait_for("SCSessionDidEnd", session)
        assert mine.file_path.read_bytes() == path.read_bytes()


def test_a_file_may_have_relays_of_its_own(relay, path, tmp_path):
    """The relays that a transfer was made with are used, whatever the configuration says; here two in a row."""
    with Relay() as outer, running() as watch:
        relays = [
            MSRPRelaySettings("127.0.0.1", "alice", "secret", "127.0.0.1", each.port, use_tls=False)
            for each in (relay, outer)
        ]
        mine, _ = push(watch, path, tmp_path / "inbox", relay=relays)
        assert hops(mine) == 3
        assert (bool(relay.forwarded), bool(outer.forwarded)) == (True, True)


def test_a_second_file_goes_through_as_the_first_did(relay, path, tmp_path):
    """What users complain about: the second transfer behind a relay fails."""
    with running() as watch:
        use(relay, outgoing=True, incoming=True)
        for _ in range(3):
            push(watch, path, tmp_path / "inbox")
    assert len(list((tmp_path / "inbox").iterdir())) == 3


def test_a_file_is_added_to_a_call_and_goes_through_the_relay_beside_the_chat(relay, path, tmp_path):
    with running() as watch:
        call = established(watch)
        settings = MSRPRelaySettings("127.0.0.1", "alice", "secret", "127.0.0.1", relay.port, use_tls=False)
        mine = MSRPFileTransfer(ALICE.uri, target(), True, relay=settings, file_path=path)
        call.caller.add_file(mine)
        watch.wait_for("SCSessionGotStreamProposal", call.callee)
        [theirs] = watch.until(lambda: call.callee.proposed_files, "the proposed file")
        theirs.save_directory = tmp_path / "inbox"
        call.callee.accept_proposal(files=[theirs])
        watch.wait_for("MSRPFileTransferGotFile", theirs)
        watch.wait_for("MSRPFileTransferDidEnd", mine)
        assert hops(mine) == 2
        call.caller.send_message("still here")
        hang_up(watch, call)


@pytest.mark.parametrize("outgoing", [True, False])
def test_a_relay_that_is_named_and_refuses_fails_the_file(path, tmp_path, outgoing):
    with Relay(Rules(refuse="403 Forbidden")) as relay, running() as watch:
        use(relay, outgoing=outgoing, incoming=not outgoing)
        mine = MSRPFileTransfer(ALICE.uri, target(), True, file_path=path)
        caller = failing = Session()
        caller.connect(target(), ALICE, files=[mine])
        if not outgoing:
            failing = watch.until(lambda: counterpart(watch, caller), "an incoming session")
            [theirs] = watch.data("SCSessionNewIncoming", failing)["files"]
            theirs.save_directory = tmp_path / "inbox"
            failing.accept(files=[theirs], password="secret")
        watch.wait_for("SCSessionDidEnd", failing)
        assert "403" in watch.data("SCSessionDidFail", failing)["reason"]
        assert watch.data("MSRPFileTransferDidFail")["context"] == "initialize"
        watch.wait_for("SCSessionDidEnd", caller)


def test_a_relay_that_goes_away_ends_the_transfer(relay, tmp_path):
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with running() as watch:
        use(relay, outgoing=True)
        mine = MSRPFileTransfer(ALICE.uri, target(), True, file_path=path)
        caller = Session()
        caller.connect(target(), ALICE, files=[mine])
        callee = watch.until(lambda: counterpart(watch, caller), "an incoming session")
        [theirs] = watch.data("SCSessionNewIncoming", callee)["files"]
        theirs.save_directory = tmp_path / "inbox"
        callee.accept(files=[theirs], password="secret")
        watch.wait_for("MSRPFileTransferGotProgress", theirs)
        relay.drop()
        watch.wait_for("MSRPFileTransferDidEnd", mine)
        watch.wait_for("MSRPFileTransferDidEnd", theirs)
        assert watch.count("MSRPFileTransferDidDeliverFile") == 0
        for session in (caller, callee):
            watch.wait_for("SCSessionDidEnd", session)
    assert not Engine().is_running
