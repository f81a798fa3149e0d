"""Digest authentication, the side that is challenged: choosing a challenge and answering it.

RFC 7616 and RFC 8760 (SHA-256, SHA-512-256), RFC 2617 (MD5 and answers without qop), RFC 3261 section 22.4 for SIP,
RFC 4976 section 9.1 for MSRP, which has no `uri` in the answer. Entropy comes as an argument.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols import challenge as texts
from sipsimple.protocols.challenge import Authentication, quote
from sipsimple.protocols.values import Discreet, replace

if TYPE_CHECKING:
    from collections.abc import Iterable

MD5 = "MD5"
SHA256 = "SHA-256"
SHA512_256 = "SHA-512-256"
SESS = "-sess"

STRENGTH = (MD5, SHA256, SHA512_256)
"""Every algorithm that we know, the strongest last."""

AUTH = "auth"
AUTH_INT = "auth-int"
QOPS = (AUTH, AUTH_INT)

_HASHES = {MD5: "md5", SHA256: "sha256", SHA512_256: "sha512_256"}
_NAMES = {each.lower(): each for name in STRENGTH for each in (name, name + SESS)}
_NAMES["sha-512-256"] = SHA512_256
_CNONCE = re.compile(r"[!-~]+")
_MAX_COUNT = 0xFFFFFFFF

Hash = Callable[[str], str]


class Credentials(Discreet):
    """A user and his password."""

    HIDDEN = ("password",)

    username: str
    password: str


class Challenge(Discreet):
    """One Digest challenge.

    Attributes:
        algorithm: As registered (`SHA-256`, `MD5-sess`), or the peer's text when it is unknown.
        qop: What the peer offers; empty for a challenge in the manner of RFC 2069.
        stale: The answer was right but for its nonce: the same credentials may be tried again.
        charset: `UTF-8` or None.
    """

    HIDDEN = ("nonce",)

    realm: str
    nonce: str
    algorithm: str = MD5
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False
    charset: str | None = None

    @property
    def strength(self) -> int:
        """Grows with the algorithm; below 0 when we cannot answer."""
        is_usable = not self.qop or any(each in self.qop for each in QOPS)
        name = self.algorithm.removesuffix(SESS)
        return STRENGTH.index(name) if is_usable and name in STRENGTH else -1

    def __str__(self) -> str:
        parts = [f"realm={quote(self.realm)}", f"nonce={quote(self.nonce)}", f"algorithm={self.algorithm}"]
        parts += [f'qop="{",".join(self.qop)}"'] if self.qop else []
        parts += [f"opaque={quote(self.opaque)}"] if self.opaque is not None else []
        parts += ["stale=true"] if self.stale else []
        parts += [f"charset={self.charset}"] if self.charset else []
        return "Digest " + ", ".join(parts)


class Login(Discreet):
    """Credentials bound to a challenge, good for one request after another.

    Attributes:
        count: How many answers were made with the nonce.
        is_proven: The peer has accepted one of them.
    """

    HIDDEN = (
        "cnonce",
        "ha1",
    )

    challenge: Challenge
    credentials: Credentials
    cnonce: str
    ha1: str
    count: int = 0
    is_proven: bool = False


def challenge_from(read: Authentication) -> Challenge:
    """Make the challenge of what was read.

    Raises:
        RemoteProtocolError: It is no Digest, or has no realm or nonce.
    """
    if read.scheme != "digest":
        raise RemoteProtocolError(f"not a Digest challenge: {read.scheme!r}")
    algorithm = read.get("algorithm") or MD5
    qop = tuple(each.strip().lower() for each in (read.get("qop") or "").split(",") if each.strip())
    charset = "UTF-8" if (read.get("charset") or "").upper() == "UTF-8" else None
    return Challenge(
        read.required("realm"),
        read.required("nonce"),
        _NAMES.get(algorithm.lower(), algorithm),
        qop,
        read.get("opaque"),
        (read.get("stale") or "").lower() == "true",
        charset,
    )


def parse_challenges(values: Iterable[str]) -> tuple[Challenge, ...]:
    """Read the lines of a WWW-Authenticate or Proxy-Authenticate header; other schemes than Digest are left out.

    Raises:
        RemoteProtocolError: They cannot be read.
    """
    return tuple(challenge_from(each) for each in texts.parse_all(values) if each.scheme == "digest")


def choose(challenges: Iterable[Challenge], *, refuse_md5: bool = False) -> Challenge | None:
    """The strongest challenge that we can answer, the first of equals; None when there is none."""
    weakest = 1 if refuse_md5 else 0
    usable = [each for each in challenges if each.strength >= weakest]
    return max(usable, key=lambda each: each.strength, default=None)


def log_in(challenge: Challenge, credentials: Credentials, cnonce: str) -> Login:
    """Bind credentials to a challenge.

    Args:
        challenge: A usable one, from `choose`.
        credentials: Never sent; only what is computed of them is.
        cnonce: Fresh entropy as text, such as 32 hexadecimal digits.

    Raises:
        LocalProtocolError: The challenge cannot be answered, or the cnonce is no text for a header.
    """
    if challenge.strength < 0 or not _CNONCE.fullmatch(cnonce):
        raise LocalProtocolError(f"cannot answer {challenge.algorithm} with qop {challenge.qop}, or a bad cnonce")
    username, password = credentials.username, credentials.password
    if challenge.charset:
        username, password = (unicodedata.normalize("NFC", each) for each in (username, password))
    ha1 = user_hash(challenge.algorithm, username, challenge.realm, password)
    return Login(challenge, credentials, cnonce, session_hash(challenge.algorithm, ha1, challenge.nonce, cnonce))


def next_login(
    previous: Login | None,
    challenges: Iterable[Challenge],
    credentials: Credentials,
    cnonce: str,
    *,
    refuse_md5: bool = False,
) -> Login | None:
    """What to answer a 401 or 407 with; None when there is no use in another try.

    The credentials are refused when they were tried for this realm with a nonce that is not stale; a login that had
    been accepted before is tried anew.

    Raises:
        LocalProtocolError: The cnonce is no text for a header.
    """
    chosen = choose(challenges, refuse_md5=refuse_md5)
    if chosen is None:
        return None
    is_repeated = previous is not None and previous.challenge.realm == chosen.realm and not previous.is_proven
    if is_repeated and not chosen.stale:
        return None
    return log_in(chosen, credentials, cnonce)


def answer(login: Login, method: str, uri: str, body: bytes = b"", *, with_uri: bool = True) -> tuple[Login, str]:
    """Write the Authorization value for one request; the next request is answered with the login that is returned.

    Args:
        login: From `log_in`, or from the last answer.
        method: Of the request.
        uri: Its Request-URI; for MSRP the last URI of To-Path.
        body: Counts with qop auth-int, which is taken only when auth is not offered.
        with_uri: Say the URI in the answer, as SIP wants it and MSRP does not.

    Raises:
        LocalProtocolError: A value cannot be written, or the nonce was used too often.
    """
    challenge, count = login.challenge, login.count + 1
    if count > _MAX_COUNT:
        raise LocalProtocolError("the nonce was used too often")
    qop, nc = _chosen_qop(challenge), f"{count:08x}"
    response = response_hash(challenge, login.ha1, login.cnonce, nc, qop, method, uri, body)
    username = login.credentials.username
    if challenge.charset:
        username = unicodedata.normalize("NFC", username)
    parts = [f"username={quote(username)}", f"realm={quote(challenge.realm)}", f"nonce={quote(challenge.nonce)}"]
    parts += [f"uri={quote(uri)}"] if with_uri else []
    parts += [f'response="{response}"', f"algorithm={challenge.algorithm}"]
    if qop or challenge.algorithm.endswith(SESS):
        parts.append(f"cnonce={quote(login.cnonce)}")
    parts += [f"qop={qop}", f"nc={nc}"] if qop else []
    parts += [f"opaque={quote(challenge.opaque)}"] if challenge.opaque is not None else []
    return replace(login, count=count), "Digest " + ", ".join(parts)


def accepted(login: Login, info: str | None = None) -> Login:
    """The login after the peer accepted its answer, with the next nonce when `info`, its Authentication-Info, has one.

    Raises:
        RemoteProtocolError: `info` cannot be read.
    """
    nonce = texts.parse_parameters(info).get("nextnonce") if info else None
    if nonce is None or nonce == login.challenge.nonce:
        return replace(login, is_proven=True)
    challenge = replace(login.challenge, nonce=nonce, stale=False)
    return replace(log_in(challenge, login.credentials, login.cnonce), is_proven=True)


def is_genuine(login: Login, info: str, uri: str, body: bytes = b"") -> bool:
    """Tell whether an Authentication-Info proves that the peer knows the password too (`rspauth`).

    `login` is the one that `answer` returned. Without `rspauth` nothing is proven.

    Raises:
        RemoteProtocolError: `info` cannot be read.
    """
    shown = texts.parse_parameters(info).get("rspauth", "")
    qop = _chosen_qop(login.challenge)
    due = response_hash(login.challenge, login.ha1, login.cnonce, f"{login.count:08x}", qop, "", uri, body)
    return hmac.compare_digest(_bytes(shown.lower()), due.encode())


# The formulas, which the side that challenges needs too


def hash_of(algorithm: str) -> Hash:
    """The hash function of an algorithm that we know, from text to hexadecimal digits."""
    name = _HASHES[algorithm.removesuffix(SESS)]
    return lambda text: hashlib.new(name, _bytes(text), usedforsecurity=False).hexdigest()


def user_hash(algorithm: str, username: str, realm: str, password: str) -> str:
    """What a server may keep instead of the password."""
    return hash_of(algorithm)(f"{username}:{realm}:{password}")


def session_hash(algorithm: str, ha1: str, nonce: str, cnonce: str) -> str:
    """`ha1` bound to a nonce for a `-sess` algorithm; else as it is."""
    return hash_of(algorithm)(f"{ha1}:{nonce}:{cnonce}") if algorithm.endswith(SESS) else ha1


def response_hash(
    challenge: Challenge, ha1: str, cnonce: str, nc: str, qop: str | None, method: str, uri: str, body: bytes
) -> str:
    """The response to a challenge: RFC 7616 section 3.4.1; without qop that of RFC 2617 section 3.2.2.1."""
    hashed = hash_of(challenge.algorithm)
    a2 = f"{method}:{uri}"
    if qop == AUTH_INT:
        name = _HASHES[challenge.algorithm.removesuffix(SESS)]
        a2 += f":{hashlib.new(name, body, usedforsecurity=False).hexdigest()}"
    if not qop:
        return hashed(f"{ha1}:{challenge.nonce}:{hashed(a2)}")
    return hashed(f"{ha1}:{challenge.nonce}:{nc}:{cnonce}:{qop}:{hashed(a2)}")


def _chosen_qop(challenge: Challenge) -> str | None:
    return next((each for each in QOPS if each in challenge.qop), None)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
