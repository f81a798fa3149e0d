"""`MSRPFileTransfer` as applications see it, and the stream that runs it."""

from __future__ import annotations

import os

import pytest

from sipsimple.api.transfer.stream import FileStream
from sipsimple.api.transfer.transfer import MSRPFileTransfer
from sipsimple.protocols.msrp.transfer.outputs import Progress
from sipsimple.protocols.sdp.file_attributes import FileAttributes
from sipsimple.protocols.sdp.file_selector import FileSelector
from sipsimple.protocols.sdp.media import Attribute
from sipsimple.protocols.sip.usage.events import StreamFailed, StreamPrepared
from tests.api.transfer.parties import ALICE, BOB, Party, agree, receiving, run, sending, systems, until


@pytest.fixture
def system(hub):
    with systems() as system:
        yield system


@pytest.fixture
def source(tmp_path):
    path = tmp_path / 'a "b" é.txt'
    path.write_bytes(os.urandom(200_000))
    return path


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


@pytest.mark.parametrize(
    "options",
    [
        {"outgoing": True},
        {"outgoing": True, "file_path": "x", "save_directory": "y"},
    ],
)
def test_arguments_that_make_no_transfer_are_refused(options):
    with pytest.raises(ValueError, match=r"file_path|save_directory"):
        MSRPFileTransfer(ALICE, BOB, **options)


@pytest.mark.parametrize(
    ("arguments", "options", "error"),
    [
        (("sip:a@b", BOB, True), {"file_path": "x"}, TypeError),
        ((ALICE, "sip:a@b", True), {"file_path": "x"}, TypeError),
        ((ALICE, BOB, "yes"), {"file_path": "x"}, TypeError),
        ((ALICE, BOB, True), {"file_path": 5}, TypeError),
        ((ALICE, BOB, True), {"file_path": ""}, ValueError),
        ((ALICE, BOB, False), {"save_directory": b"x"}, TypeError),
        ((ALICE, BOB, True), {"file_selector": 5}, TypeError),
        ((ALICE, BOB, True), {"file_selector": "nonsense"}, ValueError),
        ((ALICE, BOB, True), {"file_selector": ""}, ValueError),
        ((ALICE, BOB, True), {"file_selector": "size:many"}, ValueError),
        ((ALICE, BOB, True), {"file_selector": FileSelector()}, ValueError),
        ((ALICE, BOB, True), {"file_selector": FileSelector("x", type="nonsense")}, ValueError),
    ],
)
def test_bad_arguments_are_refused_at_once(arguments, options, error):
    with pytest.raises(error):
        MSRPFileTransfer(*arguments, **options)


def test_what_is_no_relay_is_refused():
    with pytest.raises(TypeError):
        MSRPFileTransfer(ALICE, BOB, True, relay=object(), file_path="x")


def test_a_selector_may_be_text():
    asked = MSRPFileTransfer(ALICE, BOB, True, file_selector='name:"x" size:1', save_directory=".")

    assert (asked.file_selector, asked.file_name) == (FileSelector("x", size=1), "x")
    assert (asked.state, asked.is_active, asked.eta, asked.local_media) == ("NULL", False, None, None)
    asked.stop()


def test_states_notifications_and_data(system, source, inbox):
    alice, bob = Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")
    assert alice.transfer.state == "NULL"
    offer = alice.prepare()
    assert alice.transfer.state == "INITIALIZED"
    assert alice.transfer.local_media is offer
    assert alice.transfer.file_selector.name == source.name
    answer = bob.prepare(offer)
    assert bob.transfer.file_size == 200_000
    alice.start(answer)
    bob.start(offer)
    until(lambda: alice.ended() and bob.ended())

    got, delivered = bob.data("GotFile"), alice.data("DidDeliverFile")
    assert got.file_name == str(inbox / source.name) == str(bob.transfer.file_path)
    assert (got.size, got.content_type) == (200_000, "text/plain")
    assert got.hash == ":".join(alice.transfer.file_selector.hashes[-1])
    assert got.file_selector == alice.transfer.file_selector
    assert (delivered.code, delivered.reason) == (200, "OK")
    assert delivered.message.method == "REPORT"
    assert delivered.message.message_id == delivered.message_id
    for party in (alice, bob):
        progress = [data for name, data in party.seen if name.endswith("GotProgress")]
        assert (progress[-1].transferred_bytes, progress[-1].file_size) == (200_000, 200_000)
        assert party.transfer.state == "ENDED"
        assert party.transfer.transferred_bytes == 200_000
        assert party.seen[-1][0] == "MSRPFileTransferDidEnd"


def test_the_lines_are_those_of_rfc_5547_and_of_the_sdk(system, source, inbox):
    alice, bob = Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")
    offer, answer = agree(alice, bob)
    until(lambda: alice.ended() and bob.ended())

    ours, theirs = FileAttributes.from_media(offer), FileAttributes.from_media(answer)
    assert (offer.direction, answer.direction) == ("sendonly", "recvonly")
    assert (offer.attribute("setup"), answer.attribute("setup")) == ("actpass", "passive")
    assert offer.attribute("accept-types") == "*"
    assert offer.attribute("file-selector").startswith('name:"a %22b%22 é.txt" type:text/plain size:200000 hash:sha-1:')
    assert [name for name, _ in ours.selector.hashes] == ["sha-1", "sha-256"]
    assert ours.selector == theirs.selector
    assert ours.transfer_id == theirs.transfer_id
    assert (ours.disposition, theirs.disposition) == ("attachment", None)
    assert ours.offset
    assert theirs.offset


