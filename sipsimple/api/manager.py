"""`SessionManager`: the active sessions, and the configuration that new ones get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api.configuration import MSRPConfiguration, RingtoneConfiguration, RTPConfiguration

if TYPE_CHECKING:
    from sipsimple.api.session import Session


class SessionManager:
    """One object for the process: `SessionManager() is SessionManager()`.

    Attributes:
        ringtone_config: Looked up when a ringtone is needed.
        rtp_config: Copied into each new Session.
        msrp_config: Copied into each new Session.
    """

    _instance: SessionManager | None = None

    ringtone_config: RingtoneConfiguration
    rtp_config: RTPConfiguration
    msrp_config: MSRPConfiguration
    _sessions: dict[int, Session]

    def __new__(cls) -> SessionManager:
        if cls._instance is None:
            instance = super().__new__(cls)
            instance.ringtone_config = RingtoneConfiguration()
            instance.rtp_config = RTPConfiguration()
            instance.msrp_config = MSRPConfiguration()
            instance._sessions = {}
            cls._instance = instance
        return cls._instance

    @property
    def sessions(self) -> list[Session]:
        """The sessions that are neither NULL nor TERMINATED; a new list each time."""
        return list(self._sessions.values())

    def add(self, session: Session) -> None:
        """Count `session` as active; the session does this itself."""
        self._sessions[id(session)] = session

    def remove(self, session: Session) -> None:
        """Count `session` as active no more; the session does this itself."""
        self._sessions.pop(id(session), None)
