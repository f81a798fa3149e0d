"""The state of one file transfer, at the side that sends and at the side that receives."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from immutables import Map

from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.msrp.message import MSRPData
    from sipsimple.protocols.msrp.ranges import Ranges
    from sipsimple.protocols.msrp.state import Terms

WINDOW = 16
"""Chunks on their way, or in the lane of the transfer: so much waits in memory for a slow peer."""

NEIGHBOURLY_WINDOW = 4
"""The same beside other sessions on one connection: what is on its way is ahead of their messages."""


class State(StrEnum):
    """Where a transfer stands."""

    IDLE = "IDLE"
    CONNECTING = "CONNECTING"
    BINDING = "BINDING"
    ASKING = "ASKING"
    SENDING = "SENDING"
    REPORTING = "REPORTING"
    RECEIVING = "RECEIVING"
    VERIFYING = "VERIFYING"
    FINISHED = "FINISHED"
    CLOSING = "CLOSING"
    CLOSED = "CLOSED"


class Stimulus(StrEnum):
    """What a transfer can meet. The last four are its own: they follow from its state."""

    START = "START"
    CONNECTED = "CONNECTED"
    BIND_ACCEPTED = "BIND_ACCEPTED"
    BIND_REFUSED = "BIND_REFUSED"
    EMPTY_RECEIVED = "EMPTY_RECEIVED"
    CONTENT_RECEIVED = "CONTENT_RECEIVED"
    CONTENT_REFUSED = "CONTENT_REFUSED"
    CONTENT_EXCESSIVE = "CONTENT_EXCESSIVE"
    CONTENT_ABORTED = "CONTENT_ABORTED"
    CONTENT_STRAY = "CONTENT_STRAY"
    OFFSET_ASKED = "OFFSET_ASKED"
    OFFSET_TOLD = "OFFSET_TOLD"
    REQUEST_REFUSED = "REQUEST_REFUSED"
    RESPONSE_OK = "RESPONSE_OK"
    RESPONSE_FAILED = "RESPONSE_FAILED"
    RESPONSE_STRAY = "RESPONSE_STRAY"
    REPORT_WHOLE = "REPORT_WHOLE"
    REPORT_PARTIAL = "REPORT_PARTIAL"
    REPORT_FAILED = "REPORT_FAILED"
    REPORT_STRAY = "REPORT_STRAY"
    DATA_READ = "DATA_READ"
    DISK_FAILED = "DISK_FAILED"
    VERIFIED = "VERIFIED"
    NOT_VERIFIED = "NOT_VERIFIED"
    CONNECT_TIMEOUT = "CONNECT_TIMEOUT"
    BIND_TIMEOUT = "BIND_TIMEOUT"
    SILENCE_TIMEOUT = "SILENCE_TIMEOUT"
    PEER_SILENT = "PEER_SILENT"
    REPORT_TIMEOUT = "REPORT_TIMEOUT"
    GAP_TIMEOUT = "GAP_TIMEOUT"
    LINGER_TIMEOUT = "LINGER_TIMEOUT"
    PROGRESS_TIMEOUT = "PROGRESS_TIMEOUT"
    CONNECTION_CLOSED = "CONNECTION_CLOSED"
    CONNECTION_BROKEN = "CONNECTION_BROKEN"
    STOP = "STOP"
    OFFSET_KNOWN = "OFFSET_KNOWN"
    ALL_ANSWERED = "ALL_ANSWERED"
    ALL_RECEIVED = "ALL_RECEIVED"
    PEER_GONE = "PEER_GONE"


class Transfer(Value):
    """What both sides have.

    Attributes:
        terms: As of a chat's session.
        counter: Number of the next transaction.
        size: Bytes of the file; the receiver may not know it.
        base: Byte of the file that Byte-Range counts from: 0, or where a file-range begins.
        message_id: Of the message that the file is; the receiver learns it.
        told: The progress that was told last.
        is_heard: The peer was heard of since the silence timer was started.
    """

    terms: Terms
    state: State = State.IDLE
    counter: int = 1
    size: int | None = None
    base: int = 0
    message_id: str = ""
    told: int = -1
    is_heard: bool = False


class Sending(Transfer, Discreet):
    """A file on its way out.

    Attributes:
        begun: Where in the file the sending began.
        asks: The peer may say where to begin (`x-file-offset`).
        asked: Transaction of the FILE_OFFSET request that awaits its answer.
        wanted: Up to where the disk was asked to read.
        blocks: What was read and not sent: the chunks to come.
        sent: Up to where the file was sent.
        unanswered: Bytes by transaction, of the chunks that await their response.
        answered: Bytes that were answered.
        reported: What success reports have covered.
        is_over: The last chunk was sent.
    """

    HIDDEN = (
        "blocks",
        "unanswered",
    )

    content_type: str = "application/octet-stream"
    window: int = WINDOW
    begun: int = 0
    asks: bool = False
    asked: str | None = None
    wanted: int = 0
    blocks: tuple[bytes, ...] = ()
    sent: int = 0
    unanswered: Map[str, int] = Map()
    answered: int = 0
    reported: Ranges = ()
    is_over: bool = False


class Receiving(Transfer, Discreet):
    """A file on its way in.

    Attributes:
        begun: Where a file-range begins that was agreed on; 0 without one.
        ranges: What has come, counted from 1; at first what an earlier attempt left.
        current: The last piece of the chunk that is coming; None between chunks.
        last: A chunk of the message, for the REPORT about it.
        is_gone: The connection is over.
    """

    HIDDEN = (
        "current",
        "last",
    )

    begun: int = 0
    ranges: Ranges = ()
    current: MSRPData | None = None
    last: MSRPData | None = None
    is_gone: bool = False
