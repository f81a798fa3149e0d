"""What a `Registration` was given, checked and copied before anything of it counts.

RFC: 3261 10.2; 5626 4.1, 4.2.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from sipsimple.api.session.calling import party_value
from sipsimple.protocols.sip.registration.terms import Terms
from sipsimple.protocols.sip.request.draft import OwnContact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sipsimple.api.identity import Credentials, Route
    from sipsimple.api.uri import SIPURI
    from sipsimple.protocols.sip.renewals import Backoff

LONGEST = 2**31 - 1
"""Seconds that may be asked for."""

_INSTANCES = uuid.UUID("1d3be0f2-5f0c-4f4b-9d52-6c5b9a3c7e11")


def instance_urn(instance: str | uuid.UUID | None, address: SIPURI) -> str:
    """Return the URN by which a registrar knows this user agent again after a restart.

    Args:
        instance: A UUID, as such, as text, or as URN; None: one that follows from this host and the address.
        address: Whose registration it is.

    Raises:
        ValueError: It is no UUID.
    """
    if instance is None:
        return uuid.uuid5(_INSTANCES, f"{uuid.getnode():x} {address.user}@{address.host}".lower()).urn
    try:
        return (instance if isinstance(instance, uuid.UUID) else uuid.UUID(instance)).urn
    except (ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"instance_id must be a UUID, not {instance!r}") from error


def terms_of(
    credentials: Credentials,
    route: Route | None,
    expires: int,
    contact_uri: SIPURI | None,
    headers: Mapping[str, str],
    instance: str,
    reg_id: int | None,
    keeps_alive: bool,
    backoff: Backoff,
) -> Terms:
    """Return what the core is given."""
    own = credentials.uri
    parameters = tuple([each for each in own.uri().parameters if each[0] == "transport"])
    registrar = replace(own.uri(), user=None, password=None, parameters=parameters, headers=())
    return Terms(
        address=party_value(own),
        registrar=str(registrar),
        contact=OwnContact(credentials.token, own.secure),
        contact_uri=None if contact_uri is None else str(contact_uri.uri()),
        expires=expires,
        routes=() if route is None else (route.header_value(),),
        headers=tuple(headers.items()),
        instance=instance,
        reg_id=reg_id,
        keeps_alive=keeps_alive,
        backoff=backoff,
    )
