"""A file on its way from one core to another over one imaginary wire."""

from __future__ import annotations

from dataclasses import dataclass, field

from sipsimple.protocols.msrp import Framer, chunk
from sipsimple.protocols.msrp.outputs import Ended, Send
from sipsimple.protocols.msrp.state import CHUNK_BYTES
from sipsimple.protocols.msrp.transfer import receiving as transfer_receiving
from sipsimple.protocols.msrp.transfer import sending as transfer_sending
from sipsimple.protocols.msrp.transfer.outputs import Read, Verify, Write

ALICE = "msrp://192.0.2.1:2855/alice01;tcp"
BOB = "msrp://192.0.2.2:2856/bob01;tcp"


@dataclass
class Side:
    """One end: its core and state, what it asked for, what it put on the wire, and its file."""

    core: object
    state: object
    file: bytearray
    framer: Framer = field(default_factory=Framer)
    outputs: list = field(default_factory=list)
    wire: list = field(default_factory=list)
    verdict: str | None = None
    todo: list = field(default_factory=list)
    is_busy: bool = False

    def do(self, function, *arguments, **options):
        self.state, outputs = getattr(self.core, function)(self.state, *arguments, **options)
        self.outputs += outputs
        self.todo += outputs
        while self.todo and not self.is_busy:
            self.is_busy = True
            each = self.todo.pop(0)
            self._carry(each)
            self.is_busy = False
        return list(outputs)

    def _carry(self, output):
        match output:
            case Send():
                self.wire.append(output.data)
            case Read():
                ends = range(output.offset, output.offset + output.size, CHUNK_BYTES)
                blocks = tuple(bytes(self.file[at : min(at + CHUNK_BYTES, output.offset + output.size)]) for at in ends)
                self.do("data_read", output.offset, blocks)
            case Write():
                self.file.extend(bytes(max(0, output.offset + len(output.data) - len(self.file))))
                self.file[output.offset : output.offset + len(output.data)] = output.data
            case Verify():
                self.do("verified", self.verdict)

    def take(self, data):
        return [output for message in self.framer.feed(data) for output in self.do("receive", message)]

    def told(self, *kinds):
        return [each for each in self.outputs if isinstance(each, kinds)]

    @property
    def has_ended(self):
        return bool(self.told(Ended))


@dataclass
class Transfer:
    """Alice sends to Bob; `log` has all that went over the wire."""

    alice: Side
    bob: Side
    log: list = field(default_factory=list)

    def exchange(self, split=0):
        while self.alice.wire or self.bob.wire:
            for one, other in ((self.alice, self.bob), (self.bob, self.alice)):
                messages, one.wire = one.wire, []
                self.log += messages
                data = b"".join(each.encode() for each in messages)
                for at in range(0, len(data), split or max(len(data), 1)):
                    other.take(data[at : at + (split or len(data))])


def make(content, *, held=b"", size=-1, window=8, active="alice", bob_options=(), **alice_options):
    """A transfer that has not begun to bind."""
    alice = Side(
        transfer_sending,
        transfer_sending.create([ALICE], "seedalice", len(content), "file01", window=window),
        bytearray(content),
    )
    bob = Side(transfer_receiving, transfer_receiving.create([BOB], "seedbob"), bytearray(held))
    bob.framer.streams = bool  # there are headers in every SEND
    alice.do("start", [BOB], active == "alice", **alice_options)
    bob.do("start", [ALICE], active == "bob", len(content) if size == -1 else size, held=len(held), **dict(bob_options))
    return Transfer(alice, bob)


def begin(content, **options):
    """A transfer that begins to bind: `exchange` carries it on."""
    transfer = make(content, **options)
    transfer.alice.do("connected")
    transfer.bob.do("connected")
    return transfer


def peer_chunk(content, byte_range, flag, number=1, success="yes", failure="yes", message_id="file01", **options):
    return chunk.send(
        f"peer{number}", BOB, ALICE, message_id, content, options.get("content_type", "a/b"), byte_range, flag,
        success, failure,
    ).encode()  # fmt: skip


def receiver(size=10, **options):
    bob = begin(bytes(size or 0), size=size, **options).bob
    bob.take(chunk.send("bind", BOB, ALICE, "m1").encode())
    bob.outputs.clear()
    bob.wire.clear()
    return bob


def answers(bob):
    return [each.code or each.fields["Status"] for each in bob.wire]


def sender(content=b"0123456789", **options):
    alice = begin(content, **options).alice
    alice.take(chunk.response(alice.wire.pop(), 200).encode())
    return alice


def report(byte_range, code=200, message_id="file01"):
    return chunk.report("rep1", ALICE, BOB, message_id, byte_range, code).encode()


def answer_all(alice, code=200):
    while alice.wire:
        alice.take(chunk.response(alice.wire.pop(0), code).encode())


def chunks(transfer):
    return [each for each in transfer.log if each.method == "SEND" and each.content_type]
