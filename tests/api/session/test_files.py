"""What a session says to files that cannot be proposed, accepted or removed; nothing has changed then."""

from __future__ import annotations

import pytest

from sipsimple.core import SIPURI, SIPCoreError
from sipsimple.errors import SessionStateError
from sipsimple.msrp import MSRPFileTransfer
from sipsimple.session import MSRPConfiguration, Session
from tests.endpoints import alice, counterpart, established, hang_up, running, target

BOB = SIPURI("example.com", "bob")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"abc")
    return path


def push(path, **options):
    return MSRPFileTransfer(alice().uri, BOB, True, file_path=path, **options)


@pytest.mark.parametrize(
    ("make", "error", "why"),
    [
        (lambda path: ["a.txt"], TypeError, "MSRPFileTransfer"),
        (lambda path: [MSRPFileTransfer(BOB, BOB, False, file_path=path)], ValueError, "outgoing"),
        (lambda path: [MSRPFileTransfer(BOB, BOB, True, file_selector='name:"x"')], ValueError, "save_directory"),
        (lambda path: [push(path)] * 2, ValueError, "twice"),
        (lambda path: [], ValueError, "at least one"),
    ],
)
def test_what_cannot_be_proposed_leaves_the_session_as_it_was(path, make, error, why):
    session = Session()
    with pytest.raises(error, match=why):
        session.connect(BOB, alice(), files=make(path))
    assert (session.state, session.files, session.proposed_files) == ("NULL", [], [])


def test_a_call_that_cannot_be_placed_gives_its_transfers_back(path):
    transfer, session = push(path), Session()
    with pytest.raises(SIPCoreError):
        session.connect(BOB, alice(), files=[transfer])
    assert not transfer.is_taken
    assert session.state == "NULL"


def test_a_transfer_serves_once(path):
    with running() as watch:
        transfer, session = push(path), Session()
        session.connect(target(), alice(), files=[transfer])
        watch.wait_for("SCSessionNewOutgoing", session)
        assert session.files == [transfer]
        with pytest.raises(ValueError, match="serves once"):
            Session().connect(target(), alice(), files=[transfer])
        session.terminate()
        watch.wait_for("SCSessionDidEnd", session)
        assert not watch.count("MSRPFileTransferDidFail")
        assert repr(transfer) == "<MSRPFileTransfer to send a.txt ENDED>"


def test_only_what_was_proposed_and_has_a_place_is_accepted(path, tmp_path):
    with running() as watch:
        session = Session()
        session.connect(target(), alice(), files=[push(path)])
        callee = watch.until(lambda: counterpart(watch, session), "a call")
        (theirs,) = callee.proposed_files
        for files, why in (([push(path)], "not proposed"), ([theirs], "save_directory"), ([theirs, theirs], "twice")):
            with pytest.raises(ValueError, match=why):
                callee.accept(files=files)
        with pytest.raises(ValueError, match="chat was not proposed"):
            callee.accept(chat=True)
        assert callee.state == "INCOMING"
        theirs.save_directory = tmp_path / "inbox"
        callee.accept(files=[theirs])
        watch.wait_for("SCSessionDidEnd", callee)
        assert callee.proposed_files == callee.files == []


def test_files_are_added_to_and_removed_from_established_sessions_with_more(path):
    with running() as watch:
        with pytest.raises(SessionStateError, match="add_file"):
            Session().add_file(push(path))
        call = established(watch)
        stranger = push(path)
        with pytest.raises(SessionStateError, match="remove_file"):
            call.caller.remove_file(stranger)
        transfer = push(path)
        call.caller.add_file(transfer)
        with pytest.raises(SessionStateError, match="PROPOSING"):
            call.caller.add_file(stranger)
        assert not stranger.is_taken
        watch.wait_for("SCSessionGotStreamProposal", call.callee)
        assert call.caller.proposed_files == [transfer]
        for password, error in ((123, TypeError), (b"x", TypeError), ("a\nb", ValueError)):
            with pytest.raises(error, match="password"):
                call.callee.accept_proposal(password=password)
        call.callee.reject_proposal()
        watch.wait_for("MSRPFileTransferDidEnd", transfer)
        watch.wait_for("SCSessionRejectedStreamProposal", call.caller)
        assert "488" in watch.data("MSRPFileTransferDidFail", transfer)["reason"]
        assert (call.caller.files, call.callee.proposed_files) == ([], [])
        hang_up(watch, call)


def test_the_place_for_files_is_a_path():
    configuration = MSRPConfiguration()
    configuration.save_directory = "/tmp/x"
    for value, error in ((5, TypeError), (b"x", TypeError), ("", ValueError), ("a\0b", ValueError)):
        with pytest.raises(error, match="save_directory"):
            configuration.save_directory = value
    assert configuration.save_directory == "/tmp/x"
