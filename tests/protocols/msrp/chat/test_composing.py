"""What is said beside the messages of a chat: who writes."""

import pytest

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols import is_composing
from sipsimple.protocols.is_composing import IDLE_TIMER, REFRESH_TIMER, State, watch_timer
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.chat import chat
from sipsimple.protocols.msrp.chat import composing as chat_composing
from sipsimple.protocols.msrp.chat.outputs import GotComposing
from sipsimple.protocols.msrp.outputs import Delivered, GotMessage, NotDelivered, Send
from sipsimple.protocols.outputs import StartTimer, StopTimer
from tests.protocols.msrp.chat.ends import NOW, do, exchange
from tests.protocols.msrp.conftest import ALICE, BOB

COMPOSING = is_composing.CONTENT_TYPE
ALICE_ADDRESS, BOB_ADDRESS = "<sip:alice@a>", "<sip:bob@b>"


def statuses(end):
    return [(each.status.state, each.sender) for each in end.told(GotComposing)]


def test_the_peer_is_told_who_writes_and_when_that_is_over(started):
    ends = started()
    do(ends.alice, chat_composing.write, 90, "text/plain", NOW)
    exchange(ends)
    (told,) = ends.bob.told(GotComposing)
    assert (told.status.state, told.status.refresh, told.status.content_type) == (State.ACTIVE, 90, "text/plain")
    assert told.sender == ALICE_ADDRESS

    do(ends.alice, chat.timer_fired, IDLE_TIMER)
    exchange(ends)
    assert statuses(ends.bob) == [(State.ACTIVE, ALICE_ADDRESS), (State.IDLE, ALICE_ADDRESS)]


def test_who_writes_asks_for_no_report_and_has_no_fate(started):
    """Interoperability: both report headers say no."""
    ends = started()
    do(ends.alice, chat_composing.write)
    (sent,) = ends.alice.sent()
    assert (sent.success_report, sent.failure_report) == ("no", "no")
    exchange(ends)
    assert not ends.alice.told(Delivered, NotDelivered)
    assert not ends.bob.told(GotMessage)
    assert ends.bob.wire == []


def test_it_is_said_bare_to_a_peer_without_cpim(started):
    ends = started(bob=("text/*", COMPOSING), alice=("text/*", COMPOSING))
    do(ends.alice, chat_composing.write)
    exchange(ends)
    assert statuses(ends.bob) == [(State.ACTIVE, "")]
    assert ends.alice.sent()[0].content_type == COMPOSING


@pytest.mark.parametrize(
    ("accepted", "wrapped"), [(("text/*",), ("*",)), (("message/cpim", "text/*"), ("text/plain",))]
)
def test_it_is_not_said_to_who_does_not_take_it(started, accepted, wrapped):
    ends = started(bob=accepted, wrapped=wrapped)
    with pytest.raises(LocalProtocolError, match="does not take application/im-iscomposing"):
        do(ends.alice, chat_composing.write)
    assert ends.alice.wire == []


def test_it_can_only_be_said_while_messages_flow(chats):
    ends = chats(wrapped=("*",))
    for stage in (lambda: None, ends.start, lambda: ends.alice.do("end")):
        stage()
        if ends.alice.state.state == "STARTED":
            do(ends.alice, chat_composing.write)
        else:
            with pytest.raises(SessionStateError):
                do(ends.alice, chat_composing.write)


def test_a_message_that_leaves_ends_it_without_words(started):
    ends = started()
    do(ends.alice, chat_composing.write)
    exchange(ends)
    outputs = ends.alice.do("send", "m123", b"hi", "text/plain", ALICE_ADDRESS, BOB_ADDRESS)
    assert StopTimer(IDLE_TIMER) in outputs
    exchange(ends)
    assert len([each for each in ends.alice.sent() if each.method == "SEND"]) == 2
    assert statuses(ends.bob) == [(State.ACTIVE, ALICE_ADDRESS), (State.IDLE, ALICE_ADDRESS)]
    kinds = [type(each) for each in ends.bob.outputs if isinstance(each, GotComposing | GotMessage)]
    assert kinds == [GotComposing, GotComposing, GotMessage]


