"""Whatever a chat meets: it ends once, tells each message's fate once, and leaves no timer behind."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp import Framer, chunk
from sipsimple.protocols.msrp.chat import chat
from sipsimple.protocols.msrp.headers import ByteRange
from sipsimple.protocols.msrp.outputs import Delivered, Ended, Failed, GotMessage, NotDelivered, Send, Started
from sipsimple.protocols.msrp.state import State
from sipsimple.protocols.outputs import StartTimer, StopTimer

OURS, THEIRS = "msrp://a:1/x;tcp", "msrp://b:2/y;tcp"
MESSAGE_IDS = [f"m{number:03}" for number in range(6)]
TYPES = st.sampled_from([("text/*",), ("message/cpim", "text/*"), ()])
CPIM = b"From: <sip:b@b>\r\nTo: <sip:a@a>\r\n\r\nContent-Type: text/plain\r\n\r\nhi"


class AnyChat(RuleBasedStateMachine):
    """A chat, and a peer that does anything."""

    def __init__(self) -> None:
        super().__init__()
        self.chat = chat.create([OURS], "seed", max_message_size=400, single_chunk_size=8)
        self.awaited: Counter[str] = Counter()
        self.told: Counter[str] = Counter()
        self.seen: Counter[type] = Counter()
        self.timers: set[object] = set()
        self.transactions = ["seed0"]

    def do(self, function, *arguments, **options) -> None:
        ended = self.seen[Ended]
        self.chat, outputs = function(self.chat, *arguments, **options)
        assert not (ended and outputs), "nothing comes after the end"
        for output in outputs:
            assert not self.seen[Ended], "the end comes last"
            self.seen[type(output)] += 1
            match output:
                case StartTimer(name, _):
                    self.timers.add(name)
                case StopTimer(name):
                    self.timers.discard(name)
                case Delivered(message_id) | NotDelivered(message_id):
                    self.told[message_id] += 1
                case Send(data):
                    self.transactions += [data.transaction_id] if data.method else []

    @initialize(steps=st.sampled_from([4, 4, 4, 4, 3, 2, 1, 0]), active=st.booleans(), types=TYPES)
    def begin(self, steps, active, types):
        """Mostly a bound session: the rules below would seldom get that far."""
        if steps > 0:
            self.start(active, types)
        if steps > 1:
            self.connect()
        if steps > 2 and active:
            self.do(chat.receive, chunk.response(chunk.send("seed0", THEIRS, OURS, "m123"), 200))
        if steps > 2 and not active:
            self.do(chat.receive, chunk.send("peer0", OURS, THEIRS, "m123"))

    @rule(active=st.booleans(), types=TYPES)
    def start(self, active, types):
        if self.chat.state is State.IDLE:
            self.do(chat.start, [THEIRS], types, ("*",), active)

    @rule()
    def connect(self):
        self.do(chat.connected)

    @rule(
        message_id=st.sampled_from(MESSAGE_IDS),
        size=st.integers(0, 30),
        reports=st.sampled_from([("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "partial"), ("no", "no")]),
        private=st.booleans(),
    )
    def send(self, message_id, size, reports, private):
        success, failure = reports
        options = {"private": private, "success_report": success, "failure_report": failure}
        before = self.told[message_id]
        try:
            self.do(chat.send, message_id, b"x" * size, "text/plain", "sip:a@a", "sip:b@b", **options)
        except LocalProtocolError:
            assert self.told[message_id] == before
        else:
            self.awaited[message_id] += reports != ("no", "no")

    @rule(data=st.data(), code=st.sampled_from([200, 200, 400, 413, 481]))
    def respond(self, data, code):
        transaction_id = data.draw(st.sampled_from(self.transactions))
        request = chunk.send(transaction_id, THEIRS, OURS, "m123")
        self.do(chat.receive, chunk.response(request, code))

    @rule(
        message_id=st.sampled_from(MESSAGE_IDS),
        start=st.sampled_from([1, 1, 5, 20]),
        size=st.none() | st.integers(0, 300),
        code=st.sampled_from([200, 200, 413]),
    )
    def report(self, message_id, start, size, code):
        byte_range = ByteRange(start, None if size is None else start + size, None)
        self.do(chat.receive, chunk.report("peer1", OURS, THEIRS, message_id, byte_range, code))

    @rule(
        start=st.sampled_from([1, 1, 1, 6, 31]),
        content=st.sampled_from([b"", b"hello", CPIM[:30], CPIM[30:], CPIM]),
        content_type=st.sampled_from(["text/plain", "message/cpim", "image/png", "x", None]),
        flag=st.sampled_from("$$$++#"),
        path=st.sampled_from([OURS, OURS, OURS, THEIRS, "x"]),
        reports=st.sampled_from([(None, None), ("yes", "yes"), ("no", "no"), ("yes", "partial"), ("x", "y")]),
    )
    def receive(self, start, content, content_type, flag, path, reports):
        before = self.seen[Send]
        byte_range = ByteRange(start, None, None)
        request = chunk.send("peer2", path, THEIRS, "m777", content, content_type, byte_range, flag, *reports)
        self.do(chat.receive, request)
        assert self.seen[Send] - before <= 2 + len(MESSAGE_IDS) * 10

    @rule(method=st.sampled_from(["AUTH", "NICKNAME", "FILE_OFFSET"]))
    def receive_other(self, method):
        request = chunk.send("peer3", OURS, THEIRS, "m777")
        request.method = method
        self.do(chat.receive, request)

    @rule(data=st.data())
    def timer(self, data):
        name = data.draw(st.sampled_from([*sorted(self.timers, key=str), "bind", "other", ("response", "seed1")]))
        self.timers.discard(name)
        self.do(chat.timer_fired, name)

    @rule(clean=st.booleans(), data=st.integers(0, 19))
    def lose(self, clean, data):
        if data == 19:
            self.do(chat.connection_lost, clean, "reset")

    @rule(data=st.integers(0, 9))
    def end(self, data):
        if data == 9:
            self.do(chat.end)

    @invariant()
    def ends_and_starts_at_most_once(self):
        assert self.seen[Ended] == (self.chat.state is State.CLOSED)
        assert self.seen[Started] <= 1
        assert self.seen[Failed] <= 1

    @invariant()
    def no_fate_is_told_twice(self):
        assert all(self.told[message_id] <= self.awaited[message_id] for message_id in self.told)

    def teardown(self):
        self.do(chat.end)
        self.do(chat.connection_lost, clean=True)
        assert self.seen[Ended] == 1
        assert self.told == self.awaited
        assert self.timers == set()


TestAnyChat = AnyChat.TestCase


@given(st.lists(st.binary(max_size=3000), max_size=6), st.integers(1, 700))
def test_messages_arrive_as_they_were_sent_whatever_the_cuts(contents, cut):
    """Two chats over a wire that is cut anywhere, with messages in one chunk and in several."""
    states = [chat.create([uri], seed, single_chunk_size=1000) for uri, seed in ((OURS, "seeda"), (THEIRS, "seedb"))]
    framers, wires, got, told = [Framer(), Framer()], [b"", b""], [], []

    def do(side, function, *arguments):
        states[side], outputs = function(states[side], *arguments)
        wires[side] += b"".join(each.data.encode() for each in outputs if isinstance(each, Send))
        got.extend(each.content for each in outputs if isinstance(each, GotMessage))
        told.extend((each.message_id, each.code) for each in outputs if isinstance(each, Delivered))

    for number, content in enumerate(contents):
        do(0, chat.send, f"m{number:03}", content, "text/plain", "sip:a@a", "sip:b@b")
    for side, peer in ((0, THEIRS), (1, OURS)):
        do(side, chat.start, [peer], ("message/cpim", "text/*"), ("*",), side == 0)
        do(side, chat.connected)
    while any(wires):
        for side in (0, 1):
            piece, wires[side] = wires[side][:cut], wires[side][cut:]
            for message in framers[1 - side].feed(piece):
                do(1 - side, chat.receive, message)

    assert sorted(got) == sorted(contents)
    assert sorted(told) == [(f"m{number:03}", 200) for number in range(len(contents))]
