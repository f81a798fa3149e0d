"""A mailbox: its order, its limit, what passes first, and what a thrown-out reader leaves behind."""

from __future__ import annotations

import gevent
import pytest
from gevent.event import Event
from greenlet import greenlet

from sipsimple.actors.runtime.mailbox import Mailbox, Overflow
from sipsimple.actors.runtime.messages import StopAsked
from sipsimple.actors.runtime.reply import Question
from sipsimple.errors import LocalProtocolError, MailboxFull


def mailbox(limit=None, overflow=Overflow.REFUSE):
    return Mailbox(gevent.get_hub(), limit, overflow)


def test_without_a_limit_everything_is_taken_in_order():
    box = mailbox()
    assert all(box.put(each) for each in range(1000))
    assert box.messages() == tuple(range(1000))


def test_refuse_takes_nothing_beyond_the_limit():
    box = mailbox(2)
    assert [box.put(each) for each in "abc"] == [True, True, False]
    assert (box.messages(), box.dropped) == (("a", "b"), 1)


def test_drop_oldest_makes_room():
    box = mailbox(2, Overflow.DROP_OLDEST)
    assert [box.put(each) for each in "abc"] == [True, True, True]
    assert (box.messages(), box.dropped) == (("b", "c"), 1)


def test_drop_newest_drops_without_a_word():
    box = mailbox(2, Overflow.DROP_NEWEST)
    assert [box.put(each) for each in "abc"] == [True, True, True]
    assert (box.messages(), box.dropped) == (("a", "b"), 1)


@pytest.mark.parametrize("overflow", [Overflow.DROP_OLDEST, Overflow.DROP_NEWEST])
def test_a_dropped_question_fails(overflow):
    box, question = mailbox(1, overflow), Question("?")
    box.put(question if overflow is Overflow.DROP_OLDEST else "a")
    box.put("b" if overflow is Overflow.DROP_OLDEST else question)
    with pytest.raises(MailboxFull):
        question.result()


def test_system_messages_pass_first_and_are_neither_refused_nor_dropped():
    box = mailbox(1, Overflow.DROP_OLDEST)
    box.put("a")
    box.put_system(StopAsked("shutdown"), first=True)
    box.put("b")
    assert list(box.queue) == [StopAsked("shutdown"), "b"]


def test_a_limit_full_of_system_messages_refuses():
    box = mailbox(1, Overflow.DROP_OLDEST)
    box.put_system(StopAsked("shutdown"))
    assert not box.put("a")


def test_a_closed_mailbox_takes_nothing_and_gives_the_questions_back_that_wait():
    box, question = mailbox(), Question("?")
    box.put("a")
    box.put(question)
    assert box.close() == [question]
    box.put_system(StopAsked("shutdown"))
    assert not box.put("a")
    assert not box.queue
    box.reopen()
    assert box.put("a")


def test_a_limit_below_one_is_refused():
    with pytest.raises(LocalProtocolError):
        mailbox(0)


def test_the_reader_is_woken_once_for_a_burst():
    box, woken = mailbox(), []

    def read():
        while True:
            box.wait()
            woken.append(len(box.queue))
            if box.queue.count("end"):
                return
            box.queue.clear()

    reader = gevent.spawn(read)
    gevent.idle()
    box.put("a")
    box.put("b")
    gevent.idle()
    box.put("end")
    reader.join()
    assert woken == [2, 1]


def test_a_wake_up_on_its_way_does_not_reach_what_a_thrown_out_reader_waits_for_next():
    box, next_wait, trace = mailbox(), Event(), []

    def read():
        try:
            box.wait()
        except ZeroDivisionError:
            trace.append(next_wait.wait())

    reader = greenlet(read, gevent.get_hub())
    loop = gevent.get_hub().loop
    loop.run_callback(reader.switch)
    gevent.idle()
    loop.run_callback(reader.throw, ZeroDivisionError())
    box.put("a")
    gevent.idle()
    assert trace == []
    next_wait.set()
    gevent.idle()
    assert trace == [True]
