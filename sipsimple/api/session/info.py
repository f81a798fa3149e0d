"""INFO: content of the application's own between the two ends of a session, and DTMF digits in it.

RFC: 6086, 2976.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sipsimple.api.audio.tones import checked_digit
from sipsimple.api.notification.observers import NotificationData
from sipsimple.api.session.audio import AudioCommands
from sipsimple.api.session.commands import lock
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.media_type import MediaType
from sipsimple.protocols.sip.usage.refer.events import SendInfo
from sipsimple.protocols.sip.usage.within.info import RELAY, digit_body

if TYPE_CHECKING:
    from collections.abc import Mapping

DTMF_METHODS = ("rtp", "info")


class InfoCommands(AudioCommands):
    """What an application sends within a session that is neither a stream nor a change of one."""

    def __init__(self) -> None:
        super().__init__()
        self._infos: tuple[str, ...] = ()

    def send_info(self, content_type: str, body: str | bytes = b"") -> str:
        """Send an INFO with content of the application's own; of several one goes after the other.

        Args:
            content_type: Of the body.
            body: Text is sent as UTF-8.

        Returns:
            The id that the notifications bear as `info_id`.

        Raises:
            SessionStateError: The session is not ESTABLISHED.
            ValueError: The content type is none.
            TypeError: An argument is of the wrong type.

        Notifications:
            SCSessionInfoDidSucceed or SCSessionInfoDidFail, with this id, once.

        RFC: 6086 4.2, 9.
        """
        if not isinstance(content_type, str):
            raise TypeError(f"content_type must be a str, not {content_type!r}")
        if not isinstance(body, str | bytes):
            raise TypeError(f"body must be str or bytes, not {type(body).__name__}")
        try:
            text = str(MediaType.parse(content_type))
        except RemoteProtocolError as error:
            raise ValueError(f"content_type must be a media type, not {content_type!r}") from error
        content = body.encode() if isinstance(body, str) else body
        info_id = secrets.token_hex(8)
        with lock:
            self._require_established("send_info")
            self._infos = (*self._infos, info_id)
            self._tell_actor(SendInfo(info_id, text, content))
        return info_id

    def send_dtmf(self, digit: str, method: str = "rtp") -> None:
        """Send one DTMF digit.

        Args:
            digit: Exactly one of 0123456789*#ABCD.
            method: "rtp": in the audio; "info": in an INFO request, for peers that hear no others. That needs no audio.

        Raises:
            SessionStateError: The session is not ESTABLISHED, or by "rtp" without running audio.
            SIPCoreError: It is no such digit, or the peer takes none.
            ValueError: There is no such method.

        Notifications:
            By "info" those of `send_info()`.

        RFC: 4733; 6086 9.
        """
        if method not in DTMF_METHODS:
            raise ValueError(f"method must be one of {', '.join(DTMF_METHODS)}, not {method!r}")
        if method == "rtp":
            super().send_dtmf(digit)
            return
        self.send_info(RELAY, digit_body(checked_digit(digit)))
        self._let_hear(digit)

    def _tell(self, name: str, data: Mapping[str, Any]) -> None:
        if name in ("SCSessionInfoDidSucceed", "SCSessionInfoDidFail"):
            if data["info_id"] not in self._infos:
                return
            self._infos = tuple([each for each in self._infos if each != data["info_id"]])
        elif name == "SCSessionGotDTMF":
            if self._audio is not None:
                self.post(self._audio, "SCAudioTransportGotDTMF", NotificationData(**data))
            self._let_hear(data["digit"])
        elif name == "SCSessionDidEnd":
            self._give_up_infos()
        super()._tell(name, data)

    def _give_up_infos(self) -> None:
        """Tell the fate of what was not answered: nothing may come after the end."""
        unanswered, self._infos = self._infos, ()
        for each in unanswered:
            super()._tell("SCSessionInfoDidFail", {"info_id": each, "code": 487, "reason": "the session has ended"})
