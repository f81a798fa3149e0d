"""`Session`: one call as applications hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.api.session.calling import outgoing
from sipsimple.api.session.commands import chosen, lock, require_audio_engine
from sipsimple.api.session.info import InfoCommands
from sipsimple.api.session.manager import SessionManager
from sipsimple.api.session.streams import StreamCommands
from sipsimple.api.session.transfer import TransferCommands
from sipsimple.errors import SessionStateError
from sipsimple.protocols.sip.headers.reason import Reason
from sipsimple.protocols.sip.usage.events import Accept, Reject, Terminate
from sipsimple.protocols.sip.usage.state import State, Stimulus
from sipsimple.protocols.sip.usage.table import allowed
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sipsimple.api.accounts.account import Account
    from sipsimple.api.identity import Credentials, Route
    from sipsimple.api.session.calling import Outgoing
    from sipsimple.api.transfer.transfer import MSRPFileTransfer
    from sipsimple.api.uri import SIPURI


class Session(TransferCommands, StreamCommands, InfoCommands):
    """A SIP session with its media streams, incoming or outgoing.

    Every method may be called from any thread and any greenlet, also from
    within an observer, and returns at once; what comes of it is told by
    notifications. A wrong call raises SessionStateError and changes nothing.

    Attributes:
        rtp_config: For the audio of this session: a copy of the manager's, to be changed or replaced before the call.
        msrp_config: For its chat and files, likewise.
        start_time: When the session started: naive local time of SCSessionWillStart; None before.
        stop_time: When it stopped; None before, and for a session that never started.
        credentials: A copy of what `connect()` was given; None for an incoming session.
        route: Likewise.
        authenticated_user: Who calls, as he has proven by his password (`Engine().start(authenticate=...)`); None where
            nobody asked.
        has_ended: SCSessionDidEnd was posted.
        replaces: The session whose place this incoming one takes, by Replaces (RFC 3891); None for most.
    """

    def connect(
        self,
        callee_uri: SIPURI,
        credentials: Credentials | None = None,
        route: Route | None = None,
        audio: bool = False,
        chat: bool = False,
        files: Iterable[MSRPFileTransfer] = (),
        follow_redirects: int = 0,
        *,
        account: Account | None = None,
    ) -> None:
        """Call `callee_uri`, proposing the given streams.

        The streams are prepared first, then the INVITE goes out with our offer.
        Without `route` it goes where the host of `callee_uri` says.

        Args:
            callee_uri: Whom to call.
            credentials: Who calls; by default the account.
            route: The outbound proxy, or the peer itself; by default that of the account.
            audio: Propose audio.
            chat: Propose a chat.
            files: Propose these transfers, each made for this. A session of nothing but files ends when they have
                arrived.
            follow_redirects: So many targets that a 3xx names may be called in its place, 0 to 16.
            account: Says what else is not given: how media are sent, and the way that its registrar asks for.

        Raises:
            SessionStateError: The session is not NULL.
            ValueError: No stream is proposed, an address was given a bad value since it was made, or a transfer
                cannot be proposed.
            TypeError: An argument is of the wrong type.
            SIPCoreError: The engine does not run, or a `sips:` URI would be called in clear.
            MediaFailed: Audio is asked for where there is no audio engine; the text says why.

        Notifications:
            SCSessionChangedState to CALLING, SCSessionNewOutgoing, SCSessionGotRingIndication for each
            180, SCSessionGotRedirect for each 3xx that may be followed; then SCSessionWillStart,
            SCSessionChangedState to ESTABLISHED and SCSessionDidStart; or SCSessionChangedState to
            TERMINATED, SCSessionDidFail and SCSessionDidEnd.

        RFC: 3261 8.1.3.4, 13.2, 19.1.1, 26.2.2; 3264 5.
        """
        transfers = self._to_propose(files)
        kinds = chosen(audio, chat, transfers)
        redirects = checking.integer("follow_redirects", follow_redirects, 0, 16)
        call = outgoing(callee_uri, credentials, route, kinds, redirects, account)
        require_audio_engine(kinds)
        self._place(call, kinds, transfers)

    def _place(self, call: Outgoing, kinds: tuple[str, ...], transfers: tuple[MSRPFileTransfer, ...]) -> None:
        from sipsimple.api.engine.engine import Engine

        with lock:
            self._require("connect", Stimulus.CONNECT)
            self.rtp_config = (call.rtp_config or self.rtp_config).copy()
            self.msrp_config = (call.msrp_config or self.msrp_config).copy()
            command = replace(call.command, kinds=(*kinds, *self._adopt(transfers)))
            self._go_ahead(State.CALLING)
            self._note_given(command)
            self.credentials, self.route = call.credentials, call.route
            self._uris = call.credentials.uri.copy(), call.callee
        self._set_active(True)
        try:
            Engine().core.place_call(self, command)
        except BaseException:
            self._take_back()
            raise

    def _take_back(self) -> None:
        """Be NULL again: nothing came of `connect()`."""
        self._set_active(False)
        with lock:
            self._ahead, self.credentials, self.route, self._uris, self._early = None, None, None, None, ()
            self._given, self._count = (), 0
            self._disown([transfer for _, transfer in self._files])

    new = connect

    def accept(
        self,
        audio: bool = False,
        chat: bool = False,
        password: str | None = None,
        files: Iterable[MSRPFileTransfer] = (),
    ) -> None:
        """Answer an incoming session with the given streams.

        The streams are prepared first, then 200 OK goes out with the answer; a
        proposed stream that is not accepted is answered with port 0. A session that takes the place of another one
        (`replaces`) is accepted without the application: then nothing happens.

        Args:
            audio: Accept the proposed audio.
            chat: Accept the proposed chat.
            password: Of the local SIP URI: to reserve a path at the MSRP relay, and for challenges to our requests.
            files: Accept these of the proposed files. One to receive goes to its `save_directory`, which is that of
                `msrp_config` by default; one that the peer asks for needs its `file_path`.

        Raises:
            SessionStateError: The session is not INCOMING.
            ValueError: Nothing is accepted, or a stream that was not proposed, or a file that has no place.
            TypeError: An argument is of the wrong type.
            MediaFailed: Audio is asked for where there is no audio engine; the text says why.

        Notifications:
            SCSessionChangedState to ACCEPTING, SCSessionWillStart when the 200 OK is sent,
            SCSessionDidStart when the ACK came; or SCSessionDidFail, code 408 if no ACK came within
            64*T1 (32 s by default), then SCSessionDidEnd.

        RFC: 3261 13.3.1.4, 3264 6.
        """
        files = tuple(files)
        kinds = chosen(audio, chat, files)
        checking.secret_or_none("password", password)
        with lock:
            if self.replaces is not None and self.current_state is not State.INCOMING:
                return
            self._require("accept", Stimulus.ACCEPT)
            require_audio_engine(kinds)
            names = self._to_accept(files)
            for kind in kinds:
                if self.call is None or not self.call.proposes(kind):
                    raise ValueError(f"{kind} was not proposed")
            self._command(Stimulus.ACCEPT, Accept((*kinds, *names), password))

    def reject(self, code: int = 486) -> None:
        """Refuse an incoming session; silent when it has ended already.

        Args:
            code: Status to answer with, 300 to 699.

        Raises:
            SessionStateError: The session is not INCOMING, nor over.
            ValueError: The code is no final failure.
            TypeError: It is no int.

        Notifications:
            SCSessionChangedState to TERMINATING, SCSessionWillEnd, SCSessionChangedState to
            TERMINATED, SCSessionDidEnd(local).

        RFC: 3261 13.3.1.3.
        """
        checking.integer("code", code, 300, 699)
        with lock:
            if self.current_state is State.TERMINATED:
                return
            self._require("reject", Stimulus.REJECT)
            self._command(Stimulus.REJECT, Reject(code))

    def terminate(self, reason: str | None = None, cause: int | None = None) -> None:
        """End the session; silent when there is nothing to end.

        Sends CANCEL, an error status or BYE, as the state asks for.

        Args:
            reason: What the peer is told by the Reason of a CANCEL or BYE, such as "Call completed elsewhere".
            cause: The SIP status that goes with it, 100 to 699, such as 200.

        Raises:
            TypeError: An argument is of the wrong type.
            ValueError: The reason is not one line of text, or the cause no status.

        Notifications:
            SCSessionChangedState to TERMINATING, SCSessionWillEnd; when the peer answered or is
            given up, SCSessionChangedState to TERMINATED, SCSessionDidEnd(local).

        RFC: 3261 9.1, 15; 3326 2.
        """
        text = "" if reason is None else checking.line("reason", reason)
        code = None if cause is None else checking.integer("cause", cause, 100, 699)
        why = str(Reason("SIP", code, text)) if text or code is not None else ""
        with lock:
            if self.current_state not in allowed(Stimulus.TERMINATE):
                return
            transfers = [transfer for _, transfer in self._files if transfer.is_taken]
            self._command(Stimulus.TERMINATE, Terminate(why))
        for transfer in transfers:
            transfer.leave()

    def send_message(
        self,
        content: str | bytes,
        content_type: str = "text/plain",
        to_uri: SIPURI | None = None,
        dt: datetime | None = None,
        disposition: Iterable[str] = (),
    ) -> str:
        """Send a message over the chat stream and return its id.

        Args:
            content: The body; text is sent as UTF-8.
            content_type: Of the body.
            to_uri: For the To of the CPIM wrapper; the remote party by default.
            dt: For its DateTime; now by default.
            disposition: What to be told of it by the recipient, as for `MSRPChat.send_message()`.

        Raises:
            SessionStateError: The session is not ESTABLISHED, or has no chat.
            TypeError: An argument is of the wrong type.
            ValueError: The content type is none, or its charset cannot write the text.
            MSRPChatError: The peer takes no such content.

        Notifications:
            SCSessionDidDeliverMessage or SCSessionDidNotDeliverMessage with this id, once.

        RFC: 4975 7.1.
        """
        state = self.current_state
        chat = self.chat_transport
        if state is not State.ESTABLISHED or chat is None:
            shown = state if state is not State.ESTABLISHED else "ESTABLISHED without chat"
            raise SessionStateError("send_message", shown, ("ESTABLISHED with chat",))
        return chat.send_message(content, content_type, to_uri, dt, disposition)

    def _new_session(self) -> Session:
        return type(self)()

    def _set_active(self, is_active: bool) -> None:
        manager = SessionManager()
        if is_active:
            manager.add(self)
        else:
            manager.remove(self)
