"""Calls with audio between the engine and raw telephones."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from sipsimple.api.engine import running as lives
from sipsimple.core import SIPURI
from sipsimple.media.availability import is_available
from sipsimple.session import RTPConfiguration, Session, SessionManager
from tests.endpoints import LOOPBACK, alice, port, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.interop.audio_peer import AudioPeer
    from tests.interop.sip_peer import Message
    from tests.watch import Seen, Watch

needs_audio = pytest.mark.skipif(is_available() is not None, reason=is_available() or "there is audio")

OURS = 600
THEIRS = 440
OTHERS = 1000
"""Hz of what we play, of what a telephone plays, and of what another one plays."""

LOUD = 6000
"""A tone of amplitude 8000 that went through a codec and a conference is at least so loud."""

FAINT = 300
"""And one that must not be heard is at most so loud."""


@contextlib.contextmanager
def talking(**options: Any) -> Iterator[Watch]:
    """Run the engine in a thread of its own, with audio and without sound devices."""
    limit, lives.ENDING_LIMIT = lives.ENDING_LIMIT, 0.1
    try:
        with running(hub="own", **{"auto_sound": False, "sample_rate": 8, **options}) as watch:
            yield watch
    finally:
        lives.ENDING_LIMIT = limit
        SessionManager().rtp_config = RTPConfiguration()


def encrypting(*, forced: bool) -> None:
    """Let sessions that are made from now on use SRTP."""
    SessionManager().rtp_config = RTPConfiguration(use_srtp=True, srtp_forced=forced)


def start_call(peer: AudioPeer, *, chat: bool = False) -> Session:
    """Call a telephone, which does as it was told."""
    session = Session()
    session.connect(SIPURI(LOOPBACK, "peer", port=peer.port), alice(), audio=True, chat=chat)
    return session


def call(watch: Watch, peer: AudioPeer) -> Session:
    """Call a telephone that accepts."""
    peer.on_invite = peer.accept
    session = start_call(peer)
    watch.wait_for("SCSessionDidStart", session)
    return session


def incoming(watch: Watch, peer: AudioPeer) -> Session:
    """The session of the call that a telephone has begun."""

    def found() -> list[Seen]:
        return [
            each
            for each in watch.seen
            if each.name == "SCSessionNewIncoming"
            and peer.dialog is not None
            and each.sender.call.identity.call_id == peer.dialog.call_id
        ]

    session: Session = watch.until(found, "an incoming session")[0].sender
    return session


def called(watch: Watch, peer: AudioPeer, *, late: bool = False) -> Session:
    """Be called by a telephone, and accept."""
    calling = peer.start_call(port(), late=late)
    session = incoming(watch, peer)
    session.accept(audio=True)
    answer: Message = calling.get(timeout=10)
    assert answer.status == 200, answer
    watch.wait_for("SCSessionDidStart", session)
    return session


WAYS = {"we call": call, "we are called": called}
"""How a call may come about."""


def both_ways(test: Any) -> Any:
    """Run the test with calls of both directions, as `meet(watch, peer)`."""
    return pytest.mark.parametrize("meet", WAYS.values(), ids=WAYS)(test)


def received(session: Session) -> int:
    """How many RTP packets the worker says it received in this call."""
    statistics = session.audio_statistics
    return 0 if statistics is None else statistics.packets_received
