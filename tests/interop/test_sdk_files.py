"""Files to and from a raw peer that does as the SDK of AG Projects does: push and pull, both roles, TCP and TLS.

Its lines have `accept-types:*`, `file-transfer-id`, `x-file-offset` and SHA-1 only; its sender asks for FILE_OFFSET
before it sends; it answers `passive` and connects when it offered (facts/interop.md).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
from typing import TYPE_CHECKING

import pytest

from sipsimple.core import SIPURI
from sipsimple.msrp import MSRPFileTransfer
from sipsimple.session import Session, SessionManager
from tests.endpoints import alice, port, running
from tests.interop.msrp_peer import _client_context, _server_context, read_chunk, write_chunk
from tests.interop.sip_peer import SIPPeer, chat_line, description

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

SECONDS = 15.0
CHUNK = 2048
CONTENT = os.urandom(100_001)
SHA1 = "sha-1:" + hashlib.sha1(CONTENT).digest().hex(":").upper()
SELECTOR = f'name:"photo.jpg" type:image/jpeg size:{len(CONTENT)} hash:{SHA1}'
BOTH = pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
RESUMED = pytest.mark.parametrize("held", [0, 40_000])


class SDK:
    """One MSRP connection of the peer, blocking."""

    def __init__(self, connection: socket.socket, ours: str, theirs: str) -> None:
        self.connection = connection
        self.stream = connection.makefile("rb")
        self.ours, self.theirs = ours, theirs

    def paths(self) -> dict[str, str]:
        return {"To-Path": self.theirs, "From-Path": self.ours}

    def send(self, content: bytes) -> int:
        """Ask where to begin, send from there on, and wait for the report; return where it began."""
        self.connection.sendall(write_chunk("ask1", "FILE_OFFSET", self.paths()))
        answer = read_chunk(self.stream)
        offset = int(answer.headers["Offset"]) if answer.start.startswith("200") else 0
        for number, start in enumerate(range(offset, len(content), CHUNK)):
            data = content[start : start + CHUNK]
            span = f"{start + 1}-{start + len(data)}/{len(content)}"
            headers = {**self.paths(), "Message-ID": "m1", "Byte-Range": span, "Success-Report": "yes"}
            headers |= {"Failure-Report": "yes", "Content-Type": "image/jpeg"}
            chunk = write_chunk(f"send{number}", "SEND", headers, data)
            is_last = start + len(data) == len(content)
            self.connection.sendall(chunk if is_last else chunk[:-3] + b"+\r\n")
        while (answer := read_chunk(self.stream)).start != "REPORT":
            assert answer.start.startswith("200"), answer
        assert answer.headers["Status"].startswith("000 200"), answer
        return offset

    def receive(self, size: int, held: bytes = b"") -> bytes:
        """Take a file of this size, of which some is here; report when it is complete."""
        content = bytearray(held)
        while len(content) < size:
            chunk = read_chunk(self.stream)
            assert chunk is not None, f"the file ends after {len(content)} bytes"
            back = {"To-Path": chunk.headers["From-Path"], "From-Path": chunk.headers["To-Path"]}
            if chunk.start == "FILE_OFFSET":
                self.connection.sendall(
                    write_chunk(chunk.transaction_id, "200 OK", {**back, "Offset": str(len(content))})
                )
            elif chunk.start == "SEND":
                self.connection.sendall(write_chunk(chunk.transaction_id, "200 OK", back))
                if chunk.body:
                    first = int(chunk.headers["Byte-Range"].partition("-")[0])
                    assert first == len(content) + 1
                    content += chunk.body
                    last = chunk
        about = {"Message-ID": last.headers["Message-ID"], "Byte-Range": f"1-{size}/{size}", "Status": "000 200 OK"}
        self.connection.sendall(write_chunk("report1", "REPORT", {**back, **about}))
        return bytes(content)


def line(path: str, direction: str, setup: str, tls: bool, selector: str = SELECTOR) -> str:
    protocol = "TCP/TLS/MSRP" if tls else "TCP/MSRP"
    attributes = (
        direction,
        f"file-selector:{selector}",
        "file-transfer-id:12345678",
        "x-file-offset",
        f"setup:{setup}",
    )
    return chat_line(path, *attributes, protocol=protocol, types="*")


@contextlib.contextmanager
def dialled(path: str, ours: str) -> Iterator[SDK]:
    """Connect to our endpoint, as the peer does when it made the offer; it begins with an empty SEND."""
    host, _, number = path.split("/")[2].partition(":")
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection((host, int(number)), timeout=SECONDS))
        if path.startswith("msrps"):
            connection = stack.enter_context(_client_context().wrap_socket(connection))
        yield SDK(connection, ours, path)


def bind(sdk: SDK) -> None:
    headers = {**sdk.paths(), "Message-ID": "bind1", "Byte-Range": "1-0/0"}
    sdk.connection.sendall(write_chunk("bind1", "SEND", headers))
    assert read_chunk(sdk.stream).start.startswith("200")


@contextlib.contextmanager
def accepted(listener: socket.socket, context: ssl.SSLContext | None, ours: str, theirs: str) -> Iterator[SDK]:
    """Take the connection of our endpoint, as the peer does when it answered `passive`."""
    connection, _ = listener.accept()
    connection.settimeout(SECONDS)
    with contextlib.ExitStack() as stack:
        stack.enter_context(connection)
        if context is not None:
            connection = stack.enter_context(context.wrap_socket(connection, server_side=True))
        sdk = SDK(connection, ours, theirs)
        chunk = read_chunk(sdk.stream)
        back = {"To-Path": chunk.headers["From-Path"], "From-Path": chunk.headers["To-Path"]}
        if chunk.start == "SEND" and not chunk.body:
            connection.sendall(write_chunk(chunk.transaction_id, "200 OK", back))
        yield sdk


@pytest.fixture
def call(tmp_path):
    with SIPPeer() as peer, running(hub="own") as watch:
        SessionManager().msrp_config.save_directory = str(tmp_path / "inbox")
        yield watch, peer


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(CONTENT)
    return path


def own_path(tls: bool, number: int = 9) -> str:
    return f"{'msrps' if tls else 'msrp'}://127.0.0.1:{number}/sdk1;tcp"


def leave(tmp_path, size):
    """Let an earlier attempt have left so much."""
    if size:
        (tmp_path / "inbox").mkdir()
        tag = hashlib.sha1(CONTENT).hexdigest()[:8]
        (tmp_path / "inbox" / f"photo.jpg.{tag}.part").write_bytes(CONTENT[:size])


def end(watch, peer, session, by_peer=None):
    """Let the BYE of either side go through."""
    if by_peer is None:
        peer.respond(peer.receive("BYE"), 200, "OK")
    else:
        peer.send(by_peer)
    watch.wait_for("SCSessionDidEnd", session)
    assert not watch.count("SCSessionDidFail")


@BOTH
@RESUMED
def test_the_sdk_pushes_a_file_to_us(call, tmp_path, tls, held):
    watch, peer = call
    leave(tmp_path, held)
    invite = peer.invite(port(), description(line(own_path(tls), "sendonly", "actpass", tls)))
    session = watch.wait_for("SCSessionNewIncoming").sender
    (transfer,) = session.proposed_files
    session.accept(files=[transfer])
    answer = peer.receive("SIP/2.0 200")
    peer.send(peer.within(invite, "ACK", answer))
    assert answer.attribute("setup") == "passive"
    with dialled(answer.path, own_path(tls)) as sdk:
        bind(sdk)
        assert sdk.send(CONTENT) == held
        watch.wait_for("MSRPFileTransferGotFile", transfer)
        end(watch, peer, session, peer.within(invite, "BYE", answer))
    assert watch.data("MSRPFileTransferGotFile", transfer)["hash"] == SHA1
    assert (tmp_path / "inbox" / "photo.jpg").read_bytes() == CONTENT
    assert transfer.resumed_from == held


@BOTH
def test_the_sdk_pulls_a_file_from_us(call, photo, tls):
    watch, peer = call
    invite = peer.invite(port(), description(line(own_path(tls), "recvonly", "actpass", tls, f"hash:{SHA1}")))
    session = watch.wait_for("SCSessionNewIncoming").sender
    (transfer,) = session.proposed_files
    assert (transfer.sends, transfer.file_selector.hashes) == (True, (("sha-1", SHA1.removeprefix("sha-1:")),))
    transfer.file_path = photo
    session.accept(files=[transfer])
    answer = peer.receive("SIP/2.0 200")
    peer.send(peer.within(invite, "ACK", answer))
    assert answer.attribute("file-selector").startswith('name:"photo.jpg" type:image/jpeg')
    with dialled(answer.path, own_path(tls)) as sdk:
        bind(sdk)
        assert sdk.receive(len(CONTENT)) == CONTENT
        end(watch, peer, session)
    assert watch.data("MSRPFileTransferDidDeliverFile", transfer)["code"] == 200


@BOTH
@RESUMED
def test_we_push_a_file_to_the_sdk(call, photo, tmp_path, tls, held):
    watch, peer = call
    SessionManager().msrp_config.local_use_tls = tls
    transfer = MSRPFileTransfer(alice().uri, SIPURI("127.0.0.1", "peer"), True, file_path=photo)
    session = Session()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), files=[transfer])
        invite = peer.receive("INVITE")
        assert SHA1 in invite.attribute("file-selector")
        path = own_path(tls, listener.getsockname()[1])
        peer.respond(invite, 200, "OK", body=description(line(path, "recvonly", "passive", tls)))
        peer.receive("ACK")
        with accepted(listener, _server_context(tmp_path) if tls else None, path, invite.path) as sdk:
            assert sdk.receive(len(CONTENT), CONTENT[:held]) == CONTENT
            end(watch, peer, session)
    assert watch.data("MSRPFileTransferDidDeliverFile", transfer)["code"] == 200
    assert transfer.resumed_from == held


@BOTH
@RESUMED
def test_we_pull_a_file_from_the_sdk(call, tmp_path, tls, held):
    watch, peer = call
    leave(tmp_path, held)
    SessionManager().msrp_config.local_use_tls = tls
    transfer = MSRPFileTransfer(alice().uri, SIPURI("127.0.0.1", "peer"), True, file_selector=SELECTOR)
    session = Session()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        session.connect(SIPURI("127.0.0.1", "peer", port=peer.port), alice(), files=[transfer])
        invite = peer.receive("INVITE")
        path = own_path(tls, listener.getsockname()[1])
        peer.respond(invite, 200, "OK", body=description(line(path, "sendonly", "passive", tls)))
        peer.receive("ACK")
        with accepted(listener, _server_context(tmp_path) if tls else None, path, invite.path) as sdk:
            assert sdk.send(CONTENT) == held
            watch.wait_for("MSRPFileTransferGotFile", transfer)
            bye = f"BYE {invite.contact} SIP/2.0"
            to, from_ = f"{invite.get('To')};tag=rawtag", invite.get("From")
            head = [bye, f"Via: SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bKbye", "Max-Forwards: 70"]
            head += [f"From: {to}", f"To: {from_}", f"Call-ID: {invite.get('Call-ID')}", "CSeq: 7 BYE"]
            end(watch, peer, session, "\r\n".join([*head, "Content-Length: 0", "", ""]))
    assert (tmp_path / "inbox" / "photo.jpg").read_bytes() == CONTENT
