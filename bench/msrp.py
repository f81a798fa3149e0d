"""MSRP messages per second over one TCP connection between two processes, each answered by 200 OK.

Ours go through the whole chat: actors, core, notifications; once as the bound
does it, once wrapped in CPIM as two ends of ours do it. The bound is the least
that frames a chunk, answers it and counts the answers. All three take turns,
so that a neighbour of this machine slows them alike; each figure is a median.

Usage: python bench/msrp.py [MESSAGES [SIZE [WINDOW]]]
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

from gevent import socket
from lines import figure
from processes import Peer, cpu_seconds, say

HERE = Path(__file__).parent
GOAL = 0.25
BOUND_FACTOR = 5
ROUNDS = 3
FROM, TO = b"msrp://127.0.0.1:2855/alice;tcp", b"msrp://127.0.0.1:2856/bob;tcp"
HEADER = re.compile(rb"([A-Za-z-]+): ([^\r]*)\r\n")
NO_DELAY = (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def bare_end():
    """Answer every chunk of the first connection."""
    listener = socket.create_server(("127.0.0.1", 0))
    say(port=listener.getsockname()[1])
    sock, _ = listener.accept()
    sock.setsockopt(*NO_DELAY)
    held = bytearray()
    while data := sock.recv(1 << 17):
        held += data
        answers, taken = take_chunks(held)
        del held[:taken]
        if answers:
            sock.sendall(b"".join(answers))


def take_chunks(held):
    """Return the answers to the whole chunks, and how many bytes those took."""
    answers, position = [], 0
    while (line_end := held.find(b"\r\n", position)) >= 0:
        transaction = bytes(held[position:line_end]).split(b" ", 2)[1]
        end_line = b"-------" + transaction
        head_end = held.find(b"\r\n\r\n", line_end)
        if head_end < 0:
            break
        headers = dict(HEADER.findall(held, line_end + 2, head_end + 2))
        first, _, last = headers[b"Byte-Range"].partition(b"/")[0].partition(b"-")
        body_end = head_end + 4 + int(last) - int(first) + 1
        if len(held) < body_end + 2 + len(end_line) + 3:
            break
        assert held.startswith(end_line, body_end + 2)
        bytes(held[head_end + 4 : body_end])  # the content, which ours has to make too
        position = body_end + 2 + len(end_line) + 3
        paths = headers[b"From-Path"], headers[b"To-Path"]
        answers.append(b"MSRP %s 200 OK\r\nTo-Path: %s\r\nFrom-Path: %s\r\n%s$\r\n" % (transaction, *paths, end_line))
    return answers, position


def bare_chunk(number, body):
    transaction = b"t%09x" % number
    return (
        b"MSRP %s SEND\r\nTo-Path: %s\r\nFrom-Path: %s\r\nMessage-ID: m%09x\r\nByte-Range: 1-%d/%d\r\n"
        b"Content-Type: text/plain\r\n\r\n" % (transaction, TO, FROM, number, len(body), len(body))
        + body + b"\r\n-------" + transaction + b"$\r\n"
    )  # fmt: skip


def bare(count, size, window):
    """Messages per second of the bound."""
    with Peer(__file__, "bare-end") as peer:
        sock = socket.create_connection(("127.0.0.1", peer.read()["port"]))
        sock.setsockopt(*NO_DELAY)
        body, sent, answered, held = b"x" * size, 0, 0, b""
        begun = time.perf_counter()
        while answered < count:
            while sent < count and sent - answered < window:
                sock.sendall(bare_chunk(sent, body))
                sent += 1
            held += sock.recv(65536)
            whole = held.rfind(b"$\r\n") + 3
            answered += held.count(b"$\r\n", 0, whole)
            held = held[whole:] if whole > 2 else held
        return count / (time.perf_counter() - begun)


def ours(count, size, window, wrapper):
    """Messages per second through one chat, and the CPU microseconds per message at each end."""
    with Peer(HERE / "chat_peer.py", 0.5, wrapper) as bob, Peer(HERE / "chat_peer.py") as alice:
        port = bob.read()["port"]
        alice.read()
        alice.ask("call", port=port, count=1, window=1, greeting="hello", seconds=10)
        alice.ask("send", count=count // 10, size=size, window=window)
        before = cpu_seconds(bob.pid)
        sent = alice.ask("send", count=count, size=size, window=window)
        if sent["delivered"] != count:
            raise RuntimeError(f"not every message was answered: {sent}")
        return count / sent["seconds"], 1e6 * sent["cpu"] / count, 1e6 * (cpu_seconds(bob.pid) - before) / count


def main(count=20_000, size=2048, window=64):
    bounds, plain, wrapped = [], [], []
    for _ in range(ROUNDS):
        bounds.append(bare(BOUND_FACTOR * count, size, window))
        plain.append(ours(count, size, window, "plain"))
        wrapped.append(ours(count, size, window, "cpim"))
    for name, measured in (("msrp.messages", plain), ("msrp.messages_cpim", wrapped)):
        rate, sender, receiver = map(median, zip(*measured, strict=True))
        print(f"{name}: CPU us per message: sender {sender:.1f}, receiver {receiver:.1f}", file=sys.stderr)
        figure(name, rate, "messages/s", median(bounds), GOAL, smaller_is_better=False)


if __name__ == "__main__":
    if sys.argv[1:] == ["bare-end"]:
        bare_end()
    else:
        main(*map(int, sys.argv[1:]))
