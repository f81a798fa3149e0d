"""What is said beside the messages of a chat: what became of them (RFC 5438)."""

import pytest

from sipsimple.errors import LocalProtocolError, SessionStateError
from sipsimple.protocols import cpim, imdn
from sipsimple.protocols.imdn import Kind, Wish
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.chat import disposition as chat_disposition
from sipsimple.protocols.msrp.chat.outputs import GotDisposition, NotifyDisposition
from sipsimple.protocols.msrp.outputs import GotMessage, Send
from tests.protocols.msrp.chat.ends import NOW, do, exchange, take_over
from tests.protocols.msrp.conftest import ALICE, BOB

ALICE_ADDRESS, BOB_ADDRESS = "<sip:alice@a>", "<sip:bob@b>"


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


def test_a_display_can_only_be_told_while_messages_flow(started):
    ends = started()
    ask(ends, Wish.DISPLAY)
    ends.bob.do("end")
    with pytest.raises(SessionStateError):
        chat_disposition.display(ends.bob.state, "m123")


def test_each_notification_has_a_transaction_of_its_own(started):
    ends = started()
    for message_id in ("m123", "m124"):
        ask(ends, Wish.DISPLAY, message_id=message_id)
    for message_id in ("m123", "m124"):
        do(ends.bob, chat_disposition.display, message_id)
    assert len({each.transaction_id for each in ends.bob.sent() if each.method == "SEND"}) == 2


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
