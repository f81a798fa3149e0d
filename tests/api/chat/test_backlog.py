"""How much may wait for observers before the peer waits."""

from __future__ import annotations

from types import SimpleNamespace

from sipsimple.api.chat.backlog import MOST_BYTES, MOST_NOTIFICATIONS, is_too_much


def got(content):
    return ("MSRPChatGotMessage", None, SimpleNamespace(content=content))


def test_nothing_is_not_too_much():
    assert not is_too_much(())


def test_many_notifications_are_too_much():
    delivered = ("MSRPChatDidDeliverMessage", None, SimpleNamespace())
    assert not is_too_much([delivered] * MOST_NOTIFICATIONS)
    assert is_too_much([delivered] * (MOST_NOTIFICATIONS + 1))


def test_much_content_is_too_much_text_or_not():
    half = MOST_BYTES // 2
    for content in ("x" * half, b"x" * half):
        assert not is_too_much([got(content)] * 2)
        assert is_too_much([got(content), got(content), got(b"x")])


def test_a_message_counts_once_though_the_session_tells_of_it_too():
    again = ("SCSessionGotMessage", None, SimpleNamespace(content="x" * MOST_BYTES))
    assert not is_too_much([got("x" * MOST_BYTES), again])
