"""The import paths and names of the published API that belong to sessions and chat."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import sipsimple
from sipsimple.notification import signals
from tests.watch import NAMES

PATHS = {
    "sipsimple.session": "Session SessionManager SessionStateError "
    "RingtoneConfiguration RTPConfiguration MSRPConfiguration",
    "sipsimple.core": "Engine EngineOptions SIPURI Credentials Route SIPCoreError PJSIPError MediaFailed "
    "AudioTransport RTPTransport AudioStatistics WaveFile RecordingWaveFile ToneGenerator Registration "
    "Subscription Publication Request send_message "
    "AdmissionLimits Manners Patience",
    "sipsimple.msrp": "FileSelector MSRPChat MSRPChatError MSRPFileTransfer MSRPRelaySettings",
    "sipsimple.notification": "NotificationCenter Notification NotificationData IObserver Any UnknownSender signals",
}


@pytest.mark.parametrize(("module", "name"), [(path, name) for path, names in PATHS.items() for name in names.split()])
def test_every_published_name_is_where_the_document_says(module, name):
    assert hasattr(importlib.import_module(module), name)
    assert name in importlib.import_module(module).__all__


def test_the_star_import_gives_what_the_published_example_needs():
    space = {}
    exec("from sipsimple import *", space)
    needed = "Engine Session SessionManager Credentials SIPURI Route SIPCoreError PJSIPError"
    for name in (*needed.split(), "AudioTransport", "RTPTransport", "WaveFile", "RecordingWaveFile"):
        assert inspect.isclass(space[name])
    assert sipsimple.__version__


def test_the_public_names_are_listed_before_they_are_loaded():
    command = "import sipsimple, sys; print(set(sipsimple.__all__) <= set(dir(sipsimple)), 'gevent' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == "True False\n"


@pytest.mark.parametrize(
    ("cls", "method", "arguments"),
    [
        ("SIPURI", "__init__", "host user=None password=None port=None display=None secure=False parameters headers"),
        ("Credentials", "__init__", "uri password=None token=None"),
        ("Route", "__init__", "address port=5060 transport=udp"),
        ("Session", "connect", "callee_uri credentials route audio=False chat=False"),
        ("Session", "accept", "audio=False chat=False password=None"),
        ("Session", "reject", "code=486"),
        ("Session", "terminate", ""),
        ("Session", "send_message", "content content_type=text/plain to_uri=None dt=None"),
        ("Session", "transfer", "target"),
        ("Session", "accept_transfer", "account=None"),
        ("Session", "reject_transfer", "code=603"),
        ("Session", "send_info", "content_type body"),
        ("Session", "hold", ""),
        ("Session", "unhold", ""),
        ("Session", "start_recording_audio", "path file_name=None"),
        ("Session", "stop_recording_audio", ""),
        ("Session", "send_dtmf", "digit"),
        ("Session", "add_audio", ""),
        ("Session", "remove_audio", ""),
        ("Session", "add_chat", ""),
        ("Session", "remove_chat", ""),
        ("Session", "accept_proposal", "password=None audio=None chat=None"),
        ("Session", "reject_proposal", ""),
        ("Session", "bridge", "other"),
        ("Session", "unbridge", ""),
        ("Session", "start_playing", "file_name level=100 loop_count=1 pause_time=0"),
        ("RTPTransport", "__init__", "local_rtp_address=None use_srtp=False srtp_forced=False use_ice=False"),
        ("AudioTransport", "__init__", "transport"),
        ("WaveFile", "__init__", "file_name"),
        ("WaveFile", "start", "level=100 loop_count=1 pause_time=0"),
        ("RecordingWaveFile", "__init__", "file_name"),
        ("Engine", "set_sound_devices", "playback_device=None recording_device=None tail_length=None"),
        ("Registration", "__init__", "credentials route=None expires=300 contact_uri=None extra_headers=None"),
        ("Registration", "register", ""),
        ("Subscription", "__init__", "credentials to_uri event route expires=300 extra_headers=None"),
        ("Subscription", "subscribe", ""),
        ("Subscription", "unsubscribe", ""),
        ("Publication", "__init__", "credentials event route expires=300 extra_headers=None"),
        ("Publication", "publish", "content_type content_subtype body"),
        ("Publication", "unpublish", ""),
        (
            "Request",
            "__init__",
            "method credentials to_uri request_uri contact_uri route call_id=None cseq=None extra_headers=None",
        ),
        ("Request", "send", "timeout=None"),
        ("Request", "terminate", ""),
        ("Registration", "unregister", ""),
        ("Engine", "network_changed", ""),
        ("Engine", "start", "auto_sound=True local_ip=None"),
        ("Engine", "stop", ""),
    ],
)
def test_the_signatures_are_the_published_ones(cls, method, arguments):
    parameters = list(inspect.signature(getattr(getattr(sipsimple, cls), method)).parameters.values())[1:]
    for parameter, expected in zip(parameters, arguments.split(), strict=False):
        name, has_default, default = expected.partition("=")
        assert parameter.name == name
        if has_default:
            assert str(parameter.default) == default


ATTRIBUTES = {
    "Session": "state direction start_time stop_time on_hold_by_local on_hold_by_remote on_hold remote_user_agent "
    "local_uri remote_uri caller_uri callee_uri credentials route audio_transport has_audio "
    "audio_sample_rate audio_codec audio_srtp_active audio_local_rtp_address audio_local_rtp_port "
    "audio_remote_rtp_address_sdp "
    "audio_remote_rtp_port_sdp audio_remote_rtp_address_received audio_remote_rtp_port_received audio_was_received "
    "audio_recording_file_name chat_transport has_chat proposed_audio proposed_chat audio_statistics",
    "RTPTransport": "local_rtp_address local_rtp_port remote_rtp_address_sdp remote_rtp_port_sdp "
    "remote_rtp_address_received remote_rtp_port_received srtp_active use_srtp srtp_forced use_ice ice_stun_address "
    "ice_stun_port state",
}


@pytest.mark.parametrize(("cls", "names"), ATTRIBUTES.items())
def test_every_published_attribute_can_be_read_of_a_new_object(cls, names):
    new = getattr(sipsimple, cls)()
    for name in names.split():
        assert getattr(new, name, ...) is not ..., name


def test_each_notification_is_documented():
    text = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in text] == []


def test_a_signal_of_each_notification_bears_its_name():
    for name in NAMES:
        assert signals[name].name == name
        assert getattr(signals, name) is signals[name]


def test_the_published_state_error_is_a_runtime_error():
    from sipsimple.session import SessionStateError

    error = SessionStateError("accept", "NULL", ("INCOMING",))
    assert isinstance(error, RuntimeError)
    assert str(error) == "accept() is not allowed in state NULL, only in INCOMING"
