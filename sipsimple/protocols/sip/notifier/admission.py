"""Whether a SUBSCRIBE can be taken at all; and the subscription that becomes of it.

RFC: 6665 4.2.1.1, 8.2.1; 3261 12.1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.headers.event import Event
from sipsimple.protocols.sip.notifier.notifier import Notifier
from sipsimple.protocols.sip.request.draft import OwnContact
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.outputs import RequestReceived
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.request.client import RequestClient
    from sipsimple.protocols.sip.transport import Flow

DEFAULT_EXPIRES = 3600
"""Seconds that are meant where the subscriber says none."""


def event_of(request: Request) -> Event:
    """Return the event that a SUBSCRIBE names.

    Raises:
        RemoteProtocolError: It names none.
    """
    value = request.get("event")
    if value is None:
        raise RemoteProtocolError(f"{request.method} without Event")
    return Event.parse(value)


def seconds_of(request: Request) -> int:
    """Return the seconds that a SUBSCRIBE asks for.

    Raises:
        RemoteProtocolError: They cannot be read.
    """
    asked = request.expires
    return DEFAULT_EXPIRES if asked is None else asked


def admit(request: Request, flow: Flow, client: RequestClient) -> Notifier:
    """Make the subscription that an application may accept.

    Args:
        request: The SUBSCRIBE, without To tag.
        flow: By which to answer it.
        client: Whose token is our tag.

    Raises:
        RemoteProtocolError: It is malformed.
    """
    dialog = dialogs.from_request(request, client.token, dialogs.State.CONFIRMED)
    event, asked = event_of(request), seconds_of(request)
    uri = request.request_uri
    transactions, outputs = layer.receive_request(client.transactions, request, flow)
    asked_by = next((each for each in outputs if isinstance(each, RequestReceived)), None)
    contact = OwnContact(uri.user or client.token, uri.scheme == "sips")
    return Notifier(event, contact, replace(client, transactions=transactions, flow=flow), dialog, asked_by, asked)
