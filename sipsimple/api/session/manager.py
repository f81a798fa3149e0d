"""`SessionManager`: the active sessions, and the configuration that new ones get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api import checking, native
from sipsimple.api.configuration import MSRPConfiguration, RingtoneConfiguration, RTPConfiguration
from sipsimple.api.engine.hubs import Flag
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.api.session.session import Session

_lock = native.module_lock()


class SessionManager:
    """One object for the process: `SessionManager() is SessionManager()`.

    Its configuration objects can be changed and replaced; what is none of their type raises TypeError.

    Attributes:
        ringtone_config: Looked up when a ringtone is needed.
        rtp_config: Copied into each new Session.
        msrp_config: Copied into each new Session.
    """

    ringtone_config = checking.Instance(RingtoneConfiguration)
    rtp_config = checking.Instance(RTPConfiguration)
    msrp_config = checking.Instance(MSRPConfiguration)

    _instance: SessionManager | None = None
    _sessions: dict[int, Session]

    _emptied: Flag | None

    def __new__(cls) -> SessionManager:
        """Return the one manager."""
        if cls._instance is not None:
            return cls._instance
        with _lock:
            if cls._instance is None:
                instance = super().__new__(cls)
                instance.ringtone_config = RingtoneConfiguration()
                instance.rtp_config = RTPConfiguration()
                instance.msrp_config = MSRPConfiguration()
                instance._sessions = {}
                instance._emptied = None
                cls._instance = instance
            return cls._instance

    @property
    def sessions(self) -> list[Session]:
        """The sessions that are neither NULL nor TERMINATED; a new list each time."""
        return [each for each in tuple(self._sessions.values()) if each.current_state is not State.TERMINATED]

    def add(self, session: Session) -> None:
        """Count `session` as active; the session does this itself."""
        self._sessions[id(session)] = session

    def remove(self, session: Session) -> None:
        """Count `session` as active no more; the session does this itself."""
        self._sessions.pop(id(session), None)
        emptied = self._emptied  # once: whoever waits in another thread may stop just now
        if emptied is not None and not self._sessions:
            emptied.set()

    def forget_all(self) -> None:
        """Count no session as active: they are another process's."""
        self._sessions = {}

    def wait_until_empty(self, seconds: float) -> bool:
        """Wait until no session is active, for so many seconds at the most; tell whether that came to be."""
        self._emptied = emptied = Flag()
        if self._sessions:
            emptied.wait(seconds)
        self._emptied = None
        return not self._sessions
