"""Actor-model middleware on gevent for SIP sessions, audio and MSRP chat: the SIP SIMPLE Middleware API."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.core import (
        SIPURI,
        AudioTransport,
        Credentials,
        Engine,
        PJSIPError,
        Publication,
        RecordingWaveFile,
        Registration,
        Request,
        Route,
        RTPTransport,
        SIPCoreError,
        Subscription,
        ToneGenerator,
        WaveFile,
        send_message,
    )
    from sipsimple.session import Session, SessionManager
    from sipsimple.version import __version__

__all__ = [
    "SIPURI",
    "AudioTransport",
    "Credentials",
    "Engine",
    "PJSIPError",
    "Publication",
    "RTPTransport",
    "RecordingWaveFile",
    "Registration",
    "Request",
    "Route",
    "SIPCoreError",
    "Session",
    "SessionManager",
    "Subscription",
    "ToneGenerator",
    "WaveFile",
    "__version__",
    "send_message",
]

_SESSION = {"Session", "SessionManager"}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for: who imports only a protocol core gets no gevent."""
    if name == "__version__":
        return import_module("sipsimple.version").__version__
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("sipsimple.session" if name in _SESSION else "sipsimple.core"), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not, beside what is there."""
    return sorted({*globals(), *__all__})
