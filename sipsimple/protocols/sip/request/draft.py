"""What a request says before it is known how it goes out; and the request that becomes of it.

RFC: 3261 8.1.1, 8.1.2, 12.2.1.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.grammar import bracketed
from sipsimple.protocols.sip.headers.parameters import format_parameters
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.transport import Flow, via_value
from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.headers.parameters import Parameters

Header: TypeAlias = tuple[str, str]

MAX_FORWARDS = "70"


class OwnContact(Value):
    """Where far ends reach us: `user` at the address of whatever flow the request takes.

    Attributes:
        user: User part, as it is written.
        secure: A `sips:` URI.
        parameters: Of the header, as they are written.
    """

    user: str
    secure: bool = False
    parameters: Parameters = ()

    def uri(self, flow: Flow) -> str:
        """Return the URI of this contact when the request goes by `flow`."""
        host, port = flow.local
        address = f"{bracketed(host)}:{port}" if port else bracketed(host)
        if self.secure:
            return f"sips:{self.user}@{address}"
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        return f"sip:{self.user}@{address}{transport}"

    def value(self, flow: Flow) -> str:
        """Return the value of Contact when the request goes by `flow`."""
        return f"<{self.uri(flow)}>{format_parameters(self.parameters)}"


class Draft(Discreet):
    """A request but for what sending adds: Via, CSeq, Max-Forwards, Contact's address, credentials, User-Agent.

    Attributes:
        method: The method.
        uri: Request-URI.
        local: From, with our tag.
        remote: To; with the peer's tag inside a dialog.
        call_id: Call-ID.
        routes: Route values in order: preloaded, or the route set of the dialog.
        contact: Ours, for the methods that have one.
        headers: More lines, Content-Type among them.
        body: The body.
        first_hop: Where it is sent to, if the routes do not say it: a first router without `lr` is in the URI.
    """

    HIDDEN = ("body",)

    method: str
    uri: str
    local: str
    remote: str
    call_id: str
    routes: tuple[str, ...] = ()
    contact: OwnContact | None = None
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    first_hop: str = ""

    @property
    def next_hop(self) -> str:
        """What the request is sent to: the value of the first Route, else the Request-URI."""
        return self.first_hop or (self.routes[0] if self.routes else self.uri)


def draft_in_dialog(
    dialog: Dialog,
    method: str,
    contact: OwnContact | None = None,
    headers: tuple[Header, ...] = (),
    body: bytes = b"",
) -> Draft:
    """Draft a request inside `dialog`; its CSeq is that of the `RequestClient` which sends it.

    The dialog that a SUBSCRIBE made goes on with the number of that SUBSCRIBE when the same client
    sends what follows; for another dialog, set `cseq` of a new client to `dialog.local_cseq` first.

    RFC: 3261 12.2.1.1.
    """
    uri, routes = dialogs.way(dialog)
    return Draft(
        method,
        uri,
        f"{dialog.local};tag={dialog.local_tag}" if dialog.local_tag else dialog.local,
        f"{dialog.remote};tag={dialog.remote_tag}" if dialog.remote_tag else dialog.remote,
        dialog.call_id,
        routes,
        contact,
        headers,
        body,
        dialog.route_set[0] if dialog.route_set else "",
    )


def build(
    draft: Draft, flow: Flow, branch: str, cseq: int, user_agent: str, credentials: tuple[Header, ...] = ()
) -> Request:
    """Make the request that goes out by `flow`."""
    contact = () if draft.contact is None else (("Contact", draft.contact.value(flow)),)
    agent = (("User-Agent", user_agent),) if user_agent else ()
    headers = (
        ("Via", via_value(flow, branch)),
        ("Max-Forwards", MAX_FORWARDS),
        *[("Route", route) for route in draft.routes],
        ("From", draft.local),
        ("To", draft.remote),
        ("Call-ID", draft.call_id),
        ("CSeq", f"{cseq} {draft.method}"),
        *contact,
        *credentials,
        *agent,
        *draft.headers,
    )
    return Request(draft.method, draft.uri, headers, draft.body)
