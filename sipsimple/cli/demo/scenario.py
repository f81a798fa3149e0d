"""`sipsimple demo`: some calls and a file, a live trace of them, and a verdict."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import gevent

from sipsimple.cli.conversation import Conversation
from sipsimple.cli.demo.bob import Bob
from sipsimple.cli.demo.file_act import SentFile, lose_it_half_way, send_the_rest
from sipsimple.cli.demo.live import LiveTrace
from sipsimple.cli.demo.story import ALICE, BOB, CANCELLED, CUT, REFUSED, RESUMED, TALK, Story
from sipsimple.cli.demo.summary import print_json, print_table
from sipsimple.cli.demo.verdict import REFUSAL, judge
from sipsimple.cli.demo.voices import Voices, talk, voices
from sipsimple.cli.endpoint import EndpointOptions, running
from sipsimple.cli.events import EventPrinter
from sipsimple.core import SIPURI, Credentials, Route
from sipsimple.errors import SessionStateError
from sipsimple.notification import NotificationCenter, signals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.notification import Notification

HOST = "127.0.0.1"
MESSAGES = ("hello bob", "how do you like the weather?", "Grüße aus dem Demo \N{SNOWMAN}")
STEP_SECONDS = 10.0
"""So long a single step may take."""


def demo(as_json: bool, timeout: float) -> bool:
    """Play it all, show it, and tell whether everything happened that should."""
    live = LiveTrace(quiet=as_json)
    story = Story(live.event)
    begun = monotonic()
    calls: dict[str, str] = {}
    with voices() as heard:
        sent = SentFile(heard.directory, heard.directory / "inbox")
        arguments = (*heard.arguments_of_bob, "--save-dir", str(sent.inbox))
        bob = Bob(story, f"accept=audio+chat,{REFUSAL},ring", arguments)
        with gevent.Timeout(timeout, False), running(EndpointOptions(HOST, trace_sip=True)), bob, _traced(story, live):
            _play(story, calls, live, heard, sent)
            bob.end()
        heard.listen_to_recordings()
    live.close()
    verdict = judge(story, calls, MESSAGES, heard, bob.status, sent)
    duration_ms = round((monotonic() - begun) * 1000, 1)
    show = print_json if as_json else print_table
    show(verdict, duration_ms, live.sip_messages)
    return verdict.ok


@contextmanager
def _traced(story: Story, live: LiveTrace) -> Iterator[None]:
    """Have alice's notifications in the story, and each SIP message shown."""

    def show(_engine: object, notification: Notification) -> None:
        live.sip(notification.data)

    printer = EventPrinter(lambda event: story.add(ALICE, event))
    NotificationCenter().add_observer(printer)
    signals.SCEngineSIPTrace.connect(show)
    try:
        yield
    finally:
        NotificationCenter().remove_observer(printer)
        signals.SCEngineSIPTrace.disconnect(show)


def _play(story: Story, calls: dict[str, str], live: LiveTrace, heard: Voices, sent: SentFile) -> None:
    if not story.wait_for(STEP_SECONDS, BOB, "listening"):
        return
    port = next(story.events(BOB, "listening"))["tcp"]
    audio = heard.missing is None
    for name, go_on in ((TALK, partial(_talk, heard=heard)), (REFUSED, _be_refused), (CANCELLED, _cancel)):
        live.title(name)
        conversation = Conversation()
        calls[name] = _call(conversation, port, audio=audio, chat=True)
        go_on(conversation, story)
        story.wait_for(STEP_SECONDS, BOB, "SCSessionDidEnd", call_id=calls[name])
    for name, send in ((CUT, lose_it_half_way), (RESUMED, send_the_rest)):
        live.title(name)
        conversation, transfer = Conversation(), sent.transfer(_alice(), _bob(port))
        calls[name] = _call(conversation, port, chat=False, files=[transfer])
        send(conversation, transfer, sent, live.console)
        story.wait_for(STEP_SECONDS, BOB, "SCSessionDidEnd", call_id=calls[name])


def _call(conversation: Conversation, port: int, **streams: Any) -> str:
    """Have alice call bob; return the Call-ID."""
    conversation.connect(_bob(port), Credentials(_alice()), Route(HOST, port, "tcp"), **streams)
    call = conversation.session.call
    assert call is not None, "a session that was connected has a call"
    return call.identity.call_id


def _alice() -> SIPURI:
    return SIPURI(HOST, user=ALICE, display="Alice")


def _bob(port: int) -> SIPURI:
    return SIPURI(HOST, user=BOB, display="Bob", port=port)


def _talk(conversation: Conversation, story: Story, heard: Voices) -> None:
    """Talk, then chat, then hang up."""
    if not conversation.wait(lambda: conversation.is_started, STEP_SECONDS):
        return
    with suppress(SessionStateError):  # it has ended meanwhile, as the verdict will say
        if heard.missing is None:
            talk(conversation, story, heard)
        _chat(conversation, story)
    conversation.hang_up(STEP_SECONDS)


def _chat(conversation: Conversation, story: Story) -> None:
    """Say each thing when the one before was delivered both ways."""
    for number, text in enumerate(MESSAGES, start=1):
        if conversation.is_over:
            return
        conversation.send(text)
        conversation.wait(partial(_have_come_back, conversation, number), STEP_SECONDS)
        story.wait_for(STEP_SECONDS, BOB, "SCSessionDidDeliverMessage", count=number)


def _have_come_back(conversation: Conversation, number: int) -> bool:
    return len(conversation.delivered) == len(conversation.received) == number


def _be_refused(conversation: Conversation, _story: Story) -> None:
    conversation.wait(lambda: conversation.is_over, STEP_SECONDS)


def _cancel(conversation: Conversation, _story: Story) -> None:
    conversation.wait(lambda: conversation.rings > 0, STEP_SECONDS)
    conversation.hang_up(STEP_SECONDS)
