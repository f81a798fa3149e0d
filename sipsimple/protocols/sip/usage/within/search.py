"""The look for a way inside a dialog: requests wait for it, in their order, the ACK too.

It begins with the first request that waits: most dialogs end with the peer's BYE and need none.

RFC: 3261 8.1.2, 12.2.1.1; 3263 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.usage.outputs import Resolve
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.usage.call import Call
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


class Search(Value):
    """The next hop is a name that was not looked up yet, or the connection that led to it is lost.

    Attributes:
        hop: The next hop: a URI or the value of a route.
        asked: What is being looked up; it may have become another one meanwhile. Empty: nothing yet.
        waiting: Requests that wait, in no transaction so far.
        lost: The number of the connection that is lost; None: none is.
    """

    hop: str
    asked: str = ""
    waiting: tuple[Request, ...] = ()
    lost: int | None = None


def is_on(call: Call, dialog: Dialog) -> bool:
    """Tell whether a request inside `dialog` has to wait."""
    known = call.dialog
    return call.search is not None and known is not None and known.remote_tag == dialog.remote_tag


def held(call: Call, request: Request) -> tuple[Call, Outputs]:
    """Let a request wait; the first one has the next hop looked up."""
    search = call.search
    if search is None:
        raise AssertionError("nothing is looked for")
    asks = () if search.asked else (Resolve(search.hop),)
    search = replace(search, asked=search.asked or search.hop, waiting=(*search.waiting, request))
    return replace(call, search=search), asks


def holds(call: Call, data: bytes) -> bool:
    """Tell whether this very request waits."""
    return call.search is not None and any(bytes(each) == data for each in call.search.waiting)
