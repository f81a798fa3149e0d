"""What an audio stream tells its session: that no audio comes is news while that is established."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from sipsimple.api.audio.stream import AudioStream
from sipsimple.api.configuration import RTPConfiguration
from sipsimple.media.leg.events import SilenceUntold
from sipsimple.protocols.sip.usage.state import State

NO_AUDIO = "SCSessionGotNoAudio"


class Session:
    """A session in some state, which notes what it is told."""

    def __init__(self, state):
        self.call = None if state is None else SimpleNamespace(state=state)
        self.rtp_config = RTPConfiguration("192.0.2.1")
        self.told = []

    def notify_of_audio(self, name, data):
        self.told.append((name, data))


class Leg:
    """A leg that notes what it is told."""

    def __init__(self):
        self.told = []

    def tell(self, event):
        self.told.append(event)


def stream(state):
    stream = AudioStream(Session(state), None, ())
    stream.ref = Leg()
    return stream


@pytest.mark.parametrize("state", [State.ESTABLISHED, State.PROPOSING, State.PROPOSED])
def test_silence_is_told_of_an_established_session(state):
    audio = stream(state)
    audio._notify(NO_AUDIO, {})
    assert (audio.session.told, audio.ref.told) == ([(NO_AUDIO, {})], [])


@pytest.mark.parametrize("state", [State.CALLING, State.INCOMING, State.ACCEPTING])
def test_before_that_the_leg_is_to_see_again(state):
    audio = stream(state)
    audio._notify(NO_AUDIO, {})
    assert (audio.session.told, audio.ref.told) == ([], [SilenceUntold()])


@pytest.mark.parametrize("state", [State.TERMINATING, State.TERMINATED, None])
def test_of_a_session_that_ends_it_is_no_news(state):
    audio = stream(state)
    audio._notify(NO_AUDIO, {})
    assert (audio.session.told, audio.ref.told) == ([], [])


@pytest.mark.parametrize("state", list(State))
def test_everything_else_is_told_in_every_state(state):
    audio = stream(state)
    audio._notify("SCSessionDidStopRecordingAudio", {"file_name": "a.wav"})
    assert audio.session.told == [("SCSessionDidStopRecordingAudio", {"file_name": "a.wav"})]
