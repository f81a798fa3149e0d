"""Answering the challenges to one user's requests: which credentials go where, again and again.

A 401 asks in WWW-Authenticate and is answered in Authorization, a 407 in Proxy-Authenticate and
Proxy-Authorization; a proxy that forked may put both into one response. Each realm is answered by itself. What was
answered once goes with every later request of the same user.

RFC: 3261 22.1 to 22.4, 16.7; 7616 3.3 to 3.5; 8760 2.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols import challenge as texts
from sipsimple.protocols import digest
from sipsimple.protocols.values import Discreet, Value, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipsimple.protocols.digest import Challenge
    from sipsimple.protocols.sip.message import Request, Response

Header = tuple[str, str]

CHALLENGES = (401, 407)
"""The statuses that ask for credentials."""

USER, PROXY = "Authorization", "Proxy-Authorization"

_ASKED_IN = {USER: "www-authenticate", PROXY: "proxy-authenticate"}
_TOLD_IN = {USER: "authentication-info", PROXY: "proxy-authentication-info"}

MAX_TRIES = 6
"""Challenges that are answered in a row: some proxies, the callee, and a nonce or two that went stale."""

MAX_LOGINS = 8
"""Realms that are remembered; beyond them the oldest is forgotten."""


class Why(StrEnum):
    """Why there is no use in sending again: the first words of what `challenged` returns, up to the colon."""

    NO_ACCOUNT = "no password"
    REFUSED = "wrong password"
    ONLY_MD5 = "only MD5 offered"
    UNKNOWN = "no algorithm in common"
    UNREADABLE = "unreadable challenge"
    TOO_OFTEN = "challenged too often"


class Account(Discreet):
    """A name and a password, for one realm or, with None, for any that has no account of its own."""

    HIDDEN = ("password",)

    username: str
    password: str
    realm: str | None = None


class Login(Value):
    """What one realm gets: the header that it reads, and the digest that goes on from request to request."""

    header: str
    digest: digest.Login


class Authorization(Value):
    """What one user can answer challenges with, and has answered.

    Attributes:
        accounts: Names and passwords.
        refuse_md5: Never answer with MD5.
        logins: One for each realm that has asked.
        tries: Challenges in a row that were answered.
    """

    accounts: tuple[Account, ...] = ()
    refuse_md5: bool = False
    logins: tuple[Login, ...] = ()
    tries: int = 0


NOBODY = Authorization()
"""Someone without a password."""


def credentials(auth: Authorization, method: str, uri: str, body: bytes) -> tuple[Authorization, tuple[Header, ...]]:
    """Return the header lines for one request that is about to be sent; each counts as one use of its nonce.

    Args:
        auth: Whose request it is.
        method: Of the request.
        uri: Its Request-URI.
        body: Counts where only qop auth-int is offered.
    """
    if not auth.logins:
        return auth, ()
    answered = [(each.header, digest.answer(each.digest, method, uri, body)) for each in auth.logins]
    logins = tuple([Login(header, login) for header, (login, _line) in answered])
    return replace(auth, logins=logins), tuple([(header, line) for header, (_login, line) in answered])


def authorized(auth: Authorization, request: Request) -> tuple[Authorization, Request]:
    """Return the request with the credentials that go with it, in place of those that it may have."""
    auth, lines = credentials(auth, request.method, request.uri, request.body)
    if not lines and request.get(USER) is None and request.get(PROXY) is None:
        return auth, request
    return auth, request.replacing({kind: [line for header, line in lines if header == kind] for kind in _ASKED_IN})


def challenged(
    auth: Authorization, request: Request, response: Response, entropy: str
) -> tuple[Authorization, str | None]:
    """Take a 401 or 407 with any number of challenges.

    Each realm is answered that there is an account for. One that has refused an answer to a fresh nonce is not
    answered again: the password is wrong.

    Args:
        auth: Whose request it was.
        request: As it was sent.
        response: To it.
        entropy: Fresh, 16 to 64 hexadecimal digits.

    Returns:
        What to send again with, and None; or why there is no use, see `Why`.
    """
    fresh: list[Login] = []
    reasons: list[str] = []
    for header, realm, offered in _asked(response):
        if isinstance(offered, str):
            reasons.append(offered)
            continue
        made = _answer(auth, request, header, realm, offered, f"{entropy}{len(fresh)}")
        if isinstance(made, str):
            reasons.append(made)
        else:
            fresh.append(Login(header, made))
    if not fresh:
        return auth, reasons[0] if reasons else f"{Why.UNREADABLE}: there is none"
    if auth.tries >= MAX_TRIES:
        return auth, f"{Why.TOO_OFTEN}: realm {fresh[0].digest.challenge.realm}"
    known = [each for each in auth.logins if _name(each) not in {_name(login) for login in fresh}]
    logins = tuple([*known, *fresh][-MAX_LOGINS:])
    return replace(auth, logins=logins, tries=auth.tries + 1), None


def accepted(auth: Authorization, response: Response) -> Authorization:
    """Take a final response that is no challenge: nobody asks any more, whatever else is wrong with the request.

    The nonce for the next request, where the server names one (Authentication-Info), is taken over.
    """
    if not auth.logins:
        return auth
    return replace(auth, logins=tuple([_proven(each, auth, response) for each in auth.logins]), tries=0)


def elsewhere(auth: Authorization) -> Authorization:
    """Return what another server is asked with: it may not know the nonces, and says so without the word stale."""
    if not auth.logins:
        return auth
    logins = [replace(each, digest=replace(each.digest, is_proven=True)) for each in auth.logins]
    return replace(auth, logins=tuple(logins))


def realms(response: Response) -> tuple[str, ...]:
    """Return which realms ask, as far as that can be read."""
    return tuple(dict.fromkeys([realm for _header, realm, _offered in _asked(response) if realm]))


def _asked(response: Response) -> Iterator[tuple[str, str, list[Challenge] | str]]:
    """Say by header and realm what is offered there; of what cannot be read: why."""
    for header, name in _ASKED_IN.items():
        by_realm: dict[str, list[Challenge]] = {}
        for line in response.get_all(name):
            try:
                for each in digest.parse_challenges((line,)):
                    str(each)  # what cannot be written in a header cannot be answered
                    by_realm.setdefault(each.realm, []).append(each)
            except (RemoteProtocolError, LocalProtocolError) as error:
                yield header, "", f"{Why.UNREADABLE}: {error}"
        for realm, offered in by_realm.items():
            yield header, realm, offered


def _answer(
    auth: Authorization, request: Request, header: str, realm: str, offered: list[Challenge], entropy: str
) -> digest.Login | str:
    account = _account(auth, realm)
    if account is None:
        return f"{Why.NO_ACCOUNT}: realm {realm}"
    chosen = digest.choose(offered, refuse_md5=auth.refuse_md5)
    if chosen is None:
        why = Why.ONLY_MD5 if auth.refuse_md5 and digest.choose(offered) is not None else Why.UNKNOWN
        return f"{why}: realm {realm}"
    if not chosen.stale and _was_refused(auth, request, header, realm):
        return f"{Why.REFUSED}: realm {realm}"
    return digest.log_in(chosen, digest.Credentials(account.username, account.password), entropy)


def _account(auth: Authorization, realm: str) -> Account | None:
    exact = [each for each in auth.accounts if each.realm == realm]
    return next(iter(exact or [each for each in auth.accounts if each.realm is None]), None)


def _was_refused(auth: Authorization, request: Request, header: str, realm: str) -> bool:
    """Tell whether the request bore an answer for this realm that nothing but the password can be wrong with.

    One that was made with a nonce which had worked before, or which was replaced since, may only have come too late.
    """
    shown = _shown(request, header, realm)
    if shown is None:
        return False
    login = next((each.digest for each in auth.logins if _name(each) == (header, realm)), None)
    return login is None or (login.challenge.nonce == shown and not login.is_proven)


def _shown(request: Request, header: str, realm: str) -> str | None:
    """Return the nonce of the answer for `realm` that the request bore."""
    answers = texts.parse_all(request.get_all(header))
    return next((each.get("nonce") for each in answers if each.get("realm") == realm), None)


def _proven(login: Login, auth: Authorization, response: Response) -> Login:
    info = response.get(_TOLD_IN[login.header])
    try:
        after = digest.accepted(login.digest, info if _is_for(login, auth, info) else None)
        str(after.challenge)  # the next nonce too has to be written in a header
    except (RemoteProtocolError, LocalProtocolError):
        after = digest.accepted(login.digest)
    return Login(login.header, after)


def _is_for(login: Login, auth: Authorization, info: str | None) -> bool:
    """Tell whose an Authentication-Info is: it names no realm, but may repeat our cnonce."""
    if info is None:
        return False
    cnonce = texts.parse_parameters(info).get("cnonce")
    if cnonce is not None:
        return cnonce == login.digest.cnonce
    return len([each for each in auth.logins if each.header == login.header]) == 1


def _name(login: Login) -> tuple[str, str]:
    return login.header, login.digest.challenge.realm
