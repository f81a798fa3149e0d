"""Audio calls that a running engine places to itself."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from sipsimple.media.availability import is_available
from sipsimple.session import RTPConfiguration, Session, SessionManager
from tests.endpoints import Call, alice, counterpart, running, target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.watch import Watch

needs_audio = pytest.mark.skipif(is_available() is not None, reason=str(is_available()))

CODECS = ("PCMU", "PCMA")


@contextlib.contextmanager
def sounding(hub: str = "current", **options: Any) -> Iterator[Watch]:
    """Run an engine whose audio is small and quick."""
    options = {"auto_sound": False, "sample_rate": 8, "codecs": CODECS, **options}
    manager = SessionManager()
    before = manager.rtp_config
    manager.rtp_config = RTPConfiguration("127.0.0.1")
    try:
        with running(hub, **options) as watch:
            yield watch
    finally:
        manager.rtp_config = before


def ring(watch: Watch, *, audio: bool = True, chat: bool = False) -> Call:
    """Call the engine itself and wait until it rings."""
    call = Call(Session())
    call.caller.connect(target(), alice(), audio=audio, chat=chat)
    call.callee = watch.until(lambda: counterpart(watch, call.caller), "an incoming session")
    return call


def talk(watch: Watch, *, audio: bool = True, chat: bool = False) -> Call:
    """Call the engine itself, accept, and wait until all streams run."""
    call = ring(watch, audio=audio, chat=chat)
    call.callee.accept(audio=audio, chat=chat)
    for session in (call.caller, call.callee):
        watch.wait_for("SCSessionDidStart", session)
        if chat:
            watch.wait_for("MSRPChatDidStart", session.chat_transport)
    if audio:
        wait_for_audio(watch, call)
    return call


def wait_for_audio(watch: Watch, call: Call) -> None:
    """Wait until packets have come at both ends."""
    for session in (call.caller, call.callee):
        watch.until(lambda session=session: session.audio_was_received, f"audio at {session}")
