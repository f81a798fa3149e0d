"""One AUTH after another: building each, and what the answers mean. RFC 4976 sections 5.1, 6.3 and 9.1."""

from __future__ import annotations

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols import digest
from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.message import MSRPData
from sipsimple.protocols.msrp.outputs import Send
from sipsimple.protocols.msrp.relay.state import (
    Grant,
    Output,
    PathChanged,
    Reservation,
    ReservationFailed,
    Reserved,
    Step,
)
from sipsimple.protocols.msrp.uri import format_path, parse_path
from sipsimple.protocols.outputs import StartTimer
from sipsimple.protocols.values import replace

RESPONSE_TIMEOUT = 30.0
MAX_TRIES = 5
MAX_EXPIRES = 0xFFFFFFFF
MAX_RELAYS = 16
REFRESH_MARGIN = 60  # seconds before the end, or a fifth of the time if that is less


def transaction(reservation: Reservation) -> str:
    """The id of the AUTH that was sent last."""
    return chunk.transaction_id(reservation.terms.seed, reservation.counter - 1)


def ask_first(reservation: Reservation) -> Step:
    """Ask the nearest relay, at the beginning and for each refresh."""
    return _ask(_turn_to(reservation, 0))


def _turn_to(reservation: Reservation, hop: int) -> Reservation:
    login = reservation.earlier[hop].login if hop < len(reservation.earlier) else None
    return replace(reservation, hop=hop, tries=0, login=login)


def _ask(reservation: Reservation) -> Step:
    """Send an AUTH to the relay whose turn it is, through those that have granted their part already."""
    terms = reservation.terms
    if reservation.tries >= MAX_TRIES:
        return reservation, (ReservationFailed(0, "the relay does not come to an end"),)
    through = reservation.grants[-1].path[::-1] if reservation.grants else ()
    target = terms.relays[reservation.hop]
    fields = {"To-Path": format_path((*through, target)), "From-Path": terms.own}
    login = reservation.login
    if login is not None:
        try:
            login, fields["Authorization"] = digest.answer(login, "AUTH", target, with_uri=False)
        except LocalProtocolError as error:
            return reservation, (ReservationFailed(0, error.reason),)
    if reservation.expires is not None:
        fields["Expires"] = str(reservation.expires)
    identifier = chunk.transaction_id(terms.seed, reservation.counter)
    request = MSRPData(identifier, "AUTH", None, None, None, b"", "$", fields)
    asked = replace(reservation, counter=reservation.counter + 1, tries=reservation.tries + 1, login=login)
    return asked, (Send(request), StartTimer("response", RESPONSE_TIMEOUT))


def take_challenge(reservation: Reservation, detail: tuple[MSRPData, str]) -> Step:
    """Answer a 401; credentials that were refused are not tried again."""
    response, cnonce = detail
    terms = reservation.terms
    try:
        challenges = digest.parse_challenges([response.fields.get("WWW-Authenticate", "")])
        login = digest.next_login(
            reservation.login, challenges, terms.credentials[reservation.hop], cnonce, refuse_md5=terms.refuse_md5
        )
    except RemoteProtocolError as error:
        return reservation, (_failure(response, error.reason),)
    if login is None:
        usable = digest.choose(challenges, refuse_md5=terms.refuse_md5)
        why = "the credentials were refused" if usable else "there is no challenge that we can answer"
        return reservation, (_failure(response, why),)
    return _ask(replace(reservation, login=login))


def take_grant(reservation: Reservation, response: MSRPData) -> Step:
    """Take a 200: go on to the next relay. No outputs mean that it was the last."""
    try:
        text = response.fields.get("Use-Path", "")
        path, _ = tuple(text.split(" ")), parse_path(text)
        expires = _seconds(response, "Expires")
        login = _proven(reservation, response)
    except RemoteProtocolError as error:
        return reservation, (_failure(response, error.reason),)
    if len(path) > MAX_RELAYS:
        return reservation, (_failure(response, f"a path of {len(path)} relays"),)
    granted = replace(reservation, grants=(*reservation.grants, Grant(path, expires, login)), login=None)
    if len(granted.grants) == len(granted.terms.relays):
        return granted, ()
    return _ask(_turn_to(granted, granted.hop + 1))


def _proven(reservation: Reservation, response: MSRPData) -> digest.Login | None:
    """The login for the next time. A relay that claims to know the password must not be wrong about it."""
    login, info = reservation.login, response.fields.get("Authentication-Info")
    if login is None:
        return None
    target = reservation.terms.relays[reservation.hop]
    if info is not None and "rspauth" in info.lower() and not digest.is_genuine(login, info, target):
        raise RemoteProtocolError("the relay does not know the password")
    return digest.accepted(login, info)


def take_bounds(reservation: Reservation, response: MSRPData) -> Step:
    """Take a 423: ask again for a time within the bounds that it names."""
    try:
        lowest, highest = _seconds(response, "Min-Expires"), _seconds(response, "Max-Expires")
    except RemoteProtocolError as error:
        return reservation, (_failure(response, error.reason),)
    wanted = reservation.expires
    if wanted is not None and lowest is not None and wanted < lowest:
        wanted = lowest
    elif wanted is not None and highest is not None and wanted > highest:
        wanted = highest
    else:
        wanted = lowest if lowest is not None else highest
    if wanted is None or wanted == reservation.expires:
        return reservation, (_failure(response, "the relay refuses every time"),)
    return _ask(replace(reservation, expires=wanted))


def refusal(response: MSRPData) -> ReservationFailed:
    """What an answer means that is neither 200, 401 nor 423."""
    return _failure(response, response.comment or chunk.COMMENTS.get(response.code or 0) or "refused by the relay")


def _failure(response: MSRPData, reason: str) -> ReservationFailed:
    return ReservationFailed(response.code or 0, reason, response)


def _seconds(response: MSRPData, name: str) -> int | None:
    """Read a number of seconds.

    Raises:
        RemoteProtocolError: It is none.
    """
    text = response.fields.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise RemoteProtocolError(f"bad {name} header: {text[:40]!r}")
    return min(int(text), MAX_EXPIRES)


def refresh_after(expires: int) -> float:
    """When to refresh what is granted for so many seconds."""
    return max(1.0, expires - min(REFRESH_MARGIN, expires / 5))


def news(reservation: Reservation, path: tuple[str, ...], reserved: Reserved) -> tuple[Output, ...]:
    """What to tell when all have granted: the path the first time, later only a change."""
    if not reservation.path:
        return (reserved,)
    return () if path == reservation.path else (PathChanged(path),)
