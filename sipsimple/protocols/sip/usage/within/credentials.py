"""The credentials of a call: whose they are, which request bears them, and what keeps them fresh.

RFC: 3261 22.1, 22.3.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip import authorization
from sipsimple.protocols.sip.authorization import CHALLENGES, PROXY, USER, Account, Authorization
from sipsimple.protocols.sip.headers.address import Address
from sipsimple.protocols.sip.message import Request, parse
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.usage.call import Call

Header = tuple[str, str]


def of_caller(call: Call, accounts: tuple[Account, ...]) -> Call:
    """Give the call what its requests may be authenticated with."""
    if not accounts:
        return call
    return replace(call, authorization=Authorization(accounts, call.identity.refuse_md5))


def of_callee(call: Call, password: str | None) -> Call:
    """Likewise for a call that was accepted: the password is that of the address which was called."""
    if password is None:
        return call
    try:
        user = Address.parse(call.local).uri.user
    except RemoteProtocolError:
        return call
    return call if user is None else of_caller(call, (Account(user, password),))


def put_on(call: Call, request: Request) -> tuple[Call, Request]:
    """Return the request with the credentials that the call was asked for before."""
    if not call.authorization.logins:
        return call, request
    auth, request = authorization.authorized(call.authorization, request)
    return replace(call, authorization=auth), request


def of_invite(call: Call, key: Key) -> tuple[Header, ...]:
    """Return the credentials of our INVITE `key`, which its ACK repeats as they are (RFC 3261 22.1)."""
    if not call.authorization.logins:
        return ()
    source = _invite(call, key)
    if source is None:
        return ()
    return tuple([(header, line) for header in (USER, PROXY) for line in source.get_all(header)])


def _invite(call: Call, key: Key) -> Request | None:
    """The INVITE itself, or an ACK for it, which repeats its credentials."""
    pending = call.pending
    if pending is not None and pending.key == key:
        return pending.request
    sent = next((ack.message for known, _tag, ack in call.acks if known == key), None)
    copied = None if sent is None else parse(bytes(sent))
    return copied if isinstance(copied, Request) else None


def accepted(call: Call, response: Response) -> Call:
    """Take note that a request was answered by something else than a challenge."""
    auth = call.authorization
    if not auth.logins or response.is_provisional or response.status in CHALLENGES:
        return call
    after = authorization.accepted(auth, response)
    return call if after is auth else replace(call, authorization=after)


def entropy(call: Call) -> str:
    """Return 32 digits that nobody can guess and that no other challenge of the call gets."""
    return hashlib.sha256(f"{call.identity.entropy}{call.identity.token}{call.branches}".encode()).hexdigest()[:32]
