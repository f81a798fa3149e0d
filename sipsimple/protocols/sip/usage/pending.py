"""What a call remembers only while it is needed: of an open INVITE, and of a change that this side is making."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.sdp.document import SessionDescription
    from sipsimple.protocols.sip.message import Request, Response
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transaction.outputs import RequestReceived
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.ending.failure import Failure
    from sipsimple.protocols.sip.usage.setup.prack import EarlyDialog


class Pending(Discreet):
    """The INVITE whose outcome is open.

    Attributes:
        key: Its transaction; None while it was not sent yet.
        request: As sent or received.
        is_ours: We send it (client), the peer sent it otherwise (server).
        offer: What it offers, until it is answered (server).
        provisional: A provisional response came (client): CANCEL may be sent.
        cancelled: CANCEL was asked for and waits for a provisional response; of a re-INVITE: it was sent (client).
        success: The 2xx that is sent again until its ACK comes (server).
        resend_after: Present interval of that, in seconds.
        rings_for: Seconds after which it is refused, as far as they were not waited for; None: as long as its sender
            waits (server).
        fallback: The UDP flow to go back to when TCP is refused (RFC 3261 18.1.1).
        arrived: The INVITE itself, while it waits for a stream that is still following the offer before it (server).
        tried: By which ways it failed (client).
        failure: How it failed last (client).
        early: The description of the last provisional response that had one, and its tag (client).
        tags: Those of the early dialogs that provisional responses made, a few of them (client).
        forks: The early dialogs whose reliable provisional responses were acknowledged (client).
    """

    HIDDEN = ("early",)

    key: Key | None = None
    request: Request | None = None
    is_ours: bool = False
    offer: SessionDescription | None = None
    provisional: bool = False
    cancelled: bool = False
    success: Response | None = None
    resend_after: float = 0.5
    rings_for: float | None = None
    fallback: Flow | None = None
    early: tuple[str, bytes] | None = None
    arrived: RequestReceived | None = None
    tried: tuple[Flow, ...] = ()
    failure: Failure | None = None
    tags: tuple[str, ...] = ()
    forks: tuple[EarlyDialog, ...] = ()


class Change(Value):
    """A change of the session that this side is making.

    Attributes:
        command: What is to change.
        tries: How many INVITEs were sent for it.
        is_due: False while a clock runs until the next one may be sent.
    """

    command: object
    tries: int = 0
    is_due: bool = True


def invite_of(pending: Pending | None) -> tuple[Key, Request, Pending]:
    """Return the peer's INVITE that is open: its transaction, itself, and what else is known of it."""
    if pending is None or pending.key is None or pending.request is None:
        raise AssertionError("no INVITE of the peer is pending")
    return pending.key, pending.request, pending