def test_an_answer_has_no_more_than_the_offer(system, source, inbox):
    """A peer that is not of the SDK is told nothing of x-file-offset."""
    alice, bob = Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")
    offer = alice.prepare()
    plain = offer.with_(attributes=tuple(each for each in offer.attributes if each.name != "x-file-offset"))
    answer = bob.prepare(plain)
    alice.start(answer)
    bob.start(plain)
    until(lambda: alice.ended() and bob.ended())

    assert answer.attribute("x-file-offset") is None
    assert (inbox / source.name).read_bytes() == source.read_bytes()


def refused(party, remote):
    """Why a party does not take a line."""
    party.begin(remote)
    until(lambda: party.told)
    assert isinstance(party.told[0], StreamFailed), party.told
    assert party.names == ["DidFail", "DidEnd"]
    assert party.data("DidFail").context == "initialize"
    assert party.transfer.state == "ERROR"
    return party.told[0].reason


def test_lines_that_do_not_fit_are_refused(system, source, inbox):
    alice = Party(system, sending(source), "alice")
    offer = alice.prepare()

    assert "receive" in refused(Party(system, receiving(inbox), "b"), offer.with_direction("recvonly"))
    chat = offer.with_(attributes=tuple(each for each in offer.attributes if each.name != "file-selector"))
    assert "no file" in refused(Party(system, receiving(inbox), "c"), chat)
    assert "save_directory" in refused(Party(system, MSRPFileTransfer(BOB, ALICE, False), "d"), offer)
    later = offer.with_(attributes=(*offer.attributes, Attribute("file-range", "1001-*")))
    assert "1001" in refused(Party(system, receiving(inbox), "e"), later)
    asked = FileAttributes(FileSelector(size=5)).added_to(offer.with_direction("recvonly"))
    assert "another file" in refused(Party(system, sending(source, outgoing=False), "f"), asked)
    assert not inbox.exists() or list(inbox.iterdir()) == []


def test_it_is_prepared_once(system, source):
    alice = Party(system, sending(source), "alice")
    media = alice.prepare()
    alice.begin()
    until(lambda: len(alice.told) == 2)

    assert alice.told[1] == StreamPrepared("file-1", media)
    alice.transfer.stop()
    until(alice.ended)


def test_stopping_before_anything_began_only_ends(system, source, inbox):
    for party in (Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")):
        party.transfer.stop()
        party.stop()
        assert party.seen == []
        assert party.stream.is_over


def test_stopping_while_hashing_ends(system, source):
    alice = Party(system, sending(source), "alice")
    alice.begin()
    alice.transfer.stop()
    until(alice.ended)

    assert alice.names[-2:] == ["WillEnd", "DidEnd"]
    alice.transfer.stop()


def test_a_session_that_ends_while_the_file_is_hashed_ends_its_transfer(system, source):
    alice = Party(system, sending(source), "alice")
    alice.begin()
    alice.stop(by_peer=True)
    until(alice.ended)

    assert alice.names == ["DidFail", "DidEnd"]


def test_a_session_that_the_peer_ends_too_early_is_a_failure(system, source, inbox):
    alice, bob = Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")
    offer = alice.prepare()
    bob.prepare(offer)
    bob.start(offer)
    bob.stop(by_peer=True)
    until(bob.ended)

    assert bob.names == ["DidInitialize", "DidFail", "DidEnd"]
    assert bob.data("DidFail").reason == "the session has ended"
    alice.stop()
    until(alice.ended)


def test_a_transfer_that_crashed_too_often_is_accounted_for(system, source, inbox):
    alice, bob = Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")
    offer = alice.prepare()
    bob.prepare(offer)
    bob.call.stop("given up")
    count = len(bob.seen)
    bob.stream.bury("crashed")
    assert len(bob.seen) == count  # it had told its end itself

    alice.stream.bury("crashed too often")
    assert alice.names == ["DidInitialize", "DidNotDeliverFile", "DidFail", "DidEnd"]
    assert alice.data("DidFail").reason == "crashed too often"
    alice.stream.bury("again")
    assert len(alice.names) == 4
    alice.call.stop("end")


def test_rate_and_eta_follow_the_progress(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("sipsimple.api.transfer.transfer.time.monotonic", lambda: now[0])
    transfer = sending("x")
    assert transfer.eta is None
    transfer.notify("MSRPFileTransferGotProgress", Progress(1000, 5000))
    assert (transfer.rate, transfer.eta) == (0.0, None)
    now[0] = 102.0
    transfer.notify("MSRPFileTransferGotProgress", Progress(3000, 5000))

    assert (transfer.rate, transfer.eta) == (1000.0, 2.0)


def test_traces_are_optional(system, source, inbox):
    alice, bob = Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")
    for party in (alice, bob):
        party.stream.settings.options.trace_msrp = False
        assert isinstance(party.stream, FileStream)
    run(alice, bob)

    assert "GotFile" in bob.names
