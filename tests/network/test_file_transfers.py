"""Files between two ends over real loopback sockets: what is told, in which order, and what lies on the disk."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gevent
import pytest

from sipsimple.core import Engine
from sipsimple.msrp import FileSelector, MSRPFileTransfer
from sipsimple.protocols.sip.admission.limits import AdmissionLimits
from sipsimple.protocols.sip.admission.throttle import Patience
from sipsimple.session import Session, SessionManager
from tests.endpoints import alice, counterpart, deliver, established, hang_up, running, target

if TYPE_CHECKING:
    from pathlib import Path

TRANSFER = "MSRPFileTransfer"
KINDS = [(transport, tls) for transport in ("udp", "tcp") for tls in (False, True)]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


@dataclass(slots=True)
class Case:
    """A file to send."""

    path: Path
    content: bytes

    @property
    def sha256(self) -> str:
        return "sha-256:" + hashlib.sha256(self.content).digest().hex(":").upper()


@pytest.fixture
def case(tmp_path: Path) -> Case:
    path = tmp_path / 'Grüße "2" 100%.bin'
    path.write_bytes(os.urandom(300_001))
    return Case(path, path.read_bytes())


def push(path: Path, **options: Any) -> MSRPFileTransfer:
    return MSRPFileTransfer(alice().uri, target(), True, file_path=path, **options)


def pull(selector: str, directory: Path) -> MSRPFileTransfer:
    return MSRPFileTransfer(alice().uri, target(), True, file_selector=selector, save_directory=directory)


def connect(watch, *transfers, transport="udp", **kinds):
    """Call the engine itself; return the caller, and the callee once it rings."""
    session = Session()
    session.connect(target(transport), alice(), files=transfers, **kinds)
    return session, watch.until(lambda: counterpart(watch, session), "an incoming session")


def names(watch, *senders):
    """What these senders told, without progress."""
    return [name.removeprefix(TRANSFER) for name in watch.names(*senders) if name != f"{TRANSFER}GotProgress"]


def data(watch, name, sender):
    return watch.data(f"{TRANSFER}{name}", sender)


@pytest.mark.parametrize(("transport", "tls"), KINDS)
def test_a_file_is_pushed_in_an_invite_of_its_own(case, inbox, transport, tls):
    with running() as watch:
        SessionManager().msrp_config.local_use_tls = tls
        mine = push(case.path)
        caller, callee = connect(watch, mine, transport=transport)
        told = watch.data("SCSessionNewIncoming", callee)
        (theirs,) = told["files"]
        assert (told["has_audio"], told["has_chat"]) == (False, False)
        assert (theirs.file_name, theirs.file_size, theirs.sends) == (case.path.name, 300_001, False)
        theirs.save_directory = inbox
        callee.accept(files=[theirs])
        for session in (caller, callee):
            watch.wait_for("SCSessionDidEnd", session)
        assert str(mine.local_media.attribute("path")).startswith("msrps://" if tls else "msrp://")
        got = data(watch, "GotFile", theirs)
        assert (got["file_name"], got["size"], got["hash"]) == (str(inbox / case.path.name), 300_001, case.sha256)
        assert data(watch, "DidDeliverFile", mine)["code"] == 200
        assert [each.name for each in inbox.iterdir()] == [case.path.name]
        assert (inbox / case.path.name).read_bytes() == case.content


def test_the_full_path_is_told_of_a_file_whose_directory_was_named_from_here(case, inbox, monkeypatch):
    """Whoever reads it may stand somewhere else by then."""
    monkeypatch.chdir(inbox.parent)
    with running() as watch:
        caller, callee = connect(watch, push(case.path))
        (theirs,) = callee.proposed_files
        theirs.save_directory = "inbox"
        callee.accept(files=[theirs])
        watch.wait_for("SCSessionDidEnd", callee)
        watch.wait_for("SCSessionDidEnd", caller)
        assert data(watch, "GotFile", theirs)["file_name"] == str(inbox / case.path.name)


def test_the_order_of_what_both_ends_tell(case, inbox):
    with running() as watch:
        SessionManager().msrp_config.save_directory = str(inbox)
        mine = push(case.path)
        caller, callee = connect(watch, mine)
        (theirs,) = callee.proposed_files
        callee.accept(files=callee.proposed_files)
        watch.wait_for("SCSessionDidStart", caller)
        for session in (caller, callee):
            watch.wait_for("SCSessionDidEnd", session)
        sender, receiver = names(watch, caller, mine), names(watch, callee, theirs)
    assert sender == [
        "NULL>CALLING",
        "SCSessionNewOutgoing",
        *sender[2:-10],
        *sender[-10:-6],
        "DidDeliverFile",
        "ESTABLISHED>TERMINATING",
        "SCSessionWillEnd",
        "DidEnd",
        "TERMINATING>TERMINATED",
        "SCSessionDidEnd",
    ]
    begun = [
        "DidInitialize",
        "SCSessionGotRingIndication",
        "SCSessionWillStart",
        "CALLING>ESTABLISHED",
        "SCSessionDidStart",
    ]
    assert sorted(sender[2:-6]) == sorted([*begun, "DidStart"])
    assert receiver[:3] == ["NULL>INCOMING", "SCSessionNewIncoming", "INCOMING>ACCEPTING"]
    assert [each for each in receiver if not each.startswith("SC") and ">" not in each] == [
        "DidInitialize",
        "DidStart",
        "GotFile",
        "DidEnd",
    ]
    assert receiver[-3:] == ["DidEnd", "ESTABLISHED>TERMINATED", "SCSessionDidEnd"]


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("known", ["name", "hash"])
def test_a_file_is_pulled(case, inbox, tls, known):
    selector = str(FileSelector(case.path.name)) if known == "name" else f"hash:{case.sha256}"
    with running() as watch:
        SessionManager().msrp_config.local_use_tls = tls
        mine = pull(selector, inbox)
        caller, callee = connect(watch, mine)
        (theirs,) = callee.proposed_files
        assert theirs.sends
        with pytest.raises(ValueError, match="file_path"):
            callee.accept(files=[theirs])
        theirs.file_path = case.path
        callee.accept(files=[theirs])
        for session in (caller, callee):
            watch.wait_for("SCSessionDidEnd", session)
        assert data(watch, "GotFile", mine)["hash"] == case.sha256
        assert mine.file_path.read_bytes() == case.content
        assert data(watch, "DidDeliverFile", theirs)["code"] == 200
        assert "SCSessionDidFail" not in watch.names(caller, callee)


def test_what_is_not_the_file_that_was_asked_for_is_not_sent(case, inbox):
    with running() as watch:
        mine = pull('name:"another" size:5', inbox)
        caller, callee = connect(watch, mine)
        (theirs,) = callee.proposed_files
        theirs.file_path = case.path
        callee.accept(files=[theirs])
        for session in (caller, callee):
            watch.wait_for("SCSessionDidEnd", session)
        assert "another file" in data(watch, "DidFail", theirs)["reason"]
        assert names(watch, mine)[-2:] == ["DidFail", "DidEnd"]
        assert watch.data("SCSessionDidFail", caller)["code"] == 500


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(48 * 1024 * 1024)
        file.seek(20 * 1024 * 1024)
        file.write(os.urandom(1024 * 1024))
    return path


def some_of_it(inbox):
    """Wait until the file is on its way; progress is told too seldom for this."""
    with gevent.Timeout(10, AssertionError("nothing came")):
        while not any(each.stat().st_size > 2 * 1024 * 1024 for each in inbox.glob("*.part")):
            gevent.sleep(0.0005)


def cut(transfer):
    """Break the connection of a transfer, as a network does that breaks."""
    transfer._ref.state.stream.connection.stream.close(flush=False)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("side", ["sender", "receiver"])
@pytest.mark.parametrize("role", ["push", "pull"])
def test_a_transfer_that_was_cut_is_resumed_by_the_next_attempt(large, inbox, role, side, tls):
    def attempt(selector='name:"large.bin"'):
        mine = push(large) if role == "push" else pull(selector, inbox)
        caller, callee = connect(watch, mine)
        (theirs,) = callee.proposed_files
        if role == "push":
            theirs.save_directory = inbox
        else:
            theirs.file_path = large
        callee.accept(files=[theirs])
        sender, receiver = (mine, theirs) if role == "push" else (theirs, mine)
        return (caller, callee), sender, receiver

    with running() as watch:
        SessionManager().msrp_config.local_use_tls = tls
        sessions, sender, receiver = attempt()
        some_of_it(inbox)
        cut(sender if side == "sender" else receiver)
        for session in sessions:
            watch.wait_for("SCSessionDidEnd", session)
        begun = next(inbox.glob("*.part")).stat().st_size
        assert 0 < begun < large.stat().st_size
        assert names(watch, receiver)[-2:] == ["DidFail", "DidEnd"]
        assert names(watch, sender)[-3:] == ["DidNotDeliverFile", "DidFail", "DidEnd"]
        assert watch.count("SCSessionDidFail") >= 1, "of whom the BYE of the other did not overtake"

        assert receiver.file_selector.hashes, "by its hash the next attempt finds what there is"
        sessions, _sender, receiver = attempt(receiver.file_selector)
        for session in sessions:
            watch.wait_for("SCSessionDidEnd", session)
        assert receiver._file.held == begun, "what had come was not sent again"
        assert data(watch, "GotFile", receiver)["file_name"] == str(inbox / "large.bin")
        assert [each.name for each in inbox.iterdir()] == ["large.bin"]
        assert (inbox / "large.bin").read_bytes() == large.read_bytes()


def test_a_file_inside_a_session_is_a_proposal_and_its_end_changes_nothing_else(case, inbox):
    with running() as watch:
        call = established(watch)
        SessionManager().msrp_config.save_directory = None
        mine = push(case.path)
        call.caller.add_file(mine)
        assert call.caller.state == "PROPOSING"
        watch.wait_for("SCSessionGotStreamProposal", call.callee)
        assert watch.data("SCSessionGotStreamProposal", call.caller)["files"] == [mine]
        told = watch.data("SCSessionGotStreamProposal", call.callee)
        (theirs,) = told["files"]
        assert (told["adds_audio"], told["adds_chat"]) == (False, False)
        with pytest.raises(ValueError, match="at least one"):
            call.callee.accept_proposal()
        theirs.save_directory = inbox
        call.callee.accept_proposal()
        watch.wait_for("MSRPFileTransferDidEnd", mine)
        watch.wait_for("MSRPFileTransferDidEnd", theirs)
        watch.wait_for("SCSessionAcceptedStreamProposal", call.caller)
        deliver(watch, call.caller, call.callee, "did you get it?")
        assert (inbox / case.path.name).read_bytes() == case.content
        assert (call.caller.files, call.callee.files) == ([], [])
        watch.until(lambda: call.caller.call.negotiation.local.count(b"m=message 0 ") == 1, "the line to be closed")
        watch.until(lambda: not call.caller.call.is_busy, "the answer to that")
        hang_up(watch, call)


def test_two_files_and_a_chat_at_once_both_ways(case, large, inbox):
    with running() as watch:
        SessionManager().msrp_config.save_directory = str(inbox)
        one, two = push(large), push(case.path)
        caller, callee = connect(watch, one, two, chat=True)
        callee.accept(chat=True, files=callee.proposed_files)
        watch.wait_for("SCSessionDidStart", caller)
        assert caller.files == [one, two]
        assert len(callee.files) == 2
        deliver(watch, caller, callee, "beside the files")
        for each in (one, two):
            watch.wait_for("MSRPFileTransferDidStart", each)
        streams = [each._ref.state.stream for each in (one, two, caller.chat_transport)]
        assert len({id(each.connection) for each in streams}) == 1, "all use one connection"
        deliver(watch, callee, caller, "indeed")
        watch.wait_for("MSRPFileTransferGotFile", count=2)
        watch.until(lambda: not caller.files and not caller.call.is_busy, "the end of the files")
        watch.until(lambda: callee.state == "ESTABLISHED" and not callee.files, "the end of the files there")
        back = push(case.path)
        callee.add_file(back)
        watch.wait_for("SCSessionGotStreamProposal", caller)
        caller.accept_proposal()
        watch.wait_for("MSRPFileTransferDidEnd", back)
        deliver(watch, callee, caller, "and back")
        assert sorted(each.name for each in inbox.iterdir()) == sorted(
            ["large.bin", case.path.name, case.path.with_stem(case.path.stem + " (2)").name]
        ) or [each.name for each in inbox.iterdir()]
        caller.terminate()
        watch.wait_for("SCSessionDidEnd", callee)


def test_a_hundred_files_at_once(tmp_path, inbox):
    patient = AdmissionLimits(patience=Patience(burst=60.0))  # on a slow machine so many calls are an overload
    with running(admission=patient) as watch:
        SessionManager().msrp_config.save_directory = str(inbox)
        watch.on["SCSessionNewIncoming"] = lambda session: session.accept(files=session.proposed_files)
        contents = {}
        for number in range(100):
            path = tmp_path / f"{number}.bin"
            path.write_bytes(contents.setdefault(path.name, os.urandom(20_000 + number)))
            Session().connect(target(), alice(), files=[push(path)])
        watch.wait_for("MSRPFileTransferGotFile", count=100, seconds=60)
        watch.wait_for("SCSessionDidEnd", count=200, seconds=60)
        assert {each.name: each.read_bytes() for each in inbox.iterdir()} == contents
        assert not watch.count("SCSessionDidFail")


def test_a_file_that_nobody_takes_is_a_failure_of_its_own(case):
    with running() as watch:
        mine = push(case.path)
        caller, callee = connect(watch, mine, chat=True)
        callee.accept(chat=True)
        watch.wait_for("MSRPFileTransferDidEnd", mine)
        assert "refused" in data(watch, "DidFail", mine)["reason"]
        watch.wait_for("SCSessionDidStart", callee)
        deliver(watch, caller, callee, "without it")
        caller.terminate()
        watch.wait_for("SCSessionDidEnd", callee)


def test_a_session_that_is_refused_ends_its_files(case):
    with running() as watch:
        mine = push(case.path)
        caller, callee = connect(watch, mine)
        callee.reject(603)
        watch.wait_for("SCSessionDidEnd", caller)
        assert "603" in data(watch, "DidFail", mine)["reason"] or data(watch, "DidFail", mine)["reason"] == "Decline"
        assert names(watch, caller, mine)[-4:-2] == ["DidEnd", "CALLING>TERMINATED"]


def test_a_file_that_cannot_be_read_ends_the_call_before_it_began(tmp_path):
    with running() as watch:
        mine = push(tmp_path / "none")
        session = Session()
        session.connect(target(), alice(), files=[mine])
        watch.wait_for("SCSessionDidEnd", session)
        assert "no such file" in data(watch, "DidFail", mine)["reason"]
        assert "no such file" in watch.data("SCSessionDidFail", session)["reason"]
        assert not watch.count("SCSessionNewIncoming")


@pytest.mark.parametrize("side", ["sender", "receiver"])
def test_a_transfer_is_stopped_by_either_side_and_the_session_goes_on(large, inbox, side):
    with running() as watch:
        SessionManager().msrp_config.save_directory = str(inbox)
        mine = push(large)
        caller, callee = connect(watch, mine, chat=True)
        (theirs,) = callee.proposed_files
        callee.accept(chat=True, files=[theirs])
        some_of_it(inbox)
        session, transfer = (caller, mine) if side == "sender" else (callee, theirs)
        session.remove_file(transfer)
        for each in (mine, theirs):
            watch.wait_for("MSRPFileTransferDidEnd", each)
        assert "WillEnd" in names(watch, transfer)
        assert "DidNotDeliverFile" in names(watch, mine)
        deliver(watch, caller, callee, "stopped")
        caller.terminate()
        watch.wait_for("SCSessionDidEnd", callee)
        assert [each.suffix for each in inbox.iterdir()] == [".part"]


def test_ending_the_session_ends_its_files(large, inbox):
    with running() as watch:
        SessionManager().msrp_config.save_directory = str(inbox)
        mine = push(large)
        caller, callee = connect(watch, mine)
        (theirs,) = callee.proposed_files
        callee.accept(files=[theirs])
        some_of_it(inbox)
        caller.terminate()
        for session in (caller, callee):
            watch.wait_for("SCSessionDidEnd", session)
        assert "WillEnd" in names(watch, mine)
        assert names(watch, theirs)[-2:] == ["DidFail", "DidEnd"]
        assert "SCSessionDidFail" not in watch.names(caller, callee)


def test_a_proposal_that_the_end_of_the_session_overtakes_ends_its_transfer(case):
    with running() as watch:
        call = established(watch)
        call.caller.hold()
        mine = push(case.path)
        call.caller.add_file(mine)
        call.caller.terminate()
        watch.wait_for("SCSessionDidEnd", call.caller)
        watch.wait_for("SCSessionDidEnd", call.callee)
        assert names(watch, mine)[-1] == "DidEnd"


def test_the_engine_ends_transfers_when_it_stops(large, inbox):
    with running() as watch:
        SessionManager().msrp_config.save_directory = str(inbox)
        mine = push(large)
        _caller, callee = connect(watch, mine)
        callee.accept(files=callee.proposed_files)
        watch.wait_for("MSRPFileTransferDidStart", mine)
        Engine().stop()
        gevent.sleep(0)
        assert names(watch, mine)[-1] == "DidEnd"
