"""Two MSRP cores on one imaginary wire."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from sipsimple.protocols.msrp import Framer, MSRPData, session
from sipsimple.protocols.msrp.chat import chat
from sipsimple.protocols.msrp.outputs import Output, Send

ALICE = "msrp://192.0.2.1:2855/alice01;tcp"
BOB = "msrp://192.0.2.2:2856/bob01;tcp"


@dataclass
class End:
    """One end: a core (`chat` or `session`), its state, what it asked for, what it put on the wire."""

    core: object
    state: object
    framer: Framer = field(default_factory=Framer)
    outputs: list[Output] = field(default_factory=list)
    wire: list[bytes] = field(default_factory=list)

    def do(self, function: str, *arguments: object, **options: object) -> list[Output]:
        self.state, outputs = getattr(self.core, function)(self.state, *arguments, **options)
        self.outputs += outputs
        self.wire += [each.data.encode() for each in outputs if isinstance(each, Send)]
        return list(outputs)

    def take(self, data: bytes) -> list[Output]:
        return [output for message in self.framer.feed(data) for output in self.do("receive", message)]

    def sent(self) -> list[MSRPData]:
        return [each.data for each in self.outputs if isinstance(each, Send)]

    def told(self, *kinds: type) -> list[Output]:
        return [each for each in self.outputs if isinstance(each, kinds)]


@dataclass
class Ends:
    """Alice, who connects, and Bob; `exchange` carries bytes until both are silent."""

    alice: End
    bob: End

    def exchange(self) -> None:
        while self.alice.wire or self.bob.wire:
            for one, other in ((self.alice, self.bob), (self.bob, self.alice)):
                data, one.wire = b"".join(one.wire), []
                other.take(data)


@pytest.fixture
def sessions():
    """Two sessions that are bound."""
    ends = Ends(
        End(session, session.create([ALICE], "seedalice", ["text/*"], 400_000)),
        End(session, session.create([BOB], "seedbob", ["text/*"], 400_000)),
    )
    ends.alice.do("start", [BOB], active=True)
    ends.bob.do("start", [ALICE], active=False)
    ends.alice.do("connected")
    ends.bob.do("connected")
    ends.exchange()
    for end in (ends.alice, ends.bob):
        assert end.state.state == "STARTED"
        end.outputs.clear()
    return ends


@pytest.fixture
def chats():
    """Make two chats that have not started, with what each accepts; `start` binds them."""

    def make(
        alice=("message/cpim", "text/*"),
        bob=("message/cpim", "text/*"),
        wrapped=("text/*",),
        alice_room=None,
        bob_room=None,
        bob_max_size=None,
        **options,
    ):
        one, other = "<sip:alice@a>", "<sip:bob@b>"
        rooms = alice_room or (), bob_room or ()
        ends = Ends(
            End(
                chat,
                chat.create([ALICE], "seedalice", alice, wrapped, addresses=(one, other), chatroom=rooms[0], **options),
            ),
            End(
                chat,
                chat.create([BOB], "seedbob", bob, wrapped, addresses=(other, one), chatroom=rooms[1], **options),
            ),
        )

        def start():
            ends.alice.do("start", [BOB], bob, wrapped, active=True, chatroom=bob_room, max_size=bob_max_size)
            ends.bob.do("start", [ALICE], alice, wrapped, active=False, chatroom=alice_room)
            ends.alice.do("connected")
            ends.bob.do("connected")
            ends.exchange()

        ends.start = start
        return ends

    return make


@pytest.fixture
def started(chats):
    """Make two chats that have started; what they were told until then is forgotten."""

    def make(wrapped=("*",), **options):
        ends = chats(wrapped=wrapped, **options)
        ends.start()
        ends.alice.outputs.clear()
        ends.bob.outputs.clear()
        return ends

    return make