def test_who_falls_silent_without_words_is_forgotten_in_time(started):
    ends = started()
    do(ends.alice, chat_composing.write)
    exchange(ends)
    assert StartTimer(watch_timer(ALICE_ADDRESS), 120.0) in ends.bob.outputs
    ends.bob.do("timer_fired", watch_timer(ALICE_ADDRESS))
    assert statuses(ends.bob)[-1] == (State.IDLE, ALICE_ADDRESS)
    assert ends.bob.do("timer_fired", watch_timer(ALICE_ADDRESS)) == []


def test_who_goes_on_writing_says_so_again(started):
    ends = started()
    do(ends.alice, chat_composing.write)
    do(ends.alice, chat.timer_fired, REFRESH_TIMER)
    exchange(ends)
    assert [each for each, _ in statuses(ends.bob)] == [State.ACTIVE, State.ACTIVE]


def test_the_end_of_the_chat_ends_it_too(started):
    ends = started()
    do(ends.alice, chat_composing.write)
    assert StopTimer(IDLE_TIMER) in ends.alice.do("end")
    assert ends.alice.do("timer_fired", IDLE_TIMER) == []


def test_who_writes_when_the_chat_ends_is_not_told_to_have_stopped(started):
    ends = started()
    do(ends.alice, chat_composing.write)
    exchange(ends)
    do(ends.bob, chat.connection_lost, True, "over")
    do(ends.bob, chat.timer_fired, watch_timer(ALICE_ADDRESS))
    assert statuses(ends.bob) == [(State.ACTIVE, ALICE_ADDRESS)]


def test_a_document_that_cannot_be_read_is_reported_400(started):
    ends = started()
    body = b"From: <sip:a@a>\r\nTo: <sip:b@b>\r\n\r\nContent-Type: application/im-iscomposing+xml\r\n\r\n<x/>"
    ends.bob.take(chunk.send("tid1", BOB, ALICE, "m123", body, "message/cpim").encode())
    assert [each.data.code or each.data.status.code for each in ends.bob.told(Send)] == [200, 400]
    assert not ends.bob.told(GotComposing, GotMessage)


def test_a_pause_is_told_at_once_with_when_something_was_written_last(started):
    ends = started()
    do(ends.alice, chat_composing.write)
    exchange(ends)
    outputs = do(ends.alice, chat_composing.pause, NOW)
    assert StopTimer(IDLE_TIMER) in outputs
    exchange(ends)
    (active, idle) = ends.bob.told(GotComposing)
    assert (active.status.state, idle.status.state, idle.status.last_active) == (State.ACTIVE, State.IDLE, NOW)


def test_a_pause_keeps_when_something_was_written_last(started):
    ends = started()
    do(ends.alice, chat_composing.write, 90, "text/plain", NOW)
    do(ends.alice, chat_composing.pause)
    exchange(ends)
    assert ends.bob.told(GotComposing)[-1].status.last_active == NOW


def test_a_message_ends_the_time_for_which_its_sender_wrote(started):
    ends = started()
    do(ends.alice, chat_composing.write)
    exchange(ends)
    ends.alice.do("send", "m123", b"hi", "text/plain", ALICE_ADDRESS, BOB_ADDRESS)
    exchange(ends)
    assert StopTimer(watch_timer(ALICE_ADDRESS)) in ends.bob.outputs


def test_each_document_has_a_transaction_of_its_own(started):
    ends = started()
    do(ends.alice, chat_composing.write)
    do(ends.alice, chat_composing.pause)
    ends.alice.do("send", "m123", b"hi", "text/plain", ALICE_ADDRESS, BOB_ADDRESS)
    assert len({each.transaction_id for each in ends.alice.sent()}) == 3
