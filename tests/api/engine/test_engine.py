"""The engine: its options, its life, where it runs."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading

import gevent
import pytest

from sipsimple.api.engine import running as lives
from sipsimple.api.engine.options import EngineOptions, engine_codecs
from sipsimple.core import SIPURI, Engine, SIPCoreError
from sipsimple.errors import TransportFailed
from sipsimple.notification import NotificationCenter
from sipsimple.session import Session, SessionManager
from tests.endpoints import alice, deliver, established, hang_up, place, port, running
from tests.watch import Watch

STARTED = ["SCEngineWillStart", "SCEngineDidStart"]
ENDED = ["SCEngineWillEnd", "SCEngineDidEnd"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"local_udp_port": 65536}, ValueError),
        ({"local_tcp_port": -1}, ValueError),
        ({"local_ip": "example.com"}, ValueError),
        ({"sample_rate": 44}, ValueError),
        ({"sip_t1": 0}, ValueError),
        ({"user_agent": "a\r\nX: y"}, ValueError),
        ({"user_agent": ""}, ValueError),
        ({"user_agent": "a\x7f"}, ValueError),
        ({"user_agent": "a\u2028b"}, ValueError),
        ({"user_agent": "a\ud800"}, ValueError),
        ({"user_agent": None}, TypeError),
        ({"sip_t1": float("inf")}, ValueError),
        ({"sip_t1": float("nan")}, ValueError),
        ({"sip_t1": True}, TypeError),
        ({"local_udp_port": True}, TypeError),
        ({"local_udp_port": 5060.5}, TypeError),
        ({"local_ip": 7}, TypeError),
        ({"codecs": ("G722", "opus")}, ValueError),
        ({"codecs": ("g711", "PCMU")}, ValueError),
        ({"codecs": ()}, ValueError),
        ({"codecs": (7,)}, TypeError),
        ({"ec_tail_length": 501}, ValueError),
        ({"max_audio_calls": -1}, ValueError),
        ({"max_audio_calls": True}, TypeError),
        ({"audio_spare_workers": -1}, ValueError),
        ({"rtp_port_range": (40000, 40010)}, ValueError),
        ({"rtp_port_range": (0, 100)}, ValueError),
        ({"log_level": 7}, ValueError),
        ({"rtp_port_range": (40100, 40000)}, ValueError),
        ({"hub": "another"}, ValueError),
        ({"local_tls_port": 0, "tls_cert_file": "/nowhere.pem"}, ValueError),
        ({"local_tls_port": 0, "tls_verify_client": True}, ValueError),
        ({"tls_ca_file": "/nowhere.pem"}, ValueError),
        ({"tls_timeout": 0}, ValueError),
        ({"no_such_option": 1}, TypeError),
    ],
)
def test_a_bad_option_is_refused_and_nothing_is_told(options, error):
    with Watch() as watch, pytest.raises(error):
        Engine().start(**options)
    assert watch.seen == []
    assert not Engine().is_running


def test_the_default_options_are_published():
    assert Engine.default_start_options == EngineOptions.defaults()
    assert Engine.default_start_options["local_udp_port"] == 0
    assert Engine.default_start_options["local_tcp_port"] is None


@pytest.mark.parametrize(
    ("codecs", "meant"),
    [
        (("speex", "g711", "ilbc", "gsm", "g722"), ("speex", "PCMU", "PCMA", "iLBC", "GSM", "G722")),
        (("PCMA", "l16", "pcmu"), ("PCMA", "L16", "PCMU")),
    ],
)
def test_the_names_of_2009_mean_codecs_of_the_audio_engine(codecs, meant):
    assert EngineOptions(codecs=codecs).codecs == codecs
    assert engine_codecs(codecs) == meant


def test_without_audio_calls_there_are_no_sound_devices_and_none_can_be_set():
    with running(max_audio_calls=0):
        engine = Engine()
        assert (engine.playback_devices, engine.recording_devices) == ((), ())
        assert (engine.current_playback_device, engine.current_recording_device) == (None, None)
        with pytest.raises(SIPCoreError, match="no sound device 'Speaker'"):
            engine.set_sound_devices("Speaker")
        with pytest.raises(TypeError):
            engine.set_sound_devices(None, 7)
        with pytest.raises(ValueError, match="tail_length"):
            engine.set_sound_devices(tail_length=501)
        engine.set_sound_devices(tail_length=10)
        assert engine.ec_tail_length == 10


@pytest.mark.parametrize("hub", ["current", "own"])
def test_it_starts_and_stops_and_starts_again(hub):
    for _ in range(2):
        with running(hub=hub) as watch:
            assert Engine().is_running
            assert port() > 0
            hang_up(watch, established(watch))
        assert [name for name in watch.names(Engine()) if name != "SCEngineSIPTrace"] == STARTED + ENDED


def test_options_are_read_while_it_runs_only():
    with running(user_agent="One", local_udp_port=0) as _watch:
        engine = Engine()
        assert engine.local_ip == "127.0.0.1"
        assert engine.sample_rate == 16
        assert engine.local_tls_port is None
        engine.user_agent = "Two"
        with pytest.raises(ValueError, match="user_agent"):
            engine.user_agent = "a\nb"
        assert engine.user_agent == "Two"
        with pytest.raises(SIPCoreError, match="already"):
            engine.start()
    with pytest.raises(AttributeError):
        _ = Engine().sample_rate
    with pytest.raises(AttributeError):
        _ = Engine().no_such_thing
    for name in ("local_ip", "trace_sip", "user_agent", "core"):
        with pytest.raises(SIPCoreError, match="not running"):
            getattr(Engine(), name)


@pytest.mark.parametrize(
    ("name", "value", "bad", "error"),
    [
        ("codecs", ("PCMA", "G722"), ("PCMA", "PCMA"), ValueError),
        ("codecs", ("PCMA",), "PCMA", TypeError),
        ("log_level", 0, -1, ValueError),
        ("log_level", 6, "5", TypeError),
        ("rtp_port_range", (50000, 50020), (50000, 65536), ValueError),
        ("rtp_port_range", (50000, 50020), (50000,), ValueError),
        ("rtp_port_range", None, (50020, 50000), ValueError),
        ("playback_dtmf", False, None, None),
        ("trace_msrp", True, None, None),
    ],
)
def test_what_can_be_set_while_it_runs_is_checked_and_kept_when_it_is_refused(name, value, bad, error):
    with pytest.raises(SIPCoreError, match="not running"):
        setattr(Engine(), name, value)
    with running():
        setattr(Engine(), name, value)
        if error is not None:
            with pytest.raises(error):
                setattr(Engine(), name, bad)
        assert getattr(Engine(), name) == value
    with running():
        assert getattr(Engine(), name) == Engine.default_start_options[name]


@pytest.mark.parametrize("name", ["local_udp_port", "sample_rate", "local_ip", "playback_devices", "trace_spi"])
def test_what_cannot_be_set_or_is_misspelt_is_refused(name):
    for _ in range(2):
        with pytest.raises(AttributeError, match=name):
            setattr(Engine(), name, 7)
        with running():
            before = getattr(Engine(), name, None)
            with pytest.raises(AttributeError, match=name):
                setattr(Engine(), name, 7)
            assert getattr(Engine(), name, None) == before


def test_a_user_agent_that_is_set_while_running_counts_for_later_calls():
    with running(user_agent="One") as watch:
        Engine().user_agent = "Two"
        call = established(watch)
        assert call.caller.remote_user_agent == call.callee.remote_user_agent == "Two"
        hang_up(watch, call)


@pytest.mark.parametrize("hub", ["current", "own"])
def test_a_port_in_use_is_told_and_raised_and_it_can_be_started_after_that(hub):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with Watch() as watch, pytest.raises(TransportFailed):
            Engine().start(hub=hub, local_ip="127.0.0.1", local_udp_port=taken.getsockname()[1])
    assert watch.names(Engine()) == ["SCEngineWillStart", "SCEngineDidFail"]
    assert not Engine().is_running
    with running(hub=hub):
        assert Engine().is_running


def test_stopping_what_does_not_run_does_nothing():
    with Watch() as watch:
        Engine().stop()
    assert watch.seen == []


@pytest.mark.parametrize("hub", ["current", "own"])
def test_stop_ends_the_live_sessions_first(hub):
    with running(hub=hub) as watch:
        calls = [established(watch) for _ in range(3)]
        ringing = place(watch)
        Engine().stop()
    names = [each.name for each in watch.seen]
    for session in [end for call in (*calls, ringing) for end in (call.caller, call.callee)]:
        assert watch.count("SCSessionDidEnd", session) == 1
    assert names[-2:] == ENDED
    assert watch.count("SCSessionDidEnd") == 8


@pytest.mark.parametrize("hub", ["current", "own"])
def test_stop_from_a_handler_returns_at_once_and_the_engine_ends(hub):
    with running(hub=hub) as watch:
        watch.on["SCSessionDidEnd"] = lambda _session: Engine().stop()
        call = established(watch)
        call.caller.terminate()
        watch.wait_for("SCEngineDidEnd")
        call.caller.terminate()
    assert watch.count("SCEngineDidEnd") == 1


def test_start_from_the_handler_of_the_end_is_a_new_life():
    with running() as watch:
        watch.on["SCEngineDidEnd"] = lambda engine: engine.start(hub="current", local_ip="127.0.0.1")
        Engine().stop()
        watch.on.clear()
        watch.wait_for("SCEngineDidStart", count=2)
        assert Engine().is_running
    assert watch.names(Engine()) == (STARTED + ENDED) * 2


def test_peers_that_do_not_answer_do_not_keep_it_from_stopping(monkeypatch):
    monkeypatch.setattr(lives, "ENDING_LIMIT", 0.1)
    with running() as watch, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(("127.0.0.1", 0))
        session = Session()
        session.connect(SIPURI("127.0.0.1", "mute", port=mute.getsockname()[1]), alice(), chat=True)
        watch.wait_for("MSRPChatDidInitialize")
        Engine().stop()
    assert watch.data("SCSessionDidEnd", session) == {"originator": "local"}
    assert watch.count("SCSessionDidEnd", session) == 1
    assert watch.count("SCSessionDidFail", session) == 0, "it ended as it was asked to"
    assert [each.name for each in watch.seen][-2:] == ENDED


def test_a_stopping_engine_takes_no_new_calls():
    errors = []

    def call_again(_session):
        try:
            Session().connect(SIPURI("127.0.0.1", "bob", port=9), alice(), chat=True)
        except SIPCoreError as error:
            errors.append(str(error))

    with running() as watch:
        established(watch)
        watch.on["SCSessionWillEnd"] = call_again
        Engine().stop()
    assert set(errors) == {"the engine is stopping"}
    assert SessionManager().sessions == []


def test_a_tree_that_cannot_be_kept_up_fails_the_engine_and_ends_its_sessions():
    with running(crashes=True) as watch:
        call = established(watch)
        endpoint = Engine().core.router.endpoint
        for _ in range(5000):
            endpoint.kill()
            gevent.sleep(0)
        watch.wait_for("SCEngineDidEnd")
        for end in (call.caller, call.callee):
            failure = watch.data("SCSessionDidFail", end)
            assert (failure["originator"], failure["code"]) == ("local", 0)
            assert "engine has failed" in failure["reason"]
            assert watch.count("SCSessionDidEnd", end) == 1
            assert end.state == "TERMINATED"
    assert watch.names(Engine())[2:] == ["SCEngineDidFail", "SCEngineDidEnd"]


def test_every_public_method_may_be_called_from_foreign_threads():
    with running() as watch:
        call = in_thread(watch, lambda: place(watch))
        in_thread(watch, lambda: call.callee.accept(chat=True))
        for end in (call.caller, call.callee):
            watch.wait_for("SCSessionDidStart", end)
        in_thread(watch, lambda: deliver(watch, call.caller, call.callee, "from a thread"))
        assert in_thread(watch, lambda: call.caller.state) == "ESTABLISHED"
        assert in_thread(watch, Engine().tree) is not None
        in_thread(watch, call.caller.terminate)
        watch.wait_for("SCSessionDidEnd", call.callee)
        rejected = in_thread(watch, lambda: place(watch))
        in_thread(watch, rejected.callee.reject)
        watch.wait_for("SCSessionDidEnd", rejected.caller)
        in_thread(watch, Engine().stop)


def in_thread(watch, function):
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(function()))
    thread.start()
    watch.until(lambda: not thread.is_alive(), "the thread")
    thread.join()
    return outcome[0]


CALL_TO_ITSELF = """
import threading
from threading import Event
from time import sleep
from sipsimple import *
from sipsimple.notification import NotificationCenter
ended = Event()
class Observer:
    def handle_notification(self, notification):
        if notification.name == "SCSessionNewIncoming":
            notification.sender.accept(chat=True)
        elif notification.name == "SCSessionGotMessage":
            print(notification.data.content, flush=True)
            Engine().stop()
        elif notification.name == "SCEngineDidEnd":
            ended.set()
