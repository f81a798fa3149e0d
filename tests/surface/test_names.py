"""The import paths and names of the published API that belong to sessions and chat."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys

import pytest

import sipsimple
from sipsimple.notification import signals
from tests.watch import NAMES

PATHS = {
    "sipsimple.session": "Session SessionManager SessionStateError "
    "RingtoneConfiguration RTPConfiguration MSRPConfiguration",
    "sipsimple.core": "Engine SIPURI Credentials Route SIPCoreError PJSIPError",
    "sipsimple.msrp": "MSRPChat MSRPChatError",
    "sipsimple.notification": "NotificationCenter Notification NotificationData IObserver Any UnknownSender signals",
}


@pytest.mark.parametrize(("module", "name"), [(path, name) for path, names in PATHS.items() for name in names.split()])
def test_every_published_name_is_where_the_document_says(module, name):
    assert hasattr(importlib.import_module(module), name)
    assert name in importlib.import_module(module).__all__


def test_the_star_import_gives_what_the_published_example_needs():
    space = {}
    exec("from sipsimple import *", space)
    for name in ("Engine", "Session", "SessionManager", "Credentials", "SIPURI", "Route"):
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


def test_a_signal_of_each_notification_bears_its_name():
    for name in NAMES:
        assert signals[name].name == name
        assert getattr(signals, name) is signals[name]


def test_the_published_state_error_is_a_runtime_error():
    from sipsimple.session import SessionStateError

    error = SessionStateError("accept", "NULL", ("INCOMING",))
    assert isinstance(error, RuntimeError)
    assert str(error) == "accept() is not allowed in state NULL, only in INCOMING"
