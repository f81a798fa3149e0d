"""One file from one process to another, against the least that TCP and TLS take in the same run.

`chunks`: ours with a receiver that keeps nothing, so what the chunks, responses and actors cost. `file`: the whole way,
disk, chunks, hash, disk, rename. The file is sparse, so that reading it costs little; it is written into DIRECTORY.
The bounds are gevent's `sendall` of 64 KiB into `recv_into`, plain and TLS; for `file` with a `write` of what came.
All take turns; each figure is a median.

Usage: python bench/transfer.py [MIB [DIRECTORY]]
       python bench/transfer.py memory [GIB [DIRECTORY]]    how much both ends grow
"""

from __future__ import annotations

import os
import resource
import ssl
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from gevent import socket  # noqa: E402
from lines import figure  # noqa: E402
from processes import Peer, cpu_seconds, resident_bytes, say  # noqa: E402

GOALS = {False: 0.3, True: 0.5}
ROUNDS = 3
WRITE = 64 * 1024
MIB = 1024 * 1024


def tls_contexts():
    from sipsimple.actors.wire.tls import self_signed_certificate, self_signed_context, server_context

    return server_context(self_signed_certificate("127.0.0.1")), self_signed_context()


def raw_end(tls, path):
    """Take bytes until the end of the connection, write them if there is where to, and say that they came."""
    listener = socket.create_server(("127.0.0.1", 0))
    say(port=listener.getsockname()[1])
    sock, _ = listener.accept()
    if tls:
        from gevent import ssl as gevent_ssl

        context = gevent_ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.environ["BENCH_PEM"])
        sock = context.wrap_socket(sock, server_side=True)
    buffer = bytearray(256 * 1024)
    view = memoryview(buffer)
    target = os.open(path, os.O_WRONLY | os.O_CREAT) if path else None
    while size := sock.recv_into(buffer):
        if target is not None:
            os.write(target, view[:size])
    say(done=True)


def raw(mib, tls, path=""):
    """MiB per second of the bound."""
    with Peer(__file__, "raw-end", int(tls), path) as peer:
        sock = socket.create_connection(("127.0.0.1", peer.read()["port"]))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            from gevent import ssl as gevent_ssl

            context = gevent_ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            sock = context.wrap_socket(sock)
        block = bytes(WRITE)
        begun = time.perf_counter()
        for _ in range(mib * MIB // WRITE):
            sock.sendall(block)
        sock.shutdown(socket.SHUT_RDWR) if tls else sock.shutdown(socket.SHUT_WR)
        peer.read()
        return mib / (time.perf_counter() - begun)


def keep_nothing():
    """Let the receiver of this process keep nothing of what comes."""
    from sipsimple.api.transfer import stream as transfer_stream
    from sipsimple.protocols.msrp.ranges import merged

    class Sink(transfer_stream.PartFile):
        has_to_catch_up = False

        def _write(self, offset, run):
            self._ranges = merged(self._ranges, offset + 1, offset + sum(map(len, run)))

        def _check(self, size):
            pass

    transfer_stream.PartFile = Sink


def hash_nothing():
    """Let the sender of this process begin without having read the file."""
    from sipsimple.api.transfer import stream as transfer_stream

    class Unread(transfer_stream.SourceFile):
        def _open(self):
            super()._open()
            self._hashed = self.size

    transfer_stream.SourceFile = Unread


def party(role, path, tls):
    """One end: its line goes out, the other's comes in; then how long it took from the start to the end."""
    import json

    if os.environ.get("BENCH_SINK"):
        keep_nothing()
    from tests.api.transfer.parties import Party, receiving, sending, systems, until

    with systems() as system:
        mine = Party(system, (sending if role == "send" else receiving)(path), role, tls=tls)
        mine.stream.settings.options.trace_msrp = False
        if role == "send":
            offer = mine.prepare()
            say(line=offer.lines())
            remote = media(json.loads(sys.stdin.readline())["line"])
        else:
            remote = media(json.loads(sys.stdin.readline())["line"])
            say(line=mine.prepare(remote).lines())
            sys.stdin.readline()
        before, cpu, begun = resident_bytes(), cpu_seconds(), time.perf_counter()
        mine.start(remote)
        until(lambda: {"DidDeliverFile", "GotFile", "DidFail"}.intersection(mine.names), 3600)
        passed = time.perf_counter() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        say(seconds=passed, names=mine.names, grown=peak - before, cpu=cpu_seconds() - cpu)
        mine.transfer.stop()


def media(lines):
    from sipsimple.protocols.sdp.media import Media

    return Media.parse(lines)


def ours(size, directory, tls):
    """Seconds, and what each end says of it."""
    with tempfile.TemporaryDirectory(dir=directory) as where, tempfile.TemporaryDirectory() as whence:
        source = Path(whence, "file.bin")
        with source.open("wb") as file:
            file.truncate(size)
        target = Path(where, "in")
        with (
            Peer(__file__, "party", "receive", target, int(tls)) as bob,
            Peer(__file__, "party", "send", source, int(tls)) as alice,
        ):
            offer = alice.read()["line"]
            answer = bob.ask("offer", line=offer)["line"]
            bob.tell("start")
            sent = alice.ask("answer", line=answer)
            received = bob.read()
    if "DidDeliverFile" not in sent["names"] or "GotFile" not in received["names"]:
        raise RuntimeError(f"not delivered: {sent}, {received}")
    return sent, received


def throughput(mib=1024, directory="/dev/shm"):
    for kind in ("chunks", "file"):
        os.environ["BENCH_SINK"] = "1" if kind == "chunks" else ""
        for tls in (False, True):
            measure(kind, mib, directory, tls)


def measure(kind, mib, directory, tls):
    bounds, rates, cpus = [], [], []
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory(dir=directory) as where:
            bounds.append(raw(mib, tls, Path(where, "raw") if kind == "file" else ""))
        sent, received = ours(mib * MIB, directory, tls)
        rates.append(mib / sent["seconds"])
        cpus.append((sent["cpu"], received["cpu"]))
    sender, receiver = (1e6 * median(each) / (mib * 16) for each in zip(*cpus, strict=True))
    name = f"transfer.{kind}_{'tls' if tls else 'tcp'}"
    print(f"{name}: CPU us per chunk: sender {sender:.1f}, receiver {receiver:.1f}", file=sys.stderr)
    figure(name, median(rates), "MiB/s", median(bounds), GOALS[tls], smaller_is_better=False)


def memory(gib=4, directory=None):
    sent, received = ours(gib * 1024 * MIB, directory or tempfile.gettempdir(), tls=False)
    for role, said in (("sender", sent), ("receiver", received)):
        figure(f"transfer.memory_{role}", said["grown"] / MIB, "MiB", 64, 1.0, smaller_is_better=True)
    print(f"{gib} GiB in {sent['seconds']:.1f} s", file=sys.stderr)


def certificate():
    """A certificate for the bound, in a file for as long as this runs."""
    from tests.interop.msrp_peer import _server_context

    where = tempfile.mkdtemp()
    _server_context(Path(where))
    os.environ["BENCH_PEM"] = str(Path(where, "msrp_peer.pem"))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["raw-end", tls, where]:
            raw_end(tls == "1", where)
        case ["party", role, path, tls]:
            party(role, path, tls == "1")
        case ["memory", *rest]:
            memory(*map(int, rest[:1]), *rest[1:])
        case rest:
            certificate()
            throughput(*map(int, rest[:1]), *rest[1:])
