"""What is said beside the messages of a chat: who writes, and what became of messages."""

import pytest

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols import cpim, imdn, is_composing
from sipsimple.protocols.imdn import Kind, Wish
from sipsimple.protocols.is_composing import IDLE_TIMER, REFRESH_TIMER, State, watch_timer
from sipsimple.protocols.msrp import chat, chat_composing, chat_disposition, chunk
from sipsimple.protocols.msrp.chat_outputs import (
    GotComposing,
    GotDisposition,
    NotifyDisposition,
)
from sipsimple.protocols.msrp.outputs import Delivered, GotMessage, NotDelivered, Send
from sipsimple.protocols.outputs import StartTimer, StopTimer

from .conftest import ALICE, BOB
from .feature_ends import NOW, do, exchange, take_over

COMPOSING = is_composing.CONTENT_TYPE
ALICE_ADDRESS, BOB_ADDRESS = "<sip:alice@a>", "<sip:bob@b>"


def statuses(end):
    return [(each.status.state, each.sender) for each in end.told(GotComposing)]


# ------------------------------------------------------------ who writes


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


# ------------------------------------------------ what became of messages


def ask(ends, *wishes, message_id="m123", content_type="text/plain"):
    ends.alice.do("send", message_id, b"hi", content_type, ALICE_ADDRESS, BOB_ADDRESS, NOW, wishes=wishes)
    exchange(ends)


def told(end):
    return [(each.notification.kind, each.notification.status) for each in end.told(GotDisposition)]


def test_a_delivery_is_told_at_once_when_that_is_asked_for(started):
    """RFC 5438 section 7.2.1.1."""
    ends = started()
    ask(ends, Wish.POSITIVE_DELIVERY)
    assert told(ends.alice) == [(Kind.DELIVERY, "delivered")]
    (got,) = ends.alice.told(GotDisposition)
    assert got.notification == imdn.Notification(Kind.DELIVERY, "delivered", "m123", NOW, "sip:bob@b", "sip:bob@b")
    assert got.wrapper.get("From") == BOB_ADDRESS
    assert dict(got.wrapper.content_headers)["Content-Disposition"] == "notification"
    assert not ends.alice.told(GotMessage)


@pytest.mark.parametrize("wishes", [(), (Wish.NEGATIVE_DELIVERY,), (Wish.DISPLAY,), (Wish.PROCESSING,)])
def test_a_delivery_is_not_told_when_it_is_not_asked_for(started, wishes):
    ends = started()
    ask(ends, *wishes)
    assert told(ends.alice) == []
    assert len(ends.bob.told(GotMessage)) == 1


def test_what_is_not_delivered_is_told_when_that_is_asked_for(started):
    ends = started(wrapped=("text/*", imdn.CONTENT_TYPE))
    for wishes, expected in (((Wish.NEGATIVE_DELIVERY,), [(Kind.DELIVERY, "failed")]), ((Wish.DISPLAY,), [])):
        ends.alice.outputs.clear()
        headers = imdn.request_headers("m1", wishes)
        body = cpim.build(ALICE_ADDRESS, BOB_ADDRESS, NOW, b"x", "image/png", headers)
        ends.bob.take(chunk.send("tid1", BOB, ALICE, "m123", body, "message/cpim").encode())
        take_over(ends.bob, ends.bob.told(NotifyDisposition))
        ends.bob.outputs.clear()
        exchange(ends)
        assert told(ends.alice) == expected


def test_a_display_is_told_by_the_application_and_once(started):
    ends = started()
    ask(ends, Wish.DISPLAY)
    (got,) = ends.bob.told(GotMessage)
    assert (got.disposition.message_id, got.disposition.wishes) == ("m123", (Wish.DISPLAY,))

    do(ends.bob, chat_disposition.display, "m123")
    exchange(ends)
    assert told(ends.alice) == [(Kind.DISPLAY, "displayed")]
    with pytest.raises(LocalProtocolError, match="no display notification is awaited"):
        do(ends.bob, chat_disposition.display, "m123")


def test_a_display_that_was_not_asked_for_is_not_told(started):
    ends = started()
    ask(ends, Wish.POSITIVE_DELIVERY)
    with pytest.raises(LocalProtocolError, match="no display notification is awaited"):
        do(ends.bob, chat_disposition.display, "m123")


def test_a_display_may_be_refused_with_a_status_that_there_is(started):
    ends = started()
    ask(ends, Wish.DISPLAY)
    with pytest.raises(LocalProtocolError, match="no status"):
        do(ends.bob, chat_disposition.display, "m123", "smiled")
    do(ends.bob, chat_disposition.display, "m123", "forbidden")
    exchange(ends)
    assert told(ends.alice) == [(Kind.DISPLAY, "forbidden")]


def test_what_waits_to_be_displayed_is_bounded(started):
    ends = started()
    for number in range(chat_disposition.MAX_DISPLAYS + 5):
        ask(ends, Wish.DISPLAY, message_id=f"m{number:05}")
    assert len(ends.bob.state.features.displays) == chat_disposition.MAX_DISPLAYS
    with pytest.raises(LocalProtocolError):
        chat_disposition.awaited(ends.bob.state, "m00000")
    chat_disposition.awaited(ends.bob.state, "m00005")


def test_notifications_need_a_wrapper(started):
    ends = started(bob=("text/*",))
    with pytest.raises(LocalProtocolError, match="message/cpim"):
        ask(ends, Wish.DISPLAY)


def test_a_peer_that_asks_and_takes_no_wrapper_is_not_told(started):
    """It asked inside CPIM and said it takes none: nothing can be sent, and nothing breaks."""
    ends = started(alice=("text/*",))
    with pytest.raises(LocalProtocolError, match="takes no message/cpim"):
        ask(ends, Wish.POSITIVE_DELIVERY)
    assert len(ends.bob.told(GotMessage)) == 1


def test_a_required_header_of_imdn_is_understood(started):
    """RFC 3862 section 4.6."""
    ends = started()
    for name, code in (("imdn.Disposition-Notification", 200), ("imdn.Applause", 400), ("other.Message-ID", 400)):
        headers = (*imdn.request_headers("m1", ()), ("Require", name))
        body = cpim.build(ALICE_ADDRESS, BOB_ADDRESS, NOW, b"x", "text/plain", headers)
        ends.bob.outputs.clear()
        ends.bob.take(chunk.send("tid1", BOB, ALICE, "m123", body, "message/cpim", success_report="yes").encode())
        assert ends.bob.told(Send)[-1].data.status.code == code
