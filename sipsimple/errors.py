"""Every error that sipsimple raises, each with its verdict.

The hierarchy answers three questions: who is to blame (`LocalProtocolError`
or `RemoteProtocolError`), what to answer the peer (`status`), and how a
session that meets the error ends (`code`, `reason`, `originator`: the data of
`SCSessionDidFail`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class SIPSimpleError(Exception):
    """Base of every error of this library.

    Attributes:
        code: SIP status code of the failure; 0 when it arose inside this library.
        reason: One line of text, lower case, never empty.
        originator: `"local"` or `"remote"`: who caused the failure.
    """

    code: int = 0
    originator: str = "local"

    @property
    def reason(self) -> str:
        """The text that a notification's `reason` carries."""
        return str(self) or type(self).__name__


class LocalProtocolError(SIPSimpleError, ValueError):
    """This side asked for something that the protocol does not allow."""


class SessionStateError(LocalProtocolError, RuntimeError):
    """A method was called in a state that does not allow it."""

    def __init__(self, method: str, state: str, allowed: Iterable[str]) -> None:
        self.method = method
        self.state = str(state)
        self.allowed = tuple(str(each) for each in allowed)
        states = ", ".join(self.allowed) or "none"
        super().__init__(f"{method}() is not allowed in state {self.state}, only in {states}")


class RemoteProtocolError(SIPSimpleError):
    """The peer's bytes break the protocol.

    Attributes:
        status: Response status code to answer with; None means drop silently.
        header: One more header line for the answer, as (name, value); None for no such line.
    """

    originator = "remote"

    def __init__(self, message: str, status: int | None = 400, header: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.header = header

    @property
    def code(self) -> int:  # type: ignore[override]
        """The status that was due, 0 when the bytes were dropped."""
        return self.status or 0


class TransactionFailed(SIPSimpleError):
    """A request got a final response of 300 or above, timed out, or could not be sent."""

    def __init__(self, code: int, reason: str, originator: str) -> None:
        super().__init__(reason)
        self.code = code
        self.originator = originator


class TransportFailed(SIPSimpleError):
    """A socket failed; the `OSError` or `SSLError` is the `__cause__`."""

    code = 503

    def __init__(self, message: str, peer: str, transport: str) -> None:
        super().__init__(message)
        self.peer = peer
        self.transport = transport


class SIPCoreError(SIPSimpleError):
    """The engine cannot do what was asked: wrong moment, bad combination of arguments."""


class PJSIPError(SIPCoreError):
    """The audio engine refused; `status` is its own error number."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class MediaFailed(PJSIPError):
    """An audio stream could not be made or has broken."""


class MSRPChatError(SIPSimpleError):
    """A chat message cannot be sent as asked."""


class ActorError(SIPSimpleError):
    """An actor could not do what it was asked."""


class ActorDied(ActorError):
    """The actor that was asked stopped, or crashed while it held the question."""


class AskTimedOut(ActorError):
    """No answer came in time."""


class MailboxFull(ActorError):
    """The mailbox's bound was reached and its policy is to refuse."""


class SettingsError(SIPSimpleError):
    """The settings cannot be used; the text says where they stand and what is wrong with them."""
