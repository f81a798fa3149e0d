"""The methods of a session that change what an established session consists of: hold, streams, proposals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api import checking
from sipsimple.api.session.commands import SessionCommands, chosen, lock, require_audio_engine
from sipsimple.errors import SessionStateError
from sipsimple.protocols.sip.usage.change import outlook
from sipsimple.protocols.sip.usage.events import AcceptProposal, AddStream, Hold, RejectProposal, RemoveStream, Unhold
from sipsimple.protocols.sip.usage.state import State, Stimulus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sipsimple.api.transfer.transfer import MSRPFileTransfer


class StreamCommands(SessionCommands):
    """Hold, unhold, add, remove, and the answer to proposals.

    What these ask for goes out as a re-INVITE, one after the other, when no
    other INVITE of either side is pending.
    """

    def __init__(self) -> None:
        super().__init__()
        self._answered: tuple[int, int] | None = None

    @property
    def proposed_audio(self) -> bool:
        """Whether the proposal that waits for an answer, ours or the peer's, has audio."""
        return self._is_proposed("audio")

    @property
    def proposed_chat(self) -> bool:
        """Whether the proposal that waits for an answer, ours or the peer's, has a chat."""
        return self._is_proposed("chat")

    def _is_proposed(self, kind: str) -> bool:
        """Tell whether `kind` is on the table, or will be as soon as the actor takes what it was told."""
        call = self.call
        if call is None:
            return False
        is_ahead = self.current_state is State.PROPOSING and call.state is State.ESTABLISHED
        return AddStream(kind) in self._untaken() if is_ahead else kind in call.proposal

    def hold(self) -> None:
        """Put the session on hold: nothing of ours is sent, the recording pauses.

        A session that is on hold already stays so. When the peer refuses, it is
        taken out of hold again.

        Raises:
            SessionStateError: The session is not ESTABLISHED.

        Notifications:
            SCSessionGotHoldRequest(local) when the re-INVITE is sent; SCSessionGotUnholdRequest(local)
            if it is refused.

        RFC: 3264 8.4; 3261 14.1.
        """
        with lock:
            self._require("hold", Stimulus.HOLD)
            self._tell_actor(Hold())

    def unhold(self) -> None:
        """Take the session out of hold; one that this side does not hold stays as it is.

        Raises:
            SessionStateError: The session is not ESTABLISHED.

        Notifications:
            SCSessionGotUnholdRequest(local) when the re-INVITE is sent; SCSessionGotHoldRequest(local)
            if it is refused.

        RFC: 3264 8.4; 3261 14.1.
        """
        with lock:
            self._require("unhold", Stimulus.UNHOLD)
            self._tell_actor(Unhold())

    def add_audio(self) -> None:
        """Propose to add an audio stream.

        Raises:
            SessionStateError: The session is not ESTABLISHED, or has audio.
            MediaFailed: There is no audio engine; the text says why.

        Notifications:
            SCSessionChangedState to PROPOSING, SCSessionGotStreamProposal(local), SCSessionChangedState
            to ESTABLISHED, then SCSessionAcceptedStreamProposal or SCSessionRejectedStreamProposal.

        RFC: 3264 8.1.
        """
        self._add("add_audio", "audio")

    def add_chat(self) -> None:
        """Propose to add a chat.

        Raises:
            SessionStateError: The session is not ESTABLISHED, or has a chat.

        Notifications:
            As for `add_audio()`; then those of the MSRPChat.

        RFC: 3264 8.1; 4975 8.
        """
        self._add("add_chat", "chat")

    def add_file(self, transfer: MSRPFileTransfer) -> None:
        """Propose to add a file; there may be any number of them, each proposed when the one before was answered.

        Args:
            transfer: To be proposed, made for this.

        Raises:
            SessionStateError: The session is not ESTABLISHED.
            ValueError: The transfer cannot be proposed.
            TypeError: It is none.

        Notifications:
            As for `add_audio()`; then those of the transfer. When the file has arrived the peer is told by a
            re-INVITE that its line has ended.

        RFC: 5547 8; 3264 8.1.
        """
        with lock:
            self._require("add_file", Stimulus.ADD_STREAM)
            (name,) = self._adopt(self._to_propose((transfer,)))
            self._propose(AddStream(name))

    def remove_file(self, transfer: MSRPFileTransfer) -> None:
        """Stop a transfer and tell the peer; what has come of the file stays for another attempt.

        Raises:
            SessionStateError: The session is not ESTABLISHED, does not have it, or has nothing else.

        Notifications:
            MSRPFileTransferWillEnd, MSRPFileTransferDidNotDeliverFile at the sender, MSRPFileTransferDidEnd.

        RFC: 3264 8.2.
        """
        name = next((kind for kind, each in self._files if each is transfer), "this file")
        self._remove("remove_file", name)

    def _add(self, method: str, kind: str) -> None:
        with lock:
            self._require(method, Stimulus.ADD_STREAM)
            if self.call is not None and kind in outlook.kinds(self.call, self._waiting()):
                raise SessionStateError(method, f"ESTABLISHED with {kind}", (f"ESTABLISHED without {kind}",))
            require_audio_engine((kind,))
            self._propose(AddStream(kind))

    def _propose(self, command: AddStream) -> None:
        """Be PROPOSING at once, unless another change comes first."""
        if self._untaken() or self.call is None or self.call.is_busy:
            self._tell_actor(command)
        else:
            self._command(Stimulus.ADD_STREAM, command)

    def remove_audio(self) -> None:
        """End the audio stream at once and tell the peer.

        Raises:
            SessionStateError: The session is not ESTABLISHED, has no audio, or has nothing else.

        Notifications:
            Those of a recording that ends with it.

        RFC: 3264 8.2.
        """
        self._remove("remove_audio", "audio")

    def remove_chat(self) -> None:
        """End the chat at once and tell the peer.

        Raises:
            SessionStateError: The session is not ESTABLISHED, has no chat, or has nothing else.

        Notifications:
            MSRPChatWillEnd, SCSessionDidNotDeliverMessage for what was not delivered, MSRPChatDidEnd.

        RFC: 3264 8.2.
        """
        self._remove("remove_chat", "chat")

    def _remove(self, method: str, kind: str) -> None:
        with lock:
            self._require(method, Stimulus.REMOVE_STREAM)
            call = self.call
            left = [each.kind for each in (() if call is None else call.streams) if self._has(each.kind)]
            if kind not in left:
                raise SessionStateError(method, f"ESTABLISHED without {kind}", (f"ESTABLISHED with {kind}",))
            if len(left) == 1:
                raise SessionStateError(method, f"ESTABLISHED with nothing but {kind}", ("ESTABLISHED with more",))
            self._tell_actor(RemoveStream(kind))

    def accept_proposal(
        self,
        password: str | None = None,
        audio: bool | None = None,
        chat: bool | None = None,
        files: Iterable[MSRPFileTransfer] | None = None,
    ) -> None:
        """Accept what the peer proposes to add.

        Args:
            password: Of the local SIP URI, to reserve a path at the MSRP relay.
            audio: Accept the proposed audio; None: if it is proposed.
            chat: Accept the proposed chat; None: if it is proposed.
            files: Accept these of the proposed files; None: those that have a place, see `accept()`.

        Raises:
            SessionStateError: The session is not PROPOSED, or the proposal was answered already.
            ValueError: Nothing is accepted, or a stream that was not proposed, or a file that has no place.
            TypeError: An argument is of the wrong type.
            MediaFailed: Audio is accepted where there is no audio engine; the text says why.

        Notifications:
            SCSessionChangedState to ESTABLISHED, then SCSessionAcceptedStreamProposal, or
            SCSessionRejectedStreamProposal if a stream cannot be made.

        RFC: 3264 6, 8.1; 3261 14.2.
        """
        checking.secret_or_none("password", password)
        with lock:
            self._require_unanswered("accept_proposal", Stimulus.ACCEPT_PROPOSAL)
            if files is None:
                files = [each for each in self.proposed_files if self._has_place(each)]
            names = self._to_accept(files)
            audio = self._is_proposed("audio") if audio is None else audio
            chat = self._is_proposed("chat") if chat is None else chat
            kinds = chosen(audio, chat, names)
            require_audio_engine(kinds)
            for kind in kinds:
                if not self._is_proposed(kind):
                    raise ValueError(f"{kind} was not proposed")
            self._give_answer(AcceptProposal((*kinds, *names), password))

    def reject_proposal(self) -> None:
        """Reject what the peer proposes to add; the session goes on as it was.

        Raises:
            SessionStateError: The session is not PROPOSED, or the proposal was answered already.

        Notifications:
            SCSessionChangedState to ESTABLISHED, SCSessionRejectedStreamProposal.

        RFC: 3261 14.2.
        """
        with lock:
            self._require_unanswered("reject_proposal", Stimulus.REJECT_PROPOSAL)
            self._give_answer(RejectProposal())

    def _require_unanswered(self, method: str, stimulus: Stimulus) -> None:
        self._require(method, stimulus)
        if self._answered == self._present_proposal():
            raise SessionStateError(method, "PROPOSED, and answered already", (State.PROPOSED,))

    def _present_proposal(self) -> tuple[int, int]:
        """Return what tells this proposal from all others; an answer that a crash may have cost does not count."""
        return self._proposals, self._restarts()

    def _give_answer(self, command: object) -> None:
        self._answered = self._present_proposal()
        self._tell_actor(command)
