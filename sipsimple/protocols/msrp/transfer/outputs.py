"""What the cores of a file transfer ask for, beside `Send`, `Started`, `Ended` and timers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.msrp.outputs import Ended, Send, Started
from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.msrp.message import MSRPData


class Read(Value):
    """Read `size` bytes of the file from `offset` on; `sending.data_read` takes them, cut into chunks."""

    offset: int
    size: int


class Write(Discreet):
    """Write bytes into the file at `offset`; `data` is any object with the buffer interface."""

    HIDDEN = ("data",)

    offset: int
    data: bytes


class Progress(Value):
    """So many bytes of the file have arrived; `total` is None while it is not known."""

    transferred: int
    total: int | None


class Verify(Value):
    """All `size` bytes have come: check the file and put it in its place; `verified` takes the verdict."""

    size: int


class Finished(Value):
    """The receiver has the whole file.

    Attributes:
        message: The REPORT that says so; None at the receiver, and where the peer sent none.
    """

    message_id: str
    code: int
    reason: str
    message: MSRPData | None = None


class NotFinished(Value):
    """The transfer is over and the receiver has not got the whole file.

    Attributes:
        code: Of the peer's response or REPORT; 408 when none came in time, 0 when the transfer ended otherwise.
    """

    message_id: str
    code: int
    reason: str
    message: MSRPData | None = None


class TransferFailed(Value):
    """The transfer broke; `Ended` follows.

    Attributes:
        context: `start`, `sending`, `receiving`, `disk` or `verifying`.
        code: As in `NotFinished`.
    """

    context: str
    reason: str
    code: int = 0


Output = (
    Send
    | StartTimer
    | StopTimer
    | Started
    | Read
    | Write
    | Progress
    | Verify
    | Finished
    | NotFinished
    | TransferFailed
    | Ended
)
Outputs = tuple[Output, ...]
