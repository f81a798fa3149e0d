"""One call of the worker to the engine, as pjsua2 sees it.

The object is the call: when Python frees it, the library hangs up. So it is kept until it is disconnected, and it is
freed by the main loop and never inside of one of its own callbacks.
"""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any, Protocol

from sipsimple.media.worker.library import NOT_NOW, TOO_MANY, pj, printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipsimple.media.wire import Open
    from sipsimple.media.worker.account import Slot
    from sipsimple.media.worker.legs import Leg

DIRECTIONS = {
    pj.PJMEDIA_DIR_NONE: "inactive",
    pj.PJMEDIA_DIR_ENCODING: "sendonly",
    pj.PJMEDIA_DIR_DECODING: "recvonly",
    pj.PJMEDIA_DIR_ENCODING_DECODING: "sendrecv",
}
FINAL = 200
DTMF_IS_UPDATE = 1
"""Flag of an event that goes on; the library exports no name for it."""


class Watcher(Protocol):
    """Who is told what happens to calls."""

    def media_changed(self, call: EngineCall) -> None:
        """The media of the call began, changed or ended."""

    def ended(self, call: EngineCall, reason: str) -> None:
        """The call is over."""

    def got_digit(self, call: EngineCall, digit: str) -> None:
        """The peer sent a DTMF digit."""

    def failed(self, text: str) -> None:
        """A callback raised."""


class EngineCall(pj.Call):  # type: ignore[misc, unused-ignore]
    """A call to the engine.

    Attributes:
        leg: Whom it serves; None once the engine has closed the leg.
        slot: The account that it occupies; None when it came from outside and is being refused.
        invite: The INVITE that has no final answer yet, as text; empty: there is none.
    """

    def __init__(self, slot: Slot, leg: Leg | None, watcher: Watcher, number: int = pj.PJSUA_INVALID_ID) -> None:
        super().__init__(slot, number)
        self.slot = slot if leg is not None else None
        self.leg = leg
        self.invite = ""
        self._watcher = watcher
        self._digit: tuple[str, int] | None = None

    def open(self, opening: Open) -> None:
        """Send the INVITE.

        Raises:
            pj.Error: No socket for its media could be had, or the like.
        """
        settings = pj.CallOpParam(True)
        settings.opt.audioCount = 1
        settings.opt.videoCount = 0
        if not opening.with_offer:
            settings.opt.flag = pj.PJSUA_CALL_NO_SDP_OFFER
        self.makeCall(f"sip:{opening.leg}@127.0.0.1:{opening.sip_port}", settings)

    def offer(self) -> bool:
        """Send a re-INVITE with a new offer that is not on hold; return False while an INVITE before is not finished.

        Raises:
            pj.Error: There is no call.
        """
        settings = pj.CallOpParam(True)
        settings.opt.audioCount = 1
        settings.opt.videoCount = 0
        settings.opt.flag = pj.PJSUA_CALL_UNHOLD
        try:
            self.reinvite(settings)
        except pj.Error as error:
            if error.status != NOT_NOW:
                raise
            return False
        return True

    def dial(self, digit: str) -> bool:
        """Send a DTMF digit; return False when too many are on their way.

        Raises:
            pj.Error: The peer takes none, or there are no media.
        """
        try:
            self.dialDtmf(digit)
        except pj.Error as error:
            if error.status != TOO_MANY:
                raise
            return False
        return True

    def end(self) -> None:
        """Hang up; a call that is over already is left alone."""
        try:
            self.hangup(pj.CallOpParam())
        except pj.Error:
            return

    def refuse(self, status: int) -> None:
        """Answer a call from outside; one that is over already is left alone."""
        answer = pj.CallOpParam()
        answer.statusCode = status
        try:
            self.answer(answer)
        except pj.Error:
            return

    def audio(self) -> Any:
        """Return the media as it is at this moment, never to be kept; None when there is none."""
        try:
            return self.getAudioMedia(-1)
        except pj.Error:
            return None

    def onCallState(self, prm: Any) -> None:  # noqa: ARG002, N802 - the library's names
        """See whether the call is over."""
        self._guarded(self._check_state)

    def onCallMediaState(self, prm: Any) -> None:  # noqa: ARG002, N802
        """Tell."""
        self._guarded(lambda: self._watcher.media_changed(self))

    def onDtmfEvent(self, prm: Any) -> None:  # noqa: N802
        """Tell of a digit that begins."""
        event = prm.digit, prm.timestamp
        # a stream that a re-INVITE made anew takes the rest of an event for another one (RFC 4733 2.2.1: one timestamp)
        if not prm.flags & DTMF_IS_UPDATE and event != self._digit:
            self._digit = event
            self._guarded(lambda: self._watcher.got_digit(self, event[0]))

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802
        """Note what was sent and answered."""
        self._guarded(lambda: self._note_invite(prm.e.body.tsxState))

    def _check_state(self) -> None:
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._watcher.ended(self, printable(f"{info.lastStatusCode} {info.lastReason}".strip()))

    def _note_invite(self, state: Any) -> None:
        if state.tsx.method != "INVITE" or state.tsx.role != pj.PJSIP_ROLE_UAC:
            return
        if state.tsx.statusCode >= FINAL:
            self.invite = ""
        elif state.type == pj.PJSIP_EVENT_TX_MSG:
            self.invite = state.src.tdata.wholeMsg

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception:  # noqa: BLE001 - it would be printed and lost in the library
            self._watcher.failed(printable(traceback.format_exc(limit=-3)))
