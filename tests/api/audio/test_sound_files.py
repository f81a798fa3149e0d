"""Files that are played and recorded: which can be, and what a recording is called."""

from __future__ import annotations

import os
import wave
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.api.audio.sound_files import (
    LONGEST_PATH_BYTES,
    default_recording,
    default_recording_name,
    is_same,
    playable,
    recordable,
    recording_of,
)
from sipsimple.core import SIPURI, SIPCoreError

NOW = datetime(2009, 3, 23, 19, 41, 7)


def wav(path):
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0\0" * 80)
    return path


def test_the_default_name_tells_when_who_and_which_way():
    name = default_recording_name(NOW, SIPURI("example.com", "alice", display="Alice"), "incoming")
    assert name == "20090323-194107-alice@example.com-incoming.wav"


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (SIPURI("example.com"), "example.com"),
        (SIPURI("::1", "a"), "a@__1"),
        (SIPURI("example.com", "../../etc/passwd"), ".._.._etc_passwd@example.com"),
        (SIPURI("example.com", "a b\\c:d@e"), "a_b_c_d_e@example.com"),
        (SIPURI("example.com", "+31-16 \0\n\r"), "+31-16____@example.com"),
        (None, "unknown"),
    ],
)
def test_what_a_file_name_should_not_have_is_replaced(uri, name):
    assert default_recording_name(NOW, uri, "outgoing") == f"20090323-194107-{name}-outgoing.wav"


@given(st.text(max_size=300).filter(lambda text: text.isprintable()))
def test_any_user_makes_one_name_of_bounded_length(user):
    name = default_recording_name(NOW, SIPURI("example.com", user or "x"), "incoming")
    assert Path(name).name == name
    assert len(name) < 200
    assert "\0" not in name


def test_a_recording_is_placed_in_the_directory_under_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "20090323-194107-unknown-incoming.wav"
    assert default_recording(tmp_path, NOW, None, "incoming") == str(tmp_path / name)
    assert recording_of(".", "a.wav") == str(tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == [], "nothing is made yet"


@pytest.mark.parametrize(
    ("path", "name", "error"),
    [
        ("missing", "a.wav", SIPCoreError),
        (".", os.fsdecode(b"\xff.wav"), SIPCoreError),
        (".", "x" * 250 + "/a.wav", SIPCoreError),
        (".", "missing/a.wav", SIPCoreError),
        (".", "", SIPCoreError),
        (".", "a\0b", SIPCoreError),
        (".", "directory", SIPCoreError),
        (".", 7, TypeError),
        (".", None, TypeError),
        (7, "a.wav", TypeError),
        (b".", "a.wav", TypeError),
    ],
)
def test_a_file_that_cannot_be_recorded_to_is_refused(path, name, error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "directory").mkdir()
    with pytest.raises(error):
        recording_of(path, name)


@pytest.mark.parametrize("path", ["missing", 7])
def test_a_default_name_needs_a_directory_too(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((SIPCoreError, TypeError)):
        default_recording(path, NOW, None, "incoming")


def test_two_recordings_of_one_party_in_one_second_have_two_files(tmp_path):
    anonymous = SIPURI("anonymous.invalid", "anonymous")
    paths = [Path(default_recording(tmp_path, NOW, anonymous, "incoming")) for _ in range(3)]
    (tmp_path / "20090323-194108-anonymous@anonymous.invalid-incoming.wav").touch()
    paths.append(Path(default_recording(tmp_path, NOW + timedelta(seconds=1), anonymous, "incoming")))
    assert [each.stem.partition("incoming")[2] for each in paths] == ["", "_2", "_3", "_2"]


@pytest.mark.parametrize("user", ["x" * 300, "漢" * 300])
def test_a_caller_with_a_long_name_is_recorded_too(user, tmp_path):
    directory = tmp_path / ("d" * (150 - len(str(tmp_path)) - 1))
    directory.mkdir()
    path = default_recording(directory, NOW, SIPURI("example.com", user), "incoming")
    assert path.endswith("-incoming.wav")
    assert len(path.encode()) <= LONGEST_PATH_BYTES
    assert len(Path(path).name.encode()) <= 255
    Path(path).touch()


def test_a_pipe_is_neither_recorded_to_nor_played_since_the_engine_would_wait_for_its_other_end(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    for check in (recordable, playable):
        with pytest.raises(SIPCoreError, match="not a file"):
            check(tmp_path / "pipe.wav")


@pytest.mark.parametrize("name", ["call", "call.mp3", "call.wav.mp3", ".wav", "wav", "call.wave", "call."])
def test_a_name_that_does_not_end_in_wav_is_refused_with_what_is_allowed(name, tmp_path):
    with pytest.raises(SIPCoreError, match=r"must end in \.wav") as caught:
        recording_of(tmp_path, name)
    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize("name", ["call.wav", "call.WAV", "call.mp3.Wav"])
def test_the_letters_of_wav_may_be_of_either_size(name, tmp_path):
    assert recording_of(tmp_path, name) == str(tmp_path / name)


def test_one_file_is_known_by_whatever_way_to_its_directory(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "too").symlink_to(tmp_path / "there")
    file = str(tmp_path / "there" / "a.wav")
    assert is_same(file, file)
    assert is_same(file, str(tmp_path / "too" / "a.wav"))
    assert not is_same(file, str(tmp_path / "there" / "b.wav"))
    assert not is_same(file, str(tmp_path / "a.wav"))


def test_a_file_that_exists_is_recorded_over(tmp_path):
    assert recordable(wav(tmp_path / "a.wav")) == str(tmp_path / "a.wav")


def test_only_a_wav_file_that_is_there_can_be_played(tmp_path):
    assert playable(wav(tmp_path / "a.wav")) == str(tmp_path / "a.wav")
    (tmp_path / "b.wav").write_bytes(b"ID3" + bytes(40))
    (tmp_path / "short.wav").write_bytes(b"RIFF")
    for name in ("b.wav", "short.wav", "missing.wav", "a\0b"):
        with pytest.raises(SIPCoreError, match="cannot play"):
            playable(tmp_path / name)
    with pytest.raises(SIPCoreError, match=r"missing\.wav: no such file or directory$"):
        playable(tmp_path / "missing.wav")
    for name in (wav(tmp_path / os.fsdecode(b"\xff.wav")), "x" * 250):
        with pytest.raises(SIPCoreError, match=r"not UTF-8|bytes"):
            playable(tmp_path / name)
    with pytest.raises(TypeError):
        playable(None)
