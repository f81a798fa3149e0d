"""How a session follows the actor behind it, and tells observers of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sipsimple.api.limits import MOST_UNHEARD_OF_CALL
from sipsimple.api.notification.notification import NotificationData
from sipsimple.api.session.data import session_data
from sipsimple.api.session.files import FileFacts
from sipsimple.api.session.manager import SessionManager
from sipsimple.api.session.ringing import INBOUND_PAUSE, OUTBOUND_PAUSE, Ringing
from sipsimple.protocols.sip.usage.ending.failure import Failure
from sipsimple.protocols.sip.usage.events import Abandoned
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sipsimple.actors.runtime import Ref
    from sipsimple.api.audio.sound import Sound
    from sipsimple.api.audio.sound_files import StrPath
    from sipsimple.api.audio.transport import AudioTransport
    from sipsimple.api.chat.chat import MSRPChat
    from sipsimple.api.notification.delivery import Item, NotificationQueue
    from sipsimple.api.transfer.transfer import MSRPFileTransfer


class SessionNotices(FileFacts):
    """What the engine tells a session, and the session its observers; not for applications.

    Attributes:
        has_ended: SCSessionDidEnd was posted.
    """

    def __init__(self) -> None:
        super().__init__()
        self._queue: NotificationQueue | None = None
        self._sound: Sound | None = None
        self._ringing: Ringing | None = None
        self._unended: tuple[object, ...] = ()
        self._proposals = 0
        self._held: tuple[tuple[str, Mapping[str, Any]], ...] = ()

    @property
    def ref(self) -> Ref | None:
        """The actor behind this session; None before there is one."""
        return self._ref

    def attach_successor(self, ref: Ref, command: object) -> None:
        """Go on with another actor, which has the last state of the one before; the engine calls this."""
        self._ref = ref
        ref.tell(command)

    # Streams

    @property
    def last_chat(self) -> MSRPChat | None:
        """The chat stream until it is over, whatever the session says of it."""
        return self._chat

    def awaits(self, stream: object) -> bool:
        """Tell whether `stream` has not told its end; the engine calls this."""
        return any(each is stream for each in self._unended)

    def attach_chat(self, chat: MSRPChat) -> None:
        """Have a chat stream; the engine calls this."""
        sounds = SessionManager().ringtone_config
        chat.attach_sound(self._sound, sounds.message_received_sound, sounds.message_sent_sound)
        self._chat = chat
        self._unended = (*self._unended, chat)

    def attach_file(self, transfer: MSRPFileTransfer) -> None:
        """Have a file stream; the engine calls this."""
        transfer.belong_to(self.post_of_file)
        self._unended = (*self._unended, transfer)

    def post_of_file(self, sender: object, name: str, data: NotificationData) -> None:
        """Post a notification of a transfer of this session; with its end it is a stream of it no more."""
        self.post(sender, name, data)
        if name == "MSRPFileTransferDidEnd":
            self._files = tuple([each for each in self._files if each[1] is not sender])
            self.detach_stream(sender)

    def attach_audio(self, audio: AudioTransport) -> None:
        """Have an audio stream; the engine calls this."""
        self._audio, self._recording = audio, None
        self._unended = (*self._unended, audio)

    def detach_stream(self, stream: object) -> None:
        """Have it no more: it is over, and an ended session had to wait for this; the engine calls this."""
        self._unended = tuple([each for each in self._unended if each is not stream])
        if stream is self._chat:
            self._chat = None  # or they would hold each other for the collector
        if not self._unended:
            self._release()

    # The end

    def abandon(self, reason: str) -> None:
        """End at once because of `reason`, whatever the peer does; the engine calls this."""
        if self._ref is not None:
            self._ref.insist(Abandoned(reason))

    def give_up(self, reason: str) -> None:
        """Tell the end of a session for which no actor can be had any more; the engine calls this.

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
            self._tell("SCSessionDidFail", failure.data())
        self._tell("SCSessionDidEnd", {"originator": "local" if failure is None else failure.originator})

    # Notifications

    def post(self, sender: object, name: str, data: NotificationData) -> None:
        """Post a notification of this session or of a stream of it, in their common order; the engine calls this."""
        if self._queue is not None:
            self._queue.post(sender, name, data)

    @property
    def waiting(self) -> Sequence[Item]:
        """What no observer was told yet, of this session and of its streams; the engine asks."""
        return () if self._queue is None else self._queue.waiting

    def lags(self) -> bool:
        """Tell whether so much waits for observers that the peer has to wait, too; its actor asks."""
        return self._queue is not None and self._queue.depth >= MOST_UNHEARD_OF_CALL

    def notify(self, name: str, data: Mapping[str, Any]) -> None:
        """Post a notification of this session, with the facts that go with it; its actor calls this.

        The end is told when the streams have told their own: what became of messages and recordings comes before.
        """
        if self._held or (self._unended and data.get("state") == State.TERMINATED):
            self._held = (*self._held, (name, data))
        else:
            self._tell(name, data)

    def notify_of_audio(self, name: str, data: Mapping[str, Any]) -> None:
        """Post a notification of the audio stream; its leg calls this."""
        if self.has_ended:
            return
        if name == "SCSessionDidStopRecordingAudio":
            data = {"error": None, **data}
        elif name == "SCSessionGotDTMF":
            self.post(self._audio, "SCAudioTransportGotDTMF", NotificationData(**data))
            self._let_hear(data["digit"])
        self.post(self, name, NotificationData(**data))

    def _release(self) -> None:
        held, self._held = self._held, ()
        for name, data in held:
            self._tell(name, data)

    def _tell(self, name: str, data: Mapping[str, Any]) -> None:
        if self.has_ended:
            return  # it was given up, and its actor came to its end after all
        if name == "SCSessionChangedState":
            self._follow(data["state"])
        elif name == "SCSessionGotRingIndication":
            self._ring(SessionManager().ringtone_config.outbound_ringtone, OUTBOUND_PAUSE)
        elif name == "SCSessionWillStart":
            self.start_time = datetime.now()
        elif name == "SCSessionDidEnd":
            self._forget_files(all_of_them=True)
            self.has_ended = True
        elif name in ("SCSessionAcceptedStreamProposal", "SCSessionRejectedStreamProposal"):
            self._forget_files()
        if "files" in data:
            data = {**data, "files": self._note_files(data["files"])}
        self.post(self, name, session_data(name, data))

    def _follow(self, state: str) -> None:
        if state == State.INCOMING:
            self._set_active(True)
            self._ring_inbound()
        elif state != State.CALLING:
            self.stop_ringing()
        if state == State.PROPOSED:
            self._proposals += 1
        if state == State.TERMINATED:
            self._set_active(False)
            if self.start_time is not None:
                self.stop_time = datetime.now()

    def _set_active(self, is_active: bool) -> None:
        """Count as active, or no more."""
        raise NotImplementedError

    # Sounds

    def _ring_inbound(self) -> None:
        caller = self.remote_uri
        if caller is not None:
            self._ring(SessionManager().ringtone_config.get_ringtone_for_sipuri(caller), INBOUND_PAUSE)

    def _ring(self, file_name: StrPath | None, pause_time: float) -> None:
        if file_name is not None and self._sound is not None and self._ringing is None:
            self._ringing = Ringing(self._sound, file_name, pause_time)

    def stop_ringing(self) -> None:
        """Be silent: audio of the peer begins, or the session goes on in another way; the engine calls this."""
        ringing, self._ringing = self._ringing, None
        if ringing is not None:
            ringing.stop()

    def _let_hear(self, digit: str) -> None:
        """Play the tone of a digit that came or goes."""
        if self._sound is not None:
            self._sound.let_hear(digit)
