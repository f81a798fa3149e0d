"""What a lost connection may have lost."""

from __future__ import annotations

from sipsimple.actors.wire.unanswered import LIFETIME, Unanswered
from sipsimple.protocols.sip.message import parse, response_to
from tests.actors.wire.loopback import options

ME = object()
"""Who sends: it is only returned."""


def request(number=1, method="OPTIONS"):
    data = options(number).replace(b"z9hG4bKabc", b"z9hG4bK%d" % number).replace(b"OPTIONS", method.encode())
    return parse(data)


def kept(limit=10, *tokens, is_doubtful=False):
    unanswered = Unanswered(limit)
    for each in tokens:
        unanswered.add(ME, each, 0.0, is_doubtful=is_doubtful)
    return unanswered


def test_a_request_is_kept_until_it_is_answered():
    one, two = request(1), request(2)
    unanswered = kept(10, one, two)
    unanswered.heard()
    unanswered.take([response_to(one, 100), "a ping"])
    assert unanswered.emptied() == ((ME, two),)
    assert len(unanswered) == 0


def test_what_wants_no_answer_is_kept_until_the_far_end_is_heard():
    ack, data = request(1, "ACK"), b"a response"
    unanswered = kept(10, ack, data, is_doubtful=True)
    assert unanswered.emptied() == ((ME, ack), (ME, data))
    unanswered = kept(10, ack, data, is_doubtful=True)
    unanswered.heard()
    assert len(unanswered) == 0
    assert len(kept(10, ack, data)) == 0


def test_all_is_returned_in_the_order_in_which_it_was_written():
    unanswered, one = kept(), request(1)
    unanswered.add(ME, b"first", 1.0, is_doubtful=True)
    unanswered.add(ME, one, 2.0, is_doubtful=True)
    unanswered.add(ME, b"last", 3.0, is_doubtful=True)
    assert [token for _, token in unanswered.emptied()] == [b"first", one, b"last"]


def test_of_too_many_the_oldest_are_left_to_their_timers():
    requests = [request(number) for number in range(5)]
    assert [token for _, token in kept(3, *requests).emptied()] == requests[2:]
    assert [token for _, token in kept(3, *range(5), is_doubtful=True).emptied()] == [2, 3, 4]


def test_what_is_older_than_any_transaction_is_forgotten_with_the_next():
    unanswered, late = kept(10, request(1), request(2)), request(3)
    unanswered.add(ME, late, LIFETIME, is_doubtful=False)
    assert unanswered.emptied() == ((ME, late),)


def test_a_response_that_cannot_be_read_answers_nothing():
    one = request(1)
    unanswered = kept(10, one)
    unanswered.take([parse(b"SIP/2.0 200 OK\r\nVia: x\r\nContent-Length: 0\r\n\r\n")])
    assert len(unanswered) == 1
