"""File transfers over loopback: real sockets, real files, and what may go wrong with either."""

from __future__ import annotations

import errno
import os
from hashlib import sha1, sha256

import gevent
import pytest

from sipsimple.actors.msrp.gate import ENOUGH_BYTES
from sipsimple.actors.msrp.shared import READ_FILE_BYTES as READ_BYTES
from sipsimple.actors.transfer import part as transfer_part
from sipsimple.actors.wire import sockets
from sipsimple.actors.wire.stream import Stream
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.headers import ByteRange
from sipsimple.protocols.msrp.transfer.state import WINDOW
from sipsimple.protocols.sdp.file_attributes import FileAttributes
from sipsimple.protocols.sdp.file_selector import FileSelector, hashes_of
from sipsimple.protocols.sdp.message_media import MessageMedia
from sipsimple.protocols.sip.usage.events import StreamEnded, StreamFailed
from tests.api.transfer.parties import Party, agree, receiving, run, sending, systems, until

SIZE = 3_000_001
SENT = ["DidInitialize", "DidStart", "DidDeliverFile", "DidEnd"]
RECEIVED = ["DidInitialize", "DidStart", "GotFile", "DidEnd"]


@pytest.fixture
def system(hub):
    with systems() as system:
        yield system


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


@pytest.fixture
def inbox(tmp_path):
    return tmp_path / "inbox"


@pytest.fixture
def push(system, source, inbox):
    """A push: who sends, who receives."""
    return Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")


def parts(inbox):
    return sorted(inbox.glob("*.part"))


def has_moved(party, least):
    """Whether so many bytes have come to the disk."""
    file = party.stream.setup.file
    return file._ranges and file._ranges[0][1] >= least


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("size", [0, 1, 65_536, SIZE])
def test_a_push_arrives_whole(system, tmp_path, inbox, size, tls):
    source = tmp_path / "any file.bin"
    source.write_bytes(os.urandom(size))
    alice, bob = Party(system, sending(source), "alice", tls), Party(system, receiving(inbox), "bob", tls)

    run(alice, bob)

    assert (inbox / "any file.bin").read_bytes() == source.read_bytes()
    assert (alice.names, bob.names) == (SENT, RECEIVED)
    assert parts(inbox) == []
    assert isinstance(alice.told[-1], StreamEnded)
    assert isinstance(bob.told[-1], StreamEnded)


def test_a_pull_arrives_whole(system, source, inbox):
    selector = FileSelector(hashes=hashes_of({"sha-1": sha1(source.read_bytes()).digest()}))
    alice = Party(system, sending(source, outgoing=False), "alice")
    bob = Party(system, receiving(inbox, outgoing=True, file_selector=selector), "bob")

    run(bob, alice)

    assert (inbox / "source.bin").read_bytes() == source.read_bytes()
    assert (alice.names, bob.names) == (SENT, RECEIVED)


def test_a_file_of_the_same_name_is_left_alone(push, source, inbox):
    inbox.mkdir()
    (inbox / "source.bin").write_text("mine")
    (inbox / "source.bin.1").write_text("mine too")

    run(*push)

    assert (inbox / "source.bin").read_text() == "mine"
    assert (inbox / "source.bin.2").read_bytes() == source.read_bytes()
    assert push[1].data("GotFile").file_name == str(inbox / "source.bin.2")


