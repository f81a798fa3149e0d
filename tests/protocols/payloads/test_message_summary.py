"""Message summaries (RFC 3842)."""

from __future__ import annotations

import pytest

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols.payloads.message_summary import MessageSummary, Waiting

DOCUMENT = (
    b"Messages-Waiting: yes\r\nMessage-Account: sip:carol@vmail.example.net\r\nvoice-message : 4/8 (1/2)\r\n"
    b"X-Colour: red\r\n  and blue\r\n\r\nTo: <carol@example.net>\r\nSubject: news\r\n"
)


def test_a_summary_counts_by_class():
    summary = MessageSummary.parse(DOCUMENT)

    assert summary.messages_waiting
    assert summary.account == "sip:carol@vmail.example.net"
    assert summary.counts == (Waiting("voice-message", 4, 8, 1, 2),)
    assert summary.others == (("X-Colour", "red and blue"),)
    assert summary.messages == ((("To", "<carol@example.net>"), ("Subject", "news")),)


def test_bare_line_feeds_and_capitals_are_tolerated():
    assert MessageSummary.parse(b"MESSAGES-WAITING: NO\nVoice-Message: 0/0\n") == MessageSummary(
        False, counts=(Waiting("Voice-Message", 0, 0),)
    )


@pytest.mark.parametrize("data", [b"Voice-Message: 1/2\r\n", b"Messages-Waiting: maybe\r\n", b"Messages-Waiting\r\n"])
def test_a_summary_must_say_whether_messages_wait(data):
    with pytest.raises(RemoteProtocolError):
        MessageSummary.parse(data)


def test_a_summary_without_measure_is_refused_with_413():
    for data in (b"Messages-Waiting: yes\r\n" + b"X: y\r\n" * 5000, b"X" * 70_000):
        with pytest.raises(RemoteProtocolError) as refused:
            MessageSummary.parse(data)
        assert refused.value.status == 413


@pytest.mark.parametrize("account", ["sip:a@b\r\nVoice-Message: 9/9", "sip:a@b\nX: y", "sip:a@b\rX: y"])
def test_nobody_adds_lines_by_a_value(account):
    with pytest.raises(LocalProtocolError):
        bytes(MessageSummary(True, account))


@pytest.mark.parametrize("name", ["", "X y", "X:", "X\r\nVoice-Message"])
def test_nobody_adds_lines_by_a_name(name):
    with pytest.raises(LocalProtocolError):
        bytes(MessageSummary(True, others=((name, "1"),)))
