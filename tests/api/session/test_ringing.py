"""Ringtones: which file, from when, until when."""

from __future__ import annotations

from sipsimple.api.session.ringing import INBOUND_PAUSE, OUTBOUND_PAUSE, Ringing
from sipsimple.core import SIPURI
from sipsimple.errors import MediaFailed
from sipsimple.session import Session, SessionManager
from tests.api.audio.test_sound_files import wav


class Speaker:
    """What stands in for the sound device: notes what is begun and ended."""

    def __init__(self, trouble=None):
        self.trouble = trouble
        self.heard = []
        self.players = 0

    def play(self, file_name, level=100, loop_count=1, pause_time=0.0):
        if self.trouble:
            raise MediaFailed(self.trouble)
        self.heard.append((file_name, loop_count, pause_time))
        self.players += 1
        return self.players

    def stop_playing(self, player):
        self.heard.append(("stopped", player))


def test_it_rings_over_and_over_until_it_is_stopped(tmp_path):
    path, speaker = str(wav(tmp_path / "ring.wav")), Speaker()
    ringing = Ringing(speaker, path, 2.0)
    ringing.stop()
    ringing.stop()
    assert speaker.heard == [(path, 0, 2.0), ("stopped", 1)]


def test_what_cannot_be_played_is_left_out(tmp_path):
    speaker = Speaker()
    for file_name in (str(tmp_path / "missing.wav"), __file__, 7):
        Ringing(speaker, file_name, 2.0).stop()
    assert speaker.heard == []


def test_without_audio_or_a_file_the_call_goes_on_in_silence(tmp_path, monkeypatch):
    Ringing(Speaker("audio is not available"), str(wav(tmp_path / "ring.wav")), 2.0).stop()
    speaker = Speaker()
    for face in (Face(speaker), Face(None)):
        face.become("INCOMING")
        face.notify("SCSessionGotRingIndication", {})
        face.become("TERMINATED")
    assert speaker.heard == ["ChangedState", "GotRingIndication", "ChangedState"]


class Face(Session):
    """A session whose actor is this test, and whose notifications are noted with what is heard then."""

    def __init__(self, speaker):
        super().__init__()
        self._sound = speaker
        self._uris = SIPURI("b", "local"), SIPURI("example.com", "alice")

    def post(self, sender, name, data):
        if self._sound is not None:
            self._sound.heard.append(name.removeprefix("SCSession"))

    def become(self, state):
        self.notify("SCSessionChangedState", {"prev_state": "", "state": state})


def ringtones(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setattr(SessionManager().ringtone_config, name, value)


def test_an_incoming_call_rings_from_before_it_is_told_until_it_is_answered(tmp_path, monkeypatch):
    path = str(wav(tmp_path / "in.wav"))
    ringtones(monkeypatch, default_inbound_ringtone=path)
    speaker = Speaker()
    face = Face(speaker)
    face.become("INCOMING")
    face.notify("SCSessionNewIncoming", {})
    face.become("ACCEPTING")
    face.become("TERMINATED")
    heard = [(path, 0, INBOUND_PAUSE), "ChangedState", "NewIncoming", ("stopped", 1), "ChangedState", "ChangedState"]
    assert speaker.heard == heard


def test_each_caller_rings_with_a_tone_of_its_own(tmp_path, monkeypatch):
    path = str(wav(tmp_path / "alice.wav"))
    ringtones(monkeypatch, default_inbound_ringtone=str(wav(tmp_path / "in.wav")))
    config = SessionManager().ringtone_config
    config.add_ringtone_for_sipuri(SIPURI("EXAMPLE.com", "alice"), path)
    try:
        speaker = Speaker()
        face = Face(speaker)
        face.become("INCOMING")
        face.become("TERMINATED")
    finally:
        config.remove_sipuri(SIPURI("example.com", "alice"))
    assert speaker.heard[0] == (path, 0, INBOUND_PAUSE)


def test_an_outgoing_call_rings_from_the_first_180_on_and_the_file_is_looked_up_then(tmp_path, monkeypatch):
    speaker = Speaker()
    face = Face(speaker)
    face.become("CALLING")
    path = str(wav(tmp_path / "out.wav"))
    ringtones(monkeypatch, outbound_ringtone=path)
    for _ in range(2):
        face.notify("SCSessionGotRingIndication", {})
    face.become("ESTABLISHED")
    ring = (path, 0, OUTBOUND_PAUSE)
    assert speaker.heard == ["ChangedState", ring, *["GotRingIndication"] * 2, ("stopped", 1), "ChangedState"]


def test_early_audio_of_the_peer_ends_the_ringing(tmp_path, monkeypatch):
    ringtones(monkeypatch, outbound_ringtone=str(wav(tmp_path / "out.wav")))
    speaker = Speaker()
    face = Face(speaker)
    face.notify("SCSessionGotRingIndication", {})
    face.stop_ringing()
    assert speaker.heard[-1] == ("stopped", 1)
    face.become("ESTABLISHED")
    assert speaker.heard.count(("stopped", 1)) == 1