NotificationCenter().add_observer(Observer := Observer())
Engine().start(local_ip="127.0.0.1")
session = Session()
session.connect(SIPURI("127.0.0.1", "bob", port=Engine().local_udp_port), Credentials(SIPURI("b", "a")), chat=True)
while session.state != "ESTABLISHED":
    sleep(0.01)
session.send_message("hello")
assert ended.wait(20)
Engine().stop()
print(threading.active_count(), Engine().is_running)
"""


@pytest.mark.parametrize(
    "prologue",
    [
        "",
        "from gevent import monkey; monkey.patch_all()",
    ],
    ids=["a plain threaded script", "a monkey-patched gevent server"],
)
def test_auto_chooses_the_hub_that_fits_the_program(prologue):
    program = f"{prologue}\n{CALL_TO_ITSELF}"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["hello", "1 False"], done.stderr
    assert done.stderr == ""


def test_an_observer_that_is_registered_for_the_engine_hears_of_its_end():
    heard = []

    class Observer:
        def handle_notification(self, notification):
            heard.append(notification.name)

    observer = Observer()
    NotificationCenter().add_observer(observer, "SCEngineDidEnd", Engine())
    try:
        with running():
            pass
    finally:
        NotificationCenter().remove_observer(observer, "SCEngineDidEnd", Engine())
    assert heard == ["SCEngineDidEnd"]
