"""Actor-model middleware on gevent for SIP sessions and MSRP chat: the SIP SIMPLE Middleware API."""

from sipsimple.api.options import VERSION as __version__
from sipsimple.core import SIPURI, Credentials, Engine, PJSIPError, Route, SIPCoreError
from sipsimple.session import Session, SessionManager

__all__ = [
    "SIPURI",
    "Credentials",
    "Engine",
    "PJSIPError",
    "Route",
    "SIPCoreError",
    "Session",
    "SessionManager",
    "__version__",
]
