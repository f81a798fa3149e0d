"""What a session is: everything that can be read of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sipsimple.api import checking
from sipsimple.api.configuration import MSRPConfiguration, RTPConfiguration
from sipsimple.api.session.audio_facts import AudioFacts
from sipsimple.api.session.manager import SessionManager
from sipsimple.api.uri import SIPURI
from sipsimple.errors import RemoteProtocolError, SIPCoreError
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.usage.change import outlook
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from datetime import datetime

    from sipsimple.actors.runtime import Ref
    from sipsimple.api.chat.chat import MSRPChat
    from sipsimple.api.identity import Credentials, Route
    from sipsimple.protocols.sip.usage.call import Call

_NOWHERE = "invalid"
"""Host of a party that named none (RFC 2606)."""


class Ahead(NamedTuple):
    """Where a command leads that the actor was told and has not carried out yet.

    It counts until the actor has taken the command, or has left the state in
    which it was given, or has crashed, which may have cost it the command.
    """

    since: State
    state: State
    restarts: int
    number: int


class Given(NamedTuple):
    """A change that the actor was told to make; it counts until he has taken it, or a crash may have cost it."""

    command: object
    restarts: int
    number: int


class SessionFacts(AudioFacts):
    """The attributes of a session; what those are that have no docstring of their own says `Session`."""

    rtp_config = checking.Instance(RTPConfiguration)
    msrp_config = checking.Instance(MSRPConfiguration)

    def __init__(self) -> None:
        super().__init__()
        manager = SessionManager()
        self.rtp_config = manager.rtp_config.copy()
        self.msrp_config = manager.msrp_config.copy()
        self.start_time: datetime | None = None
        self.stop_time: datetime | None = None
        self.credentials: Credentials | None = None
        self.route: Route | None = None
        self.authenticated_user: str | None = None
        self.has_ended = False
        self._ref: Ref | None = None
        self._chat: MSRPChat | None = None
        self._ahead: Ahead | None = None
        self._given: tuple[Given, ...] = ()
        self._count = 0
        self._uris: tuple[SIPURI, SIPURI] | None = None

    def __repr__(self) -> str:
        return f"<Session {self.direction or 'new'} {self.state} {self.remote_uri or ''}>"

    @property
    def call(self) -> Call | None:
        """The last committed state of the call behind this session; None before there is one."""
        return None if self._ref is None else self._ref.state

    @property
    def state(self) -> str:
        """NULL, CALLING, INCOMING, ACCEPTING, ESTABLISHED, PROPOSING, PROPOSED, TERMINATING or TERMINATED."""
        return self.current_state.value

    @property
    def current_state(self) -> State:
        """The committed state, or where a command leads that was given and is not carried out yet."""
        committed, ahead = self._committed(), self._ahead
        if ahead is not None and self._is_due(ahead, committed):
            return ahead.state
        return committed

    def _is_due(self, ahead: Ahead, committed: State) -> bool:
        taken = 0 if self.call is None else self.call.taken
        return ahead.since is committed and ahead.restarts == self._restarts() and taken < ahead.number

    def _committed(self) -> State:
        call = self.call
        return State.NULL if call is None else call.state

    def _restarts(self) -> int:
        return 0 if self._ref is None else self._ref.restarts

    def _go_ahead(self, state: State) -> None:
        self._ahead = Ahead(self._committed(), state, self._restarts(), self._count + 1)

    def _open(self) -> tuple[Given, ...]:
        call, restarts = self.call, self._restarts()
        taken = 0 if call is None else call.taken
        return tuple([each for each in self._given if each.number > taken and each.restarts == restarts])

    def _untaken(self) -> tuple[object, ...]:
        """Return the changes that the actor was told to make and has not taken yet, oldest first."""
        return tuple([each.command for each in self._open()])

    def _waiting(self) -> tuple[object, ...]:
        """Return the changes that were not begun, oldest first."""
        call = self.call
        return self._untaken() if call is None else (*call.commands, *self._untaken())

    @property
    def direction(self) -> str | None:
        """`"incoming"`, `"outgoing"`, or None while NULL."""
        call = self.call
        if call is not None and call.direction is not None:
            return call.direction
        return "outgoing" if self.credentials is not None else None

    @property
    def local_uri(self) -> SIPURI | None:
        """The local party; None while NULL."""
        return self._parties()[0]

    @property
    def remote_uri(self) -> SIPURI | None:
        """The remote party; None while NULL."""
        return self._parties()[1]

    @property
    def caller_uri(self) -> SIPURI | None:
        """The party that called; None while NULL."""
        return self.remote_uri if self.direction == "incoming" else self.local_uri

    @property
    def callee_uri(self) -> SIPURI | None:
        """The party that was called; None while NULL."""
        return self.local_uri if self.direction == "incoming" else self.remote_uri

    def _parties(self) -> tuple[SIPURI, SIPURI] | tuple[None, None]:
        if self._uris is None:
            call = self.call
            if call is None or call.direction is None:
                return None, None
            host = call.flow.remote[0] if call.flow is not None else _NOWHERE
            self._uris = party(call.local, host), party(call.remote, host)
        return self._uris

    @property
    def remote_user_agent(self) -> str | None:
        """What the peer calls itself; None until it said so."""
        return None if self.call is None else self.call.remote_user_agent

    @property
    def on_hold_by_local(self) -> bool:
        """Whether this side put the session on hold; a hold that waits for its turn counts."""
        return self.call is not None and outlook.is_held(self.call, self._waiting())

    @property
    def on_hold_by_remote(self) -> bool:
        """Whether the peer put the session on hold."""
        return self.call is not None and self.call.held_by_remote

    @property
    def on_hold(self) -> bool:
        """Whether either side put the session on hold."""
        return self.on_hold_by_local or self.on_hold_by_remote

    def _has(self, kind: str) -> bool:
        call = self.call
        return call is not None and call.has(kind) and not outlook.is_leaving(kind, self._waiting())

    @property
    def has_chat(self) -> bool:
        """Whether the session has a chat stream, running or being set up, that nobody asked to remove."""
        return self._has("chat")

    @property
    def chat_transport(self) -> MSRPChat | None:
        """The chat stream, if there is one."""
        return self._chat if self.has_chat else None


def party(text: str, host: str) -> SIPURI:
    """Return the party that a From or To names.

    One that is named otherwise than by a SIP URI, as in `tel:+3161234`, becomes
    the user of that name at `host` (RFC 3261 19.1.6).
    """
    try:
        return SIPURI.parse(text)
    except (SIPCoreError, ValueError):
        user, display = _other_name(text)
        return SIPURI(host, user, display=display)


def _other_name(text: str) -> tuple[str | None, str | None]:
    try:
        address = Address.parse(text)
        return address.uri.opaque.partition(";")[0] or address.uri.user, None
    except RemoteProtocolError:
        return None, None
