"""Nicknames in a chat: RFC 7701 section 7."""

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.msrp.chat import nickname as chat_nickname
from sipsimple.protocols.msrp.chat.outputs import NicknameAnswered, NicknameWanted
from sipsimple.protocols.msrp.outputs import Ended, Send
from sipsimple.protocols.outputs import StopTimer
from tests.protocols.msrp.chat.ends import do
from tests.protocols.msrp.conftest import ALICE, BOB

ROOM = ("nickname", "private-messages")


def asking(path, text):
    head = f"MSRP tid1 NICKNAME\r\nTo-Path: {BOB}\r\nFrom-Path: {path}\r\n"
    return f"{head}Use-Nickname: {text}\r\n-------tid1$\r\n".encode()


def test_a_room_is_asked_for_a_nickname_and_answers(started):
    """RFC 7701 section 7.1."""
    ends = started(bob_room=ROOM)
    do(ends.alice, chat_nickname.ask, " Alice  the Great ")
    ends.exchange()
    (wanted,) = ends.bob.told(NicknameWanted)
    assert wanted.nickname == "Alice the Great"

    do(ends.bob, chat_nickname.answer, wanted.message.transaction_id, 200)
    ends.exchange()
    (answered,) = ends.alice.told(NicknameAnswered)
    assert (answered.nickname, answered.code, answered.reason) == ("Alice the Great", 200, "OK")
    assert ("response", wanted.message.transaction_id) in [
        each.name for each in ends.alice.outputs if isinstance(each, StopTimer)
    ]


def test_a_nickname_that_is_taken_is_refused(started):
    ends = started(bob_room=ROOM)
    do(ends.alice, chat_nickname.ask, "Bob")
    ends.exchange()
    (wanted,) = ends.bob.told(NicknameWanted)
    do(ends.bob, chat_nickname.answer, wanted.message.transaction_id, 425)
    ends.exchange()
    (answered,) = ends.alice.told(NicknameAnswered)
    assert (answered.code, answered.reason) == (425, "Nickname reserved or already in use")
    with pytest.raises(LocalProtocolError, match="waits for an answer"):
        do(ends.bob, chat_nickname.answer, wanted.message.transaction_id, 200)


@pytest.mark.parametrize("room", [None, (), ("private-messages",)])
def test_a_nickname_is_not_asked_of_who_gives_none(started, room):
    ends = started(bob_room=room)
    with pytest.raises(LocalProtocolError, match="gives no nicknames"):
        do(ends.alice, chat_nickname.ask, "Alice")
    assert ends.alice.wire == []


@pytest.mark.parametrize(
    ("room", "text", "code"), [((), '"Alice"', 501), (("private-messages",), '"A"', 501), (ROOM, "Alice", 424)]
)
def test_what_cannot_be_taken_is_answered_so(started, room, text, code):
    ends = started(bob_room=room)
    ends.bob.take(asking(ALICE, text))
    (answer,) = ends.bob.told(Send)
    assert answer.data.code == code
    assert not ends.bob.told(NicknameWanted)


def test_a_stranger_is_given_no_nickname(started):
    ends = started(bob_room=ROOM)
    stranger = ALICE.replace("alice01", "mallory")
    ends.bob.take(asking(stranger, '"M"'))
    assert ends.bob.told(Send)[0].data.code == 481
    assert not ends.bob.told(NicknameWanted)


def test_an_answer_that_does_not_come_is_408(started):
    ends = started(bob_room=ROOM)
    (_, timer) = do(ends.alice, chat_nickname.ask, "Alice")
    ends.alice.do("timer_fired", timer.name)
    (answered,) = ends.alice.told(NicknameAnswered)
    assert answered.code == 408
    assert ends.alice.do("timer_fired", timer.name) == []


def test_the_end_tells_of_what_was_not_answered(started):
    ends = started(bob_room=ROOM)
    do(ends.alice, chat_nickname.ask, "Alice")
    ends.alice.do("connection_lost", False, "broken")
    (answered,) = ends.alice.told(NicknameAnswered)
    assert (answered.code, ends.alice.outputs[-1]) == (0, Ended())


def test_a_flood_of_requests_is_refused(started):
    ends = started(bob_room=ROOM)
    for number in range(chat_nickname.MAX_WANTED + 3):
        do(ends.alice, chat_nickname.ask, f"Alice {number}")
    ends.exchange()
    assert len(ends.bob.told(NicknameWanted)) == chat_nickname.MAX_WANTED
    assert [each.code for each in ends.alice.told(NicknameAnswered)] == [403] * 3
