"""What a registration was asked for, and the REGISTER that says so.

RFC: 3261 10.2; 3327 5.1; 5626 4.1, 4.2; 5627 4.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip.renewals import Backoff
from sipsimple.protocols.sip.request.draft import Draft, Header, OwnContact
from sipsimple.protocols.values import Value, replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.parameters import Parameters

SUPPORTED = "path, outbound, gruu"
WITHOUT_OUTBOUND = "path, gruu"


class Terms(Value):
    """What the application asks for.

    Attributes:
        address: Value of From and To, without tag: whose registration it is.
        registrar: Request-URI.
        contact: Where we are to be reached, but for the parameters that follow from the rest.
        contact_uri: A URI to be bound in place of our own address.
        expires: Seconds to ask for.
        routes: Outbound proxies.
        headers: More lines for each REGISTER.
        instance: `urn:uuid:` of this user agent, the same after each start; None: no outbound, no GRUU.
        reg_id: Tells the flows of one instance apart; None: no outbound.
        keeps_alive: Have the way to the registrar kept open.
        backoff: How long to wait after a failure.
    """

    address: str
    registrar: str
    contact: OwnContact
    contact_uri: str | None = None
    expires: int = 300
    routes: tuple[str, ...] = ()
    headers: tuple[Header, ...] = ()
    instance: str | None = None
    reg_id: int | None = 1
    keeps_alive: bool = True
    backoff: Backoff = Backoff()


def own_parameters(terms: Terms, *, is_outbound: bool) -> Parameters:
    """Return the parameters of our Contact: who we are, by which of our flows."""
    parameters = terms.contact.parameters
    if terms.instance is None:
        return parameters
    parameters = (*parameters, ("+sip.instance", f'"<{terms.instance}>"'))
    if terms.reg_id is None or not is_outbound:
        return parameters
    return (*parameters, ("reg-id", str(terms.reg_id)))


def draft(terms: Terms, tag: str, call_id: str, expires: int, *, is_outbound: bool, outdated: str | None) -> Draft:
    """Draft the REGISTER that binds our Contact for `expires` seconds, or with 0 unbinds it, and no other.

    Args:
        terms: What the application asks for.
        tag: Of From.
        call_id: The same for every REGISTER of this registration.
        expires: Seconds; in the header of that name, which goes for our Contact.
        is_outbound: Whether the registrar is to treat us as of RFC 5626.
        outdated: A URI of ours that was bound before we moved; it is unbound.
    """
    parameters = own_parameters(terms, is_outbound=is_outbound)
    contact: OwnContact | None = replace(terms.contact, parameters=parameters)
    headers: tuple[Header, ...] = ()
    if terms.contact_uri is not None:
        text = "".join([f";{name}" if value is None else f";{name}={value}" for name, value in parameters])
        contact, headers = None, (("Contact", f"<{terms.contact_uri}>{text}"),)
    if outdated is not None:
        headers += (("Contact", f"<{outdated}>;expires=0"),)
    uses_outbound = is_outbound and terms.instance is not None and terms.reg_id is not None
    return Draft(
        "REGISTER",
        terms.registrar,
        f"{terms.address};tag={tag}",
        terms.address,
        call_id,
        terms.routes,
        contact,
        (
            *headers,
            ("Expires", str(expires)),
            ("Supported", SUPPORTED if uses_outbound else WITHOUT_OUTBOUND),
            *terms.headers,
        ),
    )
