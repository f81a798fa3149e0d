"""Where received SIP messages go, and who else sees the bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sipsimple.protocols.sip.transport import Flow

if TYPE_CHECKING:
    from sipsimple.errors import RemoteProtocolError
    from sipsimple.protocols.sip.message import Request, Response

Hook = Callable[[bool, bytes, Flow], None]


class Receiver(Protocol):
    """The router: called by the readers, never waits, never sends by itself to who does not ask."""

    def receive(self, message: Request | Response, flow: Flow) -> None:
        """Take one message that came over `flow`."""

    def malformed(self, data: bytes, error: RemoteProtocolError, flow: Flow) -> None:
        """Take what came over `flow` and is no SIP message: a datagram, or the head of one message of a stream."""


@dataclass(slots=True)
class Trace:
    """The switch of the trace: `hook(received, data, flow)` sees each message, None switches it off."""

    hook: Hook | None = None