def cut(alice, bob, at=SIZE // 3):
    """Begin, and cut the connection when so much is on the disk."""
    agree(alice, bob)
    until(lambda: has_moved(bob, at))
    bob.stream.ref.state.stream.connection.stream.close(flush=False)
    until(lambda: alice.ended() and bob.ended())


@pytest.fixture
def big(tmp_path):
    """A file that takes a while."""
    path = tmp_path / "big.bin"
    with path.open("wb") as file:
        file.write(os.urandom(100_000))
        file.truncate(64 * 1024 * 1024)
    return path


def test_what_was_cut_goes_on_where_it_was(system, big, inbox):
    alice, bob = Party(system, sending(big), "alice"), Party(system, receiving(inbox), "bob")
    cut(alice, bob)
    assert alice.names == ["DidInitialize", "DidStart", "DidNotDeliverFile", "DidFail", "DidEnd"]
    assert bob.names == ["DidInitialize", "DidStart", "DidFail", "DidEnd"]
    assert isinstance(bob.told[-1], StreamFailed)
    [part] = parts(inbox)
    held = part.stat().st_size
    assert held >= SIZE // 3

    alice, bob = Party(system, sending(big), "alice again"), Party(system, receiving(inbox), "bob again")
    run(alice, bob)

    assert (alice.names, bob.names) == (SENT, RECEIVED)
    assert (inbox / "big.bin").read_bytes() == big.read_bytes()
    assert alice.stream.ref.state.core.begun == held
    assert parts(inbox) == []


def test_a_pull_goes_on_with_a_file_range(system, big, inbox):
    selector = FileSelector("big.bin", size=big.stat().st_size, hashes=_hashes(big))
    ask = {"outgoing": True, "file_selector": selector}
    alice, bob = Party(system, sending(big, outgoing=False), "a"), Party(system, receiving(inbox, **ask), "b")
    agree(bob, alice)
    until(lambda: has_moved(bob, SIZE))
    alice.stream.ref.state.stream.connection.stream.close(flush=False)
    until(lambda: alice.ended() and bob.ended())
    held = parts(inbox)[0].stat().st_size

    alice, bob = Party(system, sending(big, outgoing=False), "a2"), Party(system, receiving(inbox, **ask), "b2")
    offer, answer = agree(bob, alice)
    until(lambda: alice.ended() and bob.ended())

    assert FileAttributes.from_media(offer).range == FileAttributes.from_media(answer).range == (held + 1, None)
    assert bob.names == RECEIVED
    assert (inbox / "big.bin").read_bytes() == big.read_bytes()


def _hashes(path):
    return hashes_of({"sha-256": sha256(path.read_bytes()).digest()})


@pytest.mark.parametrize("who", [0, 1])
def test_a_killed_transfer_goes_on(system, big, inbox, who):
    """Killed again and again, in whatever it was doing: nothing is lost."""
    parties = Party(system, sending(big), "alice"), Party(system, receiving(inbox), "bob")
    agree(*parties)
    ref, killed = parties[who].stream.ref, 0
    while not any(each.ended() for each in parties):
        # one that is killed before it has handled a message since the last time has a supervisor that gives up
        if killed < 8 and ref._slot.has_handled and has_moved(parties[1], (killed + 1) * 1_000_000):
            ref.kill()
            killed += 1
        gevent.sleep(0.001)
    until(lambda: all(each.ended() for each in parties))

    assert killed == 8
    assert ref.restarts >= 1
    assert parties[1].names == RECEIVED
    assert parties[0].names == SENT
    assert (inbox / "big.bin").read_bytes() == big.read_bytes()


def test_a_killed_reader_goes_on(system, big, inbox):
    alice, bob = Party(system, sending(big), "alice"), Party(system, receiving(inbox), "bob")
    agree(alice, bob)
    until(lambda: has_moved(bob, SIZE))
    for _ in range(3):
        bob.call.child("connection-1").child("reader").kill()
        gevent.sleep(0)
    until(lambda: alice.ended() and bob.ended())

    assert bob.names == RECEIVED
    assert (inbox / "big.bin").read_bytes() == big.read_bytes()


@pytest.mark.parametrize("who", [0, 1])
def test_either_side_may_stop(system, big, inbox, who):
    parties = Party(system, sending(big), "alice"), Party(system, receiving(inbox), "bob")
    agree(*parties)
    until(lambda: has_moved(parties[1], SIZE))
    parties[who].transfer.stop()
    until(lambda: all(each.ended() for each in parties))

    lost = ["DidNotDeliverFile"]
    stopped, other = parties[who].names[2:], parties[1 - who].names[2:]
    assert stopped == ["WillEnd", *(lost if who == 0 else []), "DidEnd"]
    assert other == [*(lost if who == 1 else []), "DidFail", "DidEnd"]
    assert len(parts(inbox)) == 1
    assert parties[who].transfer.state == "ENDED"
    assert parties[1 - who].transfer.state == "ERROR"
    if who == 1:
        assert parties[0].data("DidNotDeliverFile").code == 413


def test_a_full_disk_fails_with_a_reason_at_both_sides(push, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    alice, bob = push
    agree(alice, bob)
    monkeypatch.setattr(transfer_part.os, "pwrite", full)
    until(lambda: alice.ended() and bob.ended())

    assert bob.data("DidFail").reason == "no space left on device"
    assert bob.data("DidFail").context == "disk"
    assert alice.data("DidNotDeliverFile").code == 413


@pytest.mark.parametrize("make", ["missing", "directory", "pipe"])
def test_a_file_that_cannot_be_read_fails_with_a_reason(system, tmp_path, make):
    path = tmp_path / "odd"
    if make == "directory":
        path.mkdir()
    elif make == "pipe":
        os.mkfifo(path)
    alice = Party(system, sending(path), "alice")
    alice.begin(None)
    until(lambda: alice.told)

    assert alice.names == ["DidFail", "DidEnd"]
    assert alice.data("DidFail").context == "initialize"
    assert isinstance(alice.told[0], StreamFailed)
    assert alice.data("DidFail").reason in ("no such file or directory", "is a directory", "not a file")


def test_a_file_that_becomes_shorter_is_aborted(system, big, inbox):
    alice, bob = Party(system, sending(big), "alice"), Party(system, receiving(inbox), "bob")
    agree(alice, bob)
    until(lambda: has_moved(bob, 1))
    os.truncate(big, 1000)
    until(lambda: alice.ended() and bob.ended())

    assert alice.data("DidFail").reason == "the file has become shorter"
    assert bob.data("DidFail").reason == "the peer aborted the transfer"


def test_another_content_is_refused_and_leaves_nothing(system, source, inbox):
    """The file changes after it was hashed: size right, hash wrong."""
    alice, bob = Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")
    offer = alice.prepare()
    answer = bob.prepare(offer)
    source.write_bytes(bytes(SIZE))
    alice.start(answer)
    bob.start(offer)
    until(lambda: alice.ended() and bob.ended())

    assert bob.data("DidFail").context == "verifying"
    assert "hash" in bob.data("DidFail").reason
    assert alice.data("DidNotDeliverFile").code == 400
    assert list(inbox.iterdir()) == []


def test_two_transfers_of_one_file_do_not_meet(system, source, inbox):
    pairs = [
        (Party(system, sending(source), f"alice{n}"), Party(system, receiving(inbox), f"bob{n}")) for n in range(2)
    ]
    for pair in pairs:
        agree(*pair)
    until(lambda: all(each.ended() for pair in pairs for each in pair))

    assert {each.name for each in inbox.iterdir()} == {"source.bin", "source.bin.1"}
    assert {each.read_bytes() for each in inbox.iterdir()} == {source.read_bytes()}


def test_a_hundred_transfers_at_once(system, tmp_path, inbox):
    sources = []
    for number in range(100):
        sources.append(tmp_path / f"{number}.bin")
        sources[-1].write_bytes(os.urandom(200_000))
    alices = [Party(system, sending(path), f"alice {path.name}") for path in sources]
    bobs = [Party(system, receiving(inbox), f"bob {path.name}") for path in sources]
    for pair in zip(alices, bobs, strict=True):
        agree(*pair)
    until(lambda: all(each.ended() for each in alices + bobs), 60)

    assert all(each.names == RECEIVED for each in bobs)
    assert all((inbox / path.name).read_bytes() == path.read_bytes() for path in sources)


def connected_to(party):
    """A raw connection to the path of a party's line."""
    sock = sockets.connect("127.0.0.1", party.stream.setup.listener.port, 5)
    return Stream(sock, ("127.0.0.1", 0)), party.stream.setup.local_path


def raw_offer(content, name="raw.bin", hashes=True):
    """A line of a peer that offers a file and will connect."""
    selector = FileSelector(
        name, "application/x", len(content), hashes_of({"sha-1": sha1(content).digest()}) if hashes else ()
    )
    media = MessageMedia(("msrp://127.0.0.1:9/raw;tcp",), ("*",), setup="active", port=9, direction="sendonly")
    return FileAttributes(selector, "tid").added_to(media.to_media())


def begin_raw(party, content, **options):
    """Have a party accept the file of a raw peer; a stream that is bound."""
    offer = raw_offer(content, **options)
    party.prepare(offer)
    party.start(offer)
    stream, path = connected_to(party)
    stream.write(chunk.send("bind1", path, "msrp://127.0.0.1:9/raw;tcp", "m0").encode())
    assert b" 200 " in stream.read()
    return stream, path


def raw_chunk(path, number, body, first, total, flag="+"):
    from_path = "msrp://127.0.0.1:9/raw;tcp"
    byte_range = ByteRange(first, None, total)
    return chunk.send(f"raw{number:05}", path, from_path, "m1", body, "a/x", byte_range, flag, "yes", "yes").encode()


def test_one_chunk_of_any_size_is_written_as_it_comes(system, inbox):
    """A peer may send the whole file in one chunk: it goes to the disk before its end-line."""
    content = os.urandom(5_000_000)
    bob = Party(system, receiving(inbox), "bob")
    stream, path = begin_raw(bob, content)
    data = raw_chunk(path, 1, content, 1, len(content), "$")
    stream.write(data[: len(data) // 2])
    until(lambda: has_moved(bob, 2_000_000))
    stream.write(data[len(data) // 2 :])
    answers = b""
    while b"REPORT" not in answers:
        answers += stream.read()

    assert answers.startswith(b"MSRP raw00001 200 OK\r\n")
    assert b"Status: 000 200 OK" in answers
    assert f"Byte-Range: 1-{len(content)}/{len(content)}".encode() in answers
    stream.close()
    until(bob.ended)
    assert (inbox / "raw.bin").read_bytes() == content


def test_chunks_may_come_in_any_order(system, inbox):
    content = os.urandom(400_000)
    bob = Party(system, receiving(inbox), "bob")
    stream, path = begin_raw(bob, content)
    starts = [300_000, 0, 200_000, 100_000]
    for number, at in enumerate(starts):
        flag = "$" if at == 300_000 else "+"
        stream.write(raw_chunk(path, number, content[at : at + 100_000], at + 1, len(content), flag))
    until(lambda: "GotFile" in bob.names)
    stream.close()
    until(bob.ended)

    assert (inbox / "raw.bin").read_bytes() == content


@pytest.mark.parametrize("name", ["../../up.bin", "/etc/up.bin", "..\\up.bin", "a/../up.bin\x01"])
def test_a_hostile_name_stays_in_the_directory(system, tmp_path, inbox, name):
    content = b"hello"
    bob = Party(system, receiving(inbox), "bob")
    stream, path = begin_raw(bob, content, name=name)
    stream.write(raw_chunk(path, 1, content, 1, 5, "$"))
    until(lambda: "GotFile" in bob.names)
    stream.close()
    until(bob.ended)

    assert [each.name.rstrip("_") for each in inbox.iterdir()] == ["up.bin"]
    assert sorted(each.name for each in tmp_path.iterdir()) == ["inbox"]


def test_more_than_was_announced_is_stopped(system, inbox):
    """A chunk that does not end is cut off where the file should."""
    bob = Party(system, receiving(inbox), "bob")
    stream, path = begin_raw(bob, bytes(1000))
    stream.write(raw_chunk(path, 1, bytes(2000), 1, 1000, "$"))
    until(bob.ended)

    assert bob.data("DidFail").code == 413
    assert b" 413 " in stream.read()
    stream.close()


def test_garbage_ends_the_transfer_and_keeps_what_came(system, inbox):
    content = os.urandom(200_000)
    bob = Party(system, receiving(inbox), "bob")
    stream, path = begin_raw(bob, content)
    stream.write(raw_chunk(path, 1, content[:100_000], 1, len(content)) + b"garbage\r\n")
    until(bob.ended)

    assert bob.names == ["DidInitialize", "DidStart", "DidFail", "DidEnd"]
    assert parts(inbox)[0].read_bytes() == content[:100_000]
    stream.close()


SDK_ASKS = b"MSRP 220783ba2f9a621b FILE_OFFSET\r\nTo-Path: %b\r\nFrom-Path: %b\r\n-------220783ba2f9a621b$\r\n"
SDK_SENDS = (
    b"MSRP 67a733c52c5a1f5f SEND\r\nTo-Path: %b\r\nFrom-Path: %b\r\nByte-Range: 1-17/17\r\n"
    b"Message-ID: ab664b7c0cb09287\r\nSuccess-Report: yes\r\nFailure-Report: yes\r\nContent-Type: text/plain\r\n\r\n"
    b"hello world file\n\r\n-------67a733c52c5a1f5f$\r\n"
)


def test_the_sdk_pushes_a_file(system, inbox):
    """The very bytes of `file_push_small.trace`, but for the paths."""
    bob = Party(system, receiving(inbox), "bob")
    stream, path = begin_raw(bob, b"hello world file\n", name="small.txt")
    paths = path.encode(), b"msrp://127.0.0.1:9/raw;tcp"
    back = b"To-Path: %b\r\nFrom-Path: %b\r\n" % paths[::-1]
    stream.write(SDK_ASKS % paths)
    offset = stream.read()
    stream.write(SDK_SENDS % paths)
    answer = b""
    while b"REPORT" not in answer:
        answer += stream.read()
    stream.close()
    until(bob.ended)

    assert offset == b"MSRP 220783ba2f9a621b 200 OK\r\n%bOffset: 0\r\n-------220783ba2f9a621b$\r\n" % back
    response, _, report = answer.partition(b"MSRP " + bob.stream.setup.seed.encode())
    assert response == b"MSRP 67a733c52c5a1f5f 200 OK\r\n%b-------67a733c52c5a1f5f$\r\n" % back
    assert b" REPORT\r\n" + back in report
    for line in (b"Status: 000 200 OK", b"Message-ID: ab664b7c0cb09287", b"Byte-Range: 1-17/17"):
        assert line + b"\r\n" in report
    assert bob.names == RECEIVED


def test_a_killed_process_leaves_what_the_next_one_goes_on_from(system, big, inbox):
    """Its part is what it had written; nobody tidied up."""
    inbox.mkdir()
    left = 10_000_000
    tag = sha256(big.read_bytes()).hexdigest()[:8]
    (inbox / f"big.bin.{tag}.part").write_bytes(big.read_bytes()[:left])
    alice, bob = Party(system, sending(big), "alice"), Party(system, receiving(inbox), "bob")

    run(alice, bob)

    assert alice.stream.ref.state.core.begun == left
    assert (inbox / "big.bin").read_bytes() == big.read_bytes()
    assert parts(inbox) == []


def test_a_part_with_another_content_is_not_kept(system, source, inbox):
    """What an earlier attempt left is wrong: the transfer fails once, the next one begins anew."""
    inbox.mkdir()
    tag = sha256(source.read_bytes()).hexdigest()[:8]
    (inbox / f"source.bin.{tag}.part").write_bytes(bytes(1000))
    alice, bob = Party(system, sending(source), "alice"), Party(system, receiving(inbox), "bob")
    run(alice, bob)
    assert bob.data("DidFail").context == "verifying"
    assert list(inbox.iterdir()) == []

    alice, bob = Party(system, sending(source), "alice again"), Party(system, receiving(inbox), "bob again")
    run(alice, bob)
    assert (inbox / "source.bin").read_bytes() == source.read_bytes()


def test_a_slow_disk_holds_up_a_sender_that_waits_for_nobody(system, inbox):
    """While nothing is written the reader stops, so what waits here is bounded, and the far end's writing stalls."""
    content = bytes(64 * 1024 * 1024)
    bob = Party(system, receiving(inbox), "bob")
    stream, path = begin_raw(bob, content)
    gate, file = bob.stream.setup.gate, bob.stream.setup.file
    at = 0
    with file._lock:
        while stream.backlog_bytes < 4 * 1024 * 1024:
            part = content[at : at + 1024 * 1024]
            stream.write(raw_chunk(path, at, part, at + 1, len(content)))
            at += len(part)
            until(lambda: gate.waiting > 0)
            gevent.sleep(0.01)  # let the kernel take what it takes
        until(lambda: gate.waiting > ENOUGH_BYTES)
        for _ in range(200):
            gevent.sleep(0)
        assert gate.waiting <= ENOUGH_BYTES + READ_BYTES
        assert stream.backlog_bytes > 0
    until(lambda: has_moved(bob, 5_000_000))
    stream.close(flush=False)
    until(bob.ended)


def test_a_slow_disk_holds_up_our_sender_by_its_window(system, big, inbox):
    alice, bob = Party(system, sending(big), "alice"), Party(system, receiving(inbox), "bob")
    agree(alice, bob)
    until(lambda: has_moved(bob, SIZE))
    file, ref = bob.stream.setup.file, alice.stream.ref
    with file._lock:
        until(lambda: len(ref.state.core.unanswered) == WINDOW)
        for _ in range(200):
            gevent.sleep(0)
        assert ref.state.core.sent - file._ranges[0][1] <= 4 * 1024 * 1024
    until(lambda: alice.ended() and bob.ended())

    assert bob.names == RECEIVED
