"""Import path of the published API: sessions and their configuration."""

from sipsimple.api.configuration import MSRPConfiguration, RingtoneConfiguration, RTPConfiguration
from sipsimple.api.session.manager import SessionManager
from sipsimple.api.session.session import Session
from sipsimple.errors import SessionStateError

__all__ = [
    "MSRPConfiguration",
    "RTPConfiguration",
    "RingtoneConfiguration",
    "Session",
    "SessionManager",
    "SessionStateError",
]
