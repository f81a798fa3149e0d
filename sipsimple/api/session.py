"""`Session`: one call as applications hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.api.calling import outgoing
from sipsimple.api.manager import SessionManager
from sipsimple.api.session_audio import AudioCommands
from sipsimple.api.session_commands import chosen, lock, require_audio_engine
from sipsimple.api.session_streams import StreamCommands
from sipsimple.errors import SessionStateError
from sipsimple.protocols.sip.usage.events import Accept, Reject, Terminate
from sipsimple.protocols.sip.usage.state import State, Stimulus
from sipsimple.protocols.sip.usage.table import allowed
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sipsimple.api.identity import Credentials, Route
    from sipsimple.api.transfer import MSRPFileTransfer
    from sipsimple.api.uri import SIPURI


class Session(StreamCommands, AudioCommands):
    """A SIP session with its media streams, incoming or outgoing.

    Every method may be called from any thread and any greenlet, also from
    within an observer, and returns at once; what comes of it is told by
    notifications. A wrong call raises SessionStateError and changes nothing.
    """

    def connect(
        self,
        callee_uri: SIPURI,
        credentials: Credentials,
        route: Route | None = None,
        audio: bool = False,
        chat: bool = False,
        files: Iterable[MSRPFileTransfer] = (),
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
            files: Propose these transfers, each made for this. A session of nothing but files ends when they have
                arrived.

        Raises:
            SessionStateError: The session is not NULL.
            ValueError: No stream is proposed, an address was given a bad value since it was made, or a transfer
                cannot be proposed.
            TypeError: An argument is of the wrong type.
            SIPCoreError: The engine does not run, or a `sips:` URI would be called in clear.
            MediaFailed: Audio is asked for where there is no audio engine; the text says why.

        Notifications:
            SCSessionChangedState to CALLING, SCSessionNewOutgoing, SCSessionGotRingIndication for each
            180; then SCSessionWillStart, SCSessionChangedState to ESTABLISHED and SCSessionDidStart; or
            SCSessionChangedState to TERMINATED, SCSessionDidFail and SCSessionDidEnd.

        RFC: 3261 13.2, 19.1.1, 26.2.2; 3264 5.
        """
        from sipsimple.api.engine import Engine

        transfers = self._to_propose(files)
        kinds = chosen(audio, chat, transfers)
        call = outgoing(callee_uri, credentials, route, kinds)
        require_audio_engine(kinds)
        with lock:
            self._require("connect", Stimulus.CONNECT)
            command = replace(call.command, kinds=(*kinds, *self._adopt(transfers)))
            self._go_ahead(State.CALLING)
            self._count()
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
            self._given = 0
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
        proposed stream that is not accepted is answered with port 0.

        Args:
            audio: Accept the proposed audio.
            chat: Accept the proposed chat.
            password: Of the local SIP URI, to reserve a path at the MSRP relay.
            files: Accept these of the proposed files. One to receive goes to its `save_directory`, which is that of
                `msrp_config` by default; one that the peer asks for needs its `file_path`.

        Raises:
            SessionStateError: The session is not INCOMING.
            ValueError: Nothing is accepted, or a stream that was not proposed, or a file that has no place.
            MediaFailed: Audio is asked for where there is no audio engine; the text says why.

        Notifications:
            SCSessionChangedState to ACCEPTING, SCSessionWillStart when the 200 OK is sent,
            SCSessionDidStart when the ACK came; or SCSessionDidFail, code 408 if no ACK came within
            64*T1 (32 s by default), then SCSessionDidEnd.

        RFC: 3261 13.3.1.4, 3264 6.
        """
        files = tuple(files)
        kinds = chosen(audio, chat, files)
        with lock:
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

    def terminate(self) -> None:
        """End the session; silent when there is nothing to end.

        Sends CANCEL, an error status or BYE, as the state asks for.

        Notifications:
            SCSessionChangedState to TERMINATING, SCSessionWillEnd; when the peer answered or is
            given up, SCSessionChangedState to TERMINATED, SCSessionDidEnd(local).

        RFC: 3261 9.1, 15.
        """
        with lock:
            if self.current_state not in allowed(Stimulus.TERMINATE):
                return
            transfers = [transfer for _, transfer in self._files if transfer.is_taken]
            self._command(Stimulus.TERMINATE, Terminate())
        for transfer in transfers:
            transfer.leave()

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
        return chat.send_message(content, content_type, to_uri, dt)

    def _set_active(self, is_active: bool) -> None:
        manager = SessionManager()
        if is_active:
            manager.add(self)
        else:
            manager.remove(self)
