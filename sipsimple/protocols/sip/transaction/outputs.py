"""What transactions ask for: sending, delivering, ending; beside `StartTimer` and `StopTimer`.

The four machines know neither their key nor their neighbours: they say
`Deliver`, `Unsent` and `Terminated`, and `layer` names the transaction.
`Send` is final already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transport import Flow


class Send(Value):
    """Put `message` on the wire of `flow`; repeats of a finished transaction are plain bytes."""

    message: Request | Response | bytes
    flow: Flow

    def __repr__(self) -> str:
        """Show neither credentials nor a body: a message does not either."""
        message = f"<{len(self.message)} bytes>" if isinstance(self.message, bytes) else repr(self.message)
        return f"Send({message}, {self.flow!r})"


class Deliver(Value):
    """Of a machine: give `message` to the transaction user."""

    message: Request | Response


class Unsent(Value):
    """Of a server machine: tell the transaction user that its response met a transport error."""


class Terminated(Value):
    """Of a machine: it has ended, because of `reason`: "completed", "timeout" or "transport error"."""

    reason: str


class RequestReceived(Value):
    """A request came that is no repeat; answer it with `layer.respond(key)`.

    An ACK comes this way too when it acknowledges a 2xx; nothing answers it.
    """

    key: Key
    request: Request
    flow: Flow


class ResponseReceived(Value):
    """A response to the request sent as `key` came: each provisional, one final, each 2xx to an INVITE."""

    key: Key
    response: Response


class StrayResponse(Value):
    """A response came that no transaction takes: none waits for it, or it is not meant for the one that it names."""

    response: Response
    why: str = "no transaction"


class ResponseNotSent(Value):
    """A response met a transport error; the server transaction stays, RFC 6026 §8."""

    key: Key


class TransactionEnded(Value):
    """The transaction is forgotten, because of `why`: "completed", "timeout" or "transport error".

    A client transaction that has brought a final response always ends as "completed";
    for an INVITE server transaction "timeout" means that its failure was never acknowledged.
    """

    key: Key
    why: str


COMPLETED = "completed"
TIMEOUT = "timeout"
TRANSPORT_ERROR = "transport error"

MachineOutput: TypeAlias = Send | Deliver | Unsent | Terminated | StartTimer | StopTimer
"""What a machine asks for."""

LayerOutput: TypeAlias = (
    Send
    | RequestReceived
    | ResponseReceived
    | StrayResponse
    | ResponseNotSent
    | TransactionEnded
    | StartTimer
    | StopTimer
)
"""What the layer asks for; timer names are `(key, name)`."""
