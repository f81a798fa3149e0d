"""What a session is: everything that can be read of it, and how it follows the actor behind it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sipsimple.api.manager import SessionManager
from sipsimple.api.notification import NotificationData
from sipsimple.api.uri import SIPURI
from sipsimple.errors import RemoteProtocolError, SIPCoreError
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.usage.events import Abandoned
from sipsimple.protocols.sip.usage.failure import Failure
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.actors.runtime import Ref
    from sipsimple.api.chat import MSRPChat
    from sipsimple.api.delivery import NotificationQueue
    from sipsimple.api.identity import Credentials, Route
    from sipsimple.protocols.sip.usage.call import Call

_NOWHERE = "invalid"
"""Host of a party that named none (RFC 2606)."""


class Ahead(NamedTuple):
    """Where a command leads that the actor was told and has not carried out yet.

    It counts while the actor is in the state that it was in, and has not
    crashed: a crash may have cost it the command.
    """

    since: State
    state: State
    restarts: int


class SessionFacts:
    """The attributes of a session.

    Attributes:
        start_time: When the session started: naive local time of SCSessionWillStart; None before.
        stop_time: When it stopped; None before, and for a session that never started.
        credentials: A copy of what `connect()` was given; None for an incoming session.
        route: Likewise.
        has_ended: SCSessionDidEnd was posted.
    """

    def __init__(self) -> None:
        manager = SessionManager()
        self.rtp_config = manager.rtp_config.copy()
        self.msrp_config = manager.msrp_config.copy()
        self.start_time: datetime | None = None
        self.stop_time: datetime | None = None
        self.credentials: Credentials | None = None
        self.route: Route | None = None
        self.has_ended = False
        self._ref: Ref | None = None
        self._chat: MSRPChat | None = None
        self._queue: NotificationQueue | None = None
        self._ahead: Ahead | None = None
        self._uris: tuple[SIPURI, SIPURI] | None = None
        self._held: list[tuple[str, Mapping[str, Any]]] = []

    def __repr__(self) -> str:
        return f"<Session {self.direction or 'new'} {self.state} {self.remote_uri or ''}>"

    @property
    def call(self) -> Call | None:
        """The last committed state of the call behind this session; None before there is one."""
        return None if self._ref is None else self._ref.state

    @property
    def state(self) -> str:
        """NULL, CALLING, INCOMING, ACCEPTING, ESTABLISHED, TERMINATING or TERMINATED."""
        return self.current_state.value

    @property
    def current_state(self) -> State:
        """The committed state, or where a command leads that was given and is not carried out yet."""
        committed, ahead = self._committed(), self._ahead
        if ahead is not None and ahead.since is committed and ahead.restarts == self._restarts():
            return ahead.state
        return committed

    def _committed(self) -> State:
        call = self.call
        return State.NULL if call is None else call.state

    def _restarts(self) -> int:
        return 0 if self._ref is None else self._ref.restarts

    def _go_ahead(self, state: State) -> None:
        self._ahead = Ahead(self._committed(), state, self._restarts())

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
        call = self.call
        if self._uris is None and call is not None and call.direction is not None:
            host = call.flow.remote[0] if call.flow is not None else _NOWHERE
            self._uris = party(call.local, host), party(call.remote, host)
        return self._uris or (None, None)

    @property
    def remote_user_agent(self) -> str | None:
        """What the peer calls itself; None until it said so."""
        return None if self.call is None else self.call.remote_user_agent

    @property
    def on_hold_by_local(self) -> bool:
        """Whether this side put the session on hold."""
        return False

    @property
    def on_hold_by_remote(self) -> bool:
        """Whether the peer put the session on hold."""
        return False

    @property
    def on_hold(self) -> bool:
        """Whether either side put the session on hold."""
        return self.on_hold_by_local or self.on_hold_by_remote

    @property
    def has_chat(self) -> bool:
        """Whether the session has a chat stream, running or being set up."""
        return self.call is not None and self.call.has("chat")

    @property
    def chat_transport(self) -> MSRPChat | None:
        """The chat stream, if there is one."""
        return self._chat if self.has_chat else None

    @property
    def has_audio(self) -> bool:
        """Whether the session has an audio stream."""
        return False

    audio_transport = None
    audio_sample_rate = None
    audio_codec = None
    audio_srtp_active = False
    audio_local_rtp_address = None
    audio_local_rtp_port = None
    audio_remote_rtp_address_sdp = None
    audio_remote_rtp_port_sdp = None
    audio_remote_rtp_address_received = None
    audio_remote_rtp_port_received = None
    audio_was_received = False
    audio_recording_file_name = None

    # For the engine's use only

    @property
    def ref(self) -> Ref | None:
        """The actor behind this session; None before there is one."""
        return self._ref

    @property
    def last_chat(self) -> MSRPChat | None:
        """The chat stream until it is over, whatever the session says of it."""
        return self._chat

    def attach_successor(self, ref: Ref, command: object) -> None:
        """Go on with another actor, which has the last state of the one before."""
        self._ref = ref
        ref.tell(command)

    def attach_chat(self, chat: MSRPChat) -> None:
        """Have a chat stream."""
        self._chat = chat

    def detach_chat(self) -> None:
        """Have none any more: it is over, and with it what an ended session had to wait for."""
        self._chat = None
        self._release()

    def abandon(self, reason: str) -> None:
        """End at once because of `reason`, whatever the peer does."""
        if self._ref is not None:
            self._ref.insist(Abandoned(reason))

    def give_up(self, reason: str) -> None:
        """Tell the end of a session for which no actor can be had any more.

        It is a failure, unless the session was ending already, or had ended, for another reason or for none.
        """
        self._release()
        if self.has_ended or self.direction is None:  # of an incoming one nobody has heard yet
            return
        call, state = self.call, self._committed()
        if state is not State.TERMINATED:
            self._go_ahead(State.TERMINATED)
            self._tell("SCSessionChangedState", {"prev_state": state.value, "state": State.TERMINATED.value})
        self._set_active(False)
        failure: Failure | None = Failure.local(0, reason)
        if call is not None and state in (State.TERMINATING, State.TERMINATED):
            failure = call.failure
        if failure is not None:
            data = {"originator": failure.originator, "code": failure.code, "reason": failure.reason}
            self._tell("SCSessionDidFail", data)
        self._tell("SCSessionDidEnd", {"originator": "local" if failure is None else failure.originator})

    def post(self, sender: object, name: str, data: NotificationData) -> None:
        """Post a notification of this session or of a stream of it, in their common order."""
        if self._queue is not None:
            self._queue.post(sender, name, data)

    def notify(self, name: str, data: Mapping[str, Any]) -> None:
        """Post a notification of this session, with the facts that go with it; its actor calls this.

        The end is told when the chat has told its own: what became of its messages comes before.
        """
        if self._held or (self._chat is not None and data.get("state") == State.TERMINATED):
            self._held.append((name, data))
        else:
            self._tell(name, data)

    def _release(self) -> None:
        held, self._held = self._held, []
        for name, data in held:
            self._tell(name, data)

    def _tell(self, name: str, data: Mapping[str, Any]) -> None:
        if name == "SCSessionChangedState":
            self._follow(data["state"])
        elif name == "SCSessionWillStart":
            self.start_time = datetime.now()
        elif name == "SCSessionDidEnd":
            self.has_ended = True
        self.post(self, name, NotificationData(**data))

    def _follow(self, state: str) -> None:
        if state == State.INCOMING:
            self._set_active(True)
        elif state == State.TERMINATED:
            self._set_active(False)
            if self.start_time is not None:
                self.stop_time = datetime.now()

    def _set_active(self, is_active: bool) -> None:
        """Count as active, or no more."""
        raise NotImplementedError


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
