"""Commands of a chat's actor that come at the wrong time: they are dropped, logged, or told; never a crash."""

from __future__ import annotations

import gevent
import pytest

from sipsimple.actors.chat.chat import MSRPChat
from sipsimple.actors.chat.features import AnswerNickname, AskNickname, TellComposing, TellDisplay
from sipsimple.actors.chat.line import End, Line
from sipsimple.actors.runtime import ChildSpec, Restart, SupervisorSpec, System
from sipsimple.protocols.msrp.chat import chat as chats
from sipsimple.protocols.sdp.message_media import MessageMedia
from tests.actors.waiting import until

OWN = "msrp://127.0.0.1:2855/alicesession;tcp"


class Listener:
    """Lets nobody connect."""

    def expect(self, session_id, chat):
        """Do nothing."""

    def forget(self, session_id):
        """Do nothing."""


@pytest.fixture
def alone(hub):
    """A chat that has not started, and what it told."""
    system = System()
    supervisor = system.start_child(SupervisorSpec("call", intensity=0, period=1.0))
    told = []
    media = MessageMedia((OWN,), chats.ACCEPT_TYPES, ("*",)).to_media()
    arguments = (Line(chats.create((OWN,), "seed")), media, Listener(), None, lambda *each: told.append(each))
    ref = supervisor.start_child(ChildSpec("chat", MSRPChat, arguments, Restart.TRANSIENT))
    with gevent.Timeout(10):
        yield ref, told
    system.stop()
    assert (system.actors, system.timers) == (0, 0)


@pytest.mark.parametrize(
    "command",
    [TellComposing(True), TellComposing(False), TellDisplay("m1"), AnswerNickname("tid1"), AnswerNickname("x", 425)],
)
def test_what_cannot_be_done_is_dropped_and_the_chat_goes_on(alone, command):
    ref, told = alone
    ref.tell(command)
    ref.tell(End())
    until(lambda: not ref.is_alive)
    assert [name for name, _ in told] == ["MSRPChatDidInitialize", "MSRPChatWillEnd", "MSRPChatDidEnd"]
    assert ref.restarts == 0


def test_a_nickname_that_cannot_be_asked_for_is_told_with_the_reason(alone):
    ref, told = alone
    ref.tell(AskNickname("Alice"))
    until(lambda: len(told) == 2)
    name, data = told[1]
    assert (name, data.nickname, data.code) == ("MSRPChatDidNotSetNickname", "Alice", 0)
    assert "only in STARTED" in data.reason
