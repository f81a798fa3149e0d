"""`sipsimple call`: an audio call that plays, records, dials and measures as it is told."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import typer

from sipsimple.actors.wire.sockets import source_address
from sipsimple.cli.conversation import Conversation
from sipsimple.cli.endpoint import EndpointOptions, on_signals, running
from sipsimple.cli.events import EventPrinter, JSONLines
from sipsimple.cli.refusal import refusing
from sipsimple.cli.screen import CallScreen, statistics_line
from sipsimple.errors import SessionStateError, SIPCoreError
from sipsimple.notification import NotificationCenter

if TYPE_CHECKING:
    from pathlib import Path

    from sipsimple.cli.errand import Errand

DIGIT_SECONDS = 0.3
"""From one digit to the next: 200 ms of tone and a pause that every peer can hear."""

ENDING_SECONDS = 5.0
"""So long the peer may take to answer CANCEL or BYE."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What is heard, kept and dialled.

    Attributes:
        play: WAV file to play once; without `duration` the call ends with it.
        record: Directory for a recording of both directions.
        digits: DTMF to send once the call is up.
        duration: Seconds after which to hang up; None: when the file is over, else never.
    """

    play: Path | None = None
    record: Path | None = None
    digits: str = ""
    duration: float | None = None


def call(options: EndpointOptions, errand: Errand, sound: Sound, *, chat: bool, as_json: bool) -> bool:
    """Place the call; tell whether it was answered and did not fail."""
    if options.host is None:
        options = replace(options, host=source_address(errand.target.host))
    with running(options):
        conversation = Conversation()
        on_signals(conversation.interrupt)
        lines = JSONLines(closed=conversation.interrupt)
        NotificationCenter().add_observer(EventPrinter(lines.write) if as_json else CallScreen())
        with refusing():
            errand.call(conversation, audio=True, chat=chat)
        if errand.is_answered(conversation):
            _talk(conversation, errand, sound)
            _tell_statistics(conversation, lines if as_json else None)
        conversation.hang_up(ENDING_SECONDS)
    return conversation.is_started and not conversation.is_failed


def _talk(conversation: Conversation, errand: Errand, sound: Sound) -> None:
    """Do what there is to do while the call lasts."""
    session = conversation.session
    try:
        if sound.record is not None:
            session.start_recording_audio(str(sound.record))
        player = None if sound.play is None else session.start_playing(str(sound.play))
        if errand.message is not None:
            conversation.send(errand.message)
        for digit in sound.digits:
            session.send_dtmf(digit)
            conversation.wait(lambda: False, DIGIT_SECONDS)
    except (SessionStateError, SIPCoreError) as error:
        conversation.is_failed = True
        typer.echo(f"sipsimple: {error.reason}", err=True)
        return
    conversation.wait(lambda: sound.duration is None and player in conversation.played, sound.duration)


def _tell_statistics(conversation: Conversation, lines: JSONLines | None) -> None:
    """Say what the stream was like: one more line of JSON, or a line for people."""
    session = conversation.session
    statistics = session.audio_statistics
    if statistics is None:
        return
    told = {
        "event": "statistics",
        "codec": session.audio_codec,
        "sample_rate": session.audio_sample_rate,
        "srtp": session.audio_srtp_active,
        **asdict(statistics),
    }
    if lines is not None:
        lines.write(told)
    else:
        typer.echo(statistics_line(told))
