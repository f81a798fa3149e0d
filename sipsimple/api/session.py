"""`Session`: one call as applications hold it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sipsimple.api import native
from sipsimple.api.identity import Credentials, Route, checked_credentials
from sipsimple.api.manager import SessionManager
from sipsimple.api.notification import NotificationData
from sipsimple.api.uri import SIPURI
from sipsimple.errors import MediaFailed, SessionStateError, SIPSimpleError
from sipsimple.protocols.sip.usage.call import Call
from sipsimple.protocols.sip.usage.events import Abandoned, Accept, Connect, Reject, Terminate
from sipsimple.protocols.sip.usage.state import State, Stimulus
from sipsimple.protocols.sip.usage.table import allowed, led_to

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Ref
    from sipsimple.api.chat import MSRPChat
    from sipsimple.api.delivery import NotificationQueue

_lock = native.new_lock()
"""Held while a command is checked and told, so that two threads cannot both give the same command."""


class Session:
    """A SIP session with its media streams, incoming or outgoing.

    Every method may be called from any thread and any greenlet, also from
    within an observer, and returns at once; what comes of it is told by
    notifications. A wrong call raises SessionStateError and changes nothing.

    Attributes:
        start_time: When the session started: naive local time of SCSessionWillStart; None before.
        stop_time: When it stopped; None before, and for a session that never started.
        credentials: A copy of what `connect()` was given; None for an incoming session.
        route: Likewise.
    """

    def __init__(self) -> None:
        manager = SessionManager()
        self.rtp_config = manager.rtp_config.copy()
        self.msrp_config = manager.msrp_config.copy()
        self.start_time: datetime | None = None
        self.stop_time: datetime | None = None
        self.credentials: Credentials | None = None
        self.route: Route | None = None
        self._ref: Ref | None = None
        self._chat: MSRPChat | None = None
        self._queue: NotificationQueue | None = None
        self._early: tuple[object, ...] = ()
        self._ahead: tuple[State, State] | None = None
        self._uris: tuple[SIPURI, SIPURI] | None = None

    def __repr__(self) -> str:
        return f"<Session {self.direction or 'new'} {self.state} {self.remote_uri or ''}>"

    # ------------------------------------------------------------ reading

    @property
    def call(self) -> Call | None:
        """The last committed state of the call behind this session; None before there is one."""
        return None if self._ref is None else self._ref.state

    @property
    def state(self) -> str:
        """NULL, CALLING, INCOMING, ACCEPTING, ESTABLISHED, TERMINATING or TERMINATED."""
        return self._state().value

    def _state(self) -> State:
        """The committed state, or where a command leads that was given and is not carried out yet."""
        call = self.call
        committed = State.NULL if call is None else call.state
        ahead = self._ahead
        return ahead[1] if ahead is not None and ahead[0] is committed else committed

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
            self._uris = SIPURI.parse(call.local), SIPURI.parse(call.remote)
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

    # ----------------------------------------------------------- commands

    def connect(
        self,
        callee_uri: SIPURI,
        credentials: Credentials,
        route: Route | None = None,
        audio: bool = False,
        chat: bool = False,
    ) -> None:
        """Call `callee_uri`, proposing the given streams.

        The streams are prepared first, then the INVITE goes out with our offer.
        Without `route` it goes where the host of `callee_uri` says.

        Args:
            callee_uri: Whom to call.
            credentials: Who calls.
            route: The outbound proxy, or the peer itself.
            audio: Propose audio.
            chat: Propose a chat.

        Raises:
            SessionStateError: The session is not NULL.
            ValueError: No stream is proposed.
            TypeError: An argument is of the wrong type.
            SIPCoreError: The engine does not run, or audio is asked for where there is none.

        Notifications:
            SCSessionChangedState to CALLING, SCSessionNewOutgoing, SCSessionGotRingIndication for each
            180; then SCSessionWillStart, SCSessionChangedState to ESTABLISHED and SCSessionDidStart; or
            SCSessionChangedState to TERMINATED, SCSessionDidFail and SCSessionDidEnd.

        RFC: 3261 13.2, 3264 5.
        """
        from sipsimple.api.engine import Engine

        kinds = _chosen(audio, chat)
        if not isinstance(callee_uri, SIPURI):
            raise TypeError(f"callee_uri must be a SIPURI, not {type(callee_uri).__name__}")
        if route is not None and not isinstance(route, Route):
            raise TypeError(f"route must be a Route, not {type(route).__name__}")
        local = checked_credentials(credentials)
        _refuse_audio(audio)
        command = Connect(
            local=local.uri.name_addr(),
            remote=callee_uri.name_addr(),
            request_uri=str(callee_uri.uri()),
            kinds=kinds,
            routes=() if route is None else (route.header_value(),),
        )
        with _lock:
            self._require("connect", Stimulus.CONNECT)
            self._ahead = State.NULL, State.CALLING
            self.credentials = local
            self.route = None if route is None else route.copy()
            self._uris = local.uri.copy(), callee_uri.copy()
        try:
            Engine().core.call_out(self, command)
        except SIPSimpleError:
            self._ahead, self.credentials, self.route, self._uris = None, None, None, None
            raise

    new = connect

    def accept(self, audio: bool = False, chat: bool = False, password: str | None = None) -> None:
        """Answer an incoming session with the given streams.

        The streams are prepared first, then 200 OK goes out with the answer; a
        proposed stream that is not accepted is answered with port 0.

        Args:
            audio: Accept the proposed audio.
            chat: Accept the proposed chat.
            password: Of the local SIP URI, to reserve a path at the MSRP relay.

        Raises:
            SessionStateError: The session is not INCOMING.
            ValueError: Nothing is accepted, or a stream that was not proposed.
            SIPCoreError: Audio is asked for where there is none.

        Notifications:
            SCSessionChangedState to ACCEPTING, SCSessionWillStart when the 200 OK is sent,
            SCSessionDidStart when the ACK came; or SCSessionDidFail, code 408 if no ACK came within
            64*T1 (32 s by default), then SCSessionDidEnd.

        RFC: 3261 13.3.1.4, 3264 6.
        """
        kinds = _chosen(audio, chat)
        with _lock:
            self._require("accept", Stimulus.ACCEPT)
            for kind in kinds:
                if self.call is None or not self.call.proposes(kind):
                    raise ValueError(f"{kind} was not proposed")
            _refuse_audio(audio)
            self._command(Stimulus.ACCEPT, Accept(kinds, password))

    def reject(self, code: int = 486) -> None:
        """Refuse an incoming session; silent when it has ended already.

        Args:
            code: Status to answer with, 300 to 699.

        Raises:
            SessionStateError: The session is not INCOMING, nor over.
            ValueError: The code is no final failure.

        Notifications:
            SCSessionChangedState to TERMINATING, SCSessionWillEnd, SCSessionChangedState to
            TERMINATED, SCSessionDidEnd(local).

        RFC: 3261 13.3.1.3.
        """
        if not 300 <= code <= 699:
            raise ValueError(f"code must be 300 to 699, not {code!r}")
        with _lock:
            if self._state() is State.TERMINATED:
                return
            self._require("reject", Stimulus.REJECT)
            self._command(Stimulus.REJECT, Reject(code))

    def terminate(self) -> None:
        """End the session; silent when there is nothing to end.

        Sends CANCEL, an error status or BYE, as the state asks for.

        Notifications:
            SCSessionChangedState to TERMINATING, SCSessionWillEnd; when the peer answered or is
            given up, SCSessionChangedState to TERMINATED, SCSessionDidEnd(local).

        RFC: 3261 9.1, 15.
        """
        with _lock:
            if self._state() not in allowed(Stimulus.TERMINATE):
                return
            self._command(Stimulus.TERMINATE, Terminate())

    def send_message(
        self,
        content: str | bytes,
        content_type: str = "text/plain",
        to_uri: SIPURI | None = None,
        dt: datetime | None = None,
    ) -> str:
        """Send a message over the chat stream and return its id.

        Args:
            content: The body; text is sent as UTF-8.
            content_type: Of the body.
            to_uri: For the To of the CPIM wrapper; the remote party by default.
            dt: For its DateTime; now by default.

        Raises:
            SessionStateError: The session is not ESTABLISHED, or has no chat.
            MSRPChatError: The peer takes no such content.

        Notifications:
            SCSessionDidDeliverMessage or SCSessionDidNotDeliverMessage with this id, once.

        RFC: 4975 7.1.
        """
        state = self._state()
        chat = self.chat_transport
        if state is not State.ESTABLISHED or chat is None:
            shown = state if state is not State.ESTABLISHED else "ESTABLISHED without chat"
            raise SessionStateError("send_message", shown, ("ESTABLISHED with chat",))
        return chat.send_message(content, content_type, to_uri, dt)

    def _require(self, method: str, stimulus: Stimulus) -> None:
        state = self._state()
        states = allowed(stimulus)
        if state not in states:
            raise SessionStateError(method, state, states)

    def _command(self, stimulus: Stimulus, command: object) -> None:
        state = self._state()
        ref = self._ref
        if ref is None:  # another thread is just within connect()
            self._early += (command,)
            self._ahead = State.NULL, led_to(state, stimulus)
            return
        self._ahead = ref.state.state, led_to(state, stimulus)
        ref.tell(command)

    # -------------------------------------------- for the engine's use only

    def attach(self, ref: Ref, queue: NotificationQueue, *commands: object) -> None:
        """Be the face of the actor `ref`, which gets `commands` first; the engine calls this."""
        with _lock:
            self._ref, self._queue = ref, queue
            for command in (*commands, *self._early):
                ref.tell(command)
            self._early = ()

    def attach_successor(self, ref: Ref, command: object) -> None:
        """Go on with another actor, which has the last state of the one before."""
        self._ref = ref
        ref.tell(command)

    def abandon(self, reason: str) -> None:
        """End at once because of `reason`, whatever the peer does."""
        if self._ref is not None:
            self._ref.tell(Abandoned(reason))

    def give_up(self, reason: str) -> None:
        """Tell the end of a session for which no actor can be had any more."""
        state = self._state()
        if state is State.TERMINATED:
            return
        self._ahead = state, State.TERMINATED
        self.notify("SCSessionChangedState", {"prev_state": state.value, "state": State.TERMINATED.value})
        self.notify("SCSessionDidFail", {"originator": "local", "code": 0, "reason": reason})
        self.notify("SCSessionDidEnd", {"originator": "local"})

    def attach_chat(self, chat: MSRPChat) -> None:
        """Have a chat stream; the engine calls this."""
        self._chat = chat

    def post(self, sender: object, name: str, data: NotificationData) -> None:
        """Post a notification of this session or of a stream of it, in their common order."""
        if self._queue is not None:
            self._queue.post(sender, name, data)

    def notify(self, name: str, data: Mapping[str, Any]) -> None:
        """Post a notification of this session, with the facts that go with it; its actor calls this."""
        if name == "SCSessionWillStart":
            self.start_time = datetime.now()
        elif name == "SCSessionChangedState":
            self._follow(data["state"])
        self.post(self, name, NotificationData(**data))

    def _follow(self, state: str) -> None:
        if state == State.INCOMING:
            SessionManager().add(self)
        elif state == State.TERMINATED:
            SessionManager().remove(self)
            if self.start_time is not None:
                self.stop_time = datetime.now()


def _chosen(audio: bool, chat: bool) -> tuple[str, ...]:
    kinds = tuple(kind for kind, wanted in (("audio", audio), ("chat", chat)) if wanted)
    if not kinds:
        raise ValueError("at least one of audio and chat must be True")
    return kinds


def _refuse_audio(audio: bool) -> None:
    if audio:
        raise MediaFailed("audio is not available in this version")
