"""Import path of the published API: the engine and what names parties and ways."""

from sipsimple.api.engine import Engine
from sipsimple.api.identity import Credentials, Route
from sipsimple.api.uri import SIPURI
from sipsimple.errors import PJSIPError, SIPCoreError

__all__ = ["SIPURI", "Credentials", "Engine", "PJSIPError", "Route", "SIPCoreError"]
