"""Two chats in which everything happens in any order: who writes, names, notifications, messages, timers, the end.

Nothing but misuse raises, each message and each name that was asked for has one fate, what is remembered is bounded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.imdn import Wish
from sipsimple.protocols.msrp import Framer
from sipsimple.protocols.msrp.chat import chat
from sipsimple.protocols.msrp.chat import composing as chat_composing
from sipsimple.protocols.msrp.chat import disposition as chat_disposition
from sipsimple.protocols.msrp.chat import nickname as chat_nickname
from sipsimple.protocols.msrp.chat.outputs import NicknameAnswered, NicknameWanted, NotifyDisposition, ShowComposing
from sipsimple.protocols.msrp.outputs import Delivered, Ended, GotMessage, NotDelivered, Send
from sipsimple.protocols.outputs import StartTimer, StopTimer

ALICE, BOB = "msrp://192.0.2.1:2855/alice01;tcp", "msrp://192.0.2.2:2856/bob01;tcp"
ADDRESSES = "<sip:alice@a>", "<sip:bob@b>"
TYPES, ROOM = ("message/cpim", "text/*"), ("nickname", "private-messages")
NOW = "2026-01-02T03:04:05+00:00"


@dataclass
class End:
    """One end, with what it owes and is owed."""

    own: str
    state: object
    framer: Framer = field(default_factory=Framer)
    wire: bytes = b""
    timers: set = field(default_factory=set)
    told: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    asked: list = field(default_factory=list)
    number: int = 0

    def do(self, function, *arguments, **options):
        try:
            self.state, outputs = function(self.state, *arguments, **options)
        except LocalProtocolError:
            return False
        for each in outputs:
            self.carry(each)
        return True

    def carry(self, output):
        self.number += 1
        if isinstance(output, Send):
            self.wire += output.data.encode()
        elif isinstance(output, StartTimer):
            self.timers.add(output.name)
        elif isinstance(output, StopTimer):
            self.timers.discard(output.name)
        elif isinstance(output, ShowComposing):
            self.do(chat_composing.show, output.show, f"show{self.number:04}", NOW)
        elif isinstance(output, NotifyDisposition):
            self.do(chat_disposition.notify, output, f"imdn{self.number:04}", NOW)
        else:
            self.told.append(output)

    def of(self, kind):
        return [each for each in self.told if isinstance(each, kind)]

    def take(self, data):
        for message in self.framer.feed(data):
            self.do(chat.receive, message)


def ends():
    """Two ends that have begun to connect."""
    pair = []
    for own, peer, seed, addresses in ((ALICE, BOB, "seeda", ADDRESSES), (BOB, ALICE, "seedb", ADDRESSES[::-1])):
        core = chat.create([own], seed, TYPES, ("*",), addresses=addresses, chatroom=ROOM)
        end = End(own, core)
        end.do(chat.start, [peer], TYPES, ("*",), own == ALICE, None, ROOM)
        pair.append(end)
    return pair


def send(end, number):
    wishes = tuple(Wish)[: number % 5]
    end.sent.append(f"m{len(end.sent):05}")
    if not end.do(chat.send, end.sent[-1], b"x" * number, "text/plain", *ADDRESSES, NOW, wishes=wishes):
        end.sent.pop()


def ask(end, number):
    if end.do(chat_nickname.ask, f"name {number}"):
        end.asked.append(f"name {number}")


def display(end, number):
    got = [each for each in end.of(GotMessage) if each.disposition is not None]
    if got:
        end.do(chat_disposition.display, got[number % len(got)].disposition.message_id)


def answer(end, number):
    wanted = end.of(NicknameWanted)
    if wanted:
        end.do(chat_nickname.answer, wanted[number % len(wanted)].message.transaction_id, (200, 425)[number % 2])


def fire(end, number):
    if end.timers:
        name = sorted(end.timers, key=str)[number % len(end.timers)]
        end.timers.discard(name)
        end.do(chat.timer_fired, name)


OPERATIONS = {
    "connected": lambda end, _: end.do(chat.connected),
    "write": lambda end, _: end.do(chat_composing.write),
    "pause": lambda end, _: end.do(chat_composing.pause),
    "send": send,
    "display": display,
    "ask": ask,
    "answer": answer,
    "fire": fire,
    "end": lambda end, _: end.do(chat.end),
    "lose": lambda end, _: end.do(chat.connection_lost, False, "broken"),
}
STEPS = st.lists(
    st.tuples(st.sampled_from([*OPERATIONS, *["exchange"] * 6]), st.booleans(), st.integers(0, 20)), max_size=40
)


@settings(max_examples=150)
@given(st.booleans(), STEPS)
def test_everything_that_was_asked_for_has_one_fate_whatever_happens(begins, steps):
    alice, bob = ends()
    if begins:
        for end in (alice, bob):
            end.do(chat.connected)
    for name, is_alice, number in steps:
        one, other = (alice, bob) if is_alice else (bob, alice)
        if name == "exchange":
            data, one.wire = one.wire, b""
            other.take(data)
        else:
            OPERATIONS[name](one, number)
    for end in (alice, bob):
        end.do(chat.connection_lost, True, "over")
        assert [type(each) for each in end.told].count(Ended) == 1
        assert end.told[-1] == Ended()
        fates = Counter(each.message_id for each in end.of(Delivered | NotDelivered))
        assert fates == Counter(end.sent)
        assert Counter(each.nickname for each in end.of(NicknameAnswered)) == Counter(end.asked)
        assert len(end.state.features.displays) <= chat_disposition.MAX_DISPLAYS
        assert not end.state.features.nicknames
