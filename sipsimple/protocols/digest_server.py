"""Digest authentication, the side that challenges: nonces that prove themselves, and the check of an answer.

A nonce carries when it was made and a MAC over that, so that no nonce has to be remembered before it was used.
RFC 7616 sections 3.3 to 3.5 and 5.12 (replay), RFC 3261 section 22. Time, entropy and key come as arguments.
"""

from __future__ import annotations

import hmac
import re
from enum import StrEnum

from immutables import Map

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols import challenge as texts
from sipsimple.protocols.digest import (
    AUTH,
    MD5,
    SESS,
    SHA256,
    Challenge,
    Login,
    response_hash,
    session_hash,
)
from sipsimple.protocols.values import Discreet

LIFETIME = 300.0
MAX_REMEMBERED = 65_536

_NONCE = re.compile(r"([0-9a-f]{12})([0-9a-f]{16,64})\.([0-9a-f]{32})")
_COUNT = re.compile(r"[0-9A-Fa-f]{8}")


class Verdict(StrEnum):
    """What an answer is worth."""

    ACCEPTED = "ACCEPTED"
    STALE = "STALE"  # right, but for its nonce: challenge again, with stale
    REFUSED = "REFUSED"


class Replays(Discreet):
    """The highest count that came with each nonce, until the nonce is stale anyway."""

    HIDDEN = ("counts",)

    counts: Map[str, int] = Map()


class Answer(Discreet):
    """An Authorization or Proxy-Authorization value.

    Attributes:
        uri: What the answer says it is about; None in MSRP, which does not say it.
    """

    HIDDEN = (
        "nonce",
        "response",
        "cnonce",
    )

    username: str
    realm: str
    nonce: str
    response: str
    algorithm: str = MD5
    uri: str | None = None
    qop: str | None = None
    nc: str = ""
    cnonce: str = ""


def make_challenge(
    realm: str,
    key: bytes,
    now: float,
    entropy: str,
    algorithm: str = SHA256,
    qop: tuple[str, ...] = (AUTH,),
    *,
    stale: bool = False,
) -> Challenge:
    """Make a challenge.

    Args:
        realm: Shown to the user.
        key: Secret of this server, at least 16 bytes; the same for `verify`.
        now: Seconds of any clock that does not go back while the server runs.
        entropy: 16 to 64 hexadecimal digits, fresh.
        algorithm: The one that the answer must use.
        qop: What is offered.
        stale: The last answer was right but for its nonce.
    """
    stamp = f"{int(now * 1000) & 0xFFFFFFFFFFFF:012x}{entropy}"
    return Challenge(realm, f"{stamp}.{_mac(key, realm, stamp)}", algorithm, qop, None, stale, "UTF-8")


def parse_answer(value: str) -> Answer:
    """Read an Authorization value.

    Raises:
        RemoteProtocolError: It is no Digest, or something that must be there is missing.
    """
    read = texts.parse(value)
    if read.scheme != "digest":
        raise RemoteProtocolError(f"not a Digest answer: {read.scheme!r}")
    username = read.get("username")
    if username is None:
        username = texts.extended(read.required("username*"))
    if username is None:
        raise RemoteProtocolError("username* cannot be read")
    qop = read.get("qop")
    return Answer(
        username,
        read.required("realm"),
        read.required("nonce"),
        read.required("response").lower(),
        read.get("algorithm") or MD5,
        read.get("uri"),
        qop.lower() if qop else None,
        read.get("nc") or "",
        read.get("cnonce") or "",
    )


def verify(
    given: Answer,
    challenge: Challenge,
    ha1: str,
    method: str,
    uri: str,
    body: bytes,
    key: bytes,
    now: float,
    replays: Replays,
    lifetime: float = LIFETIME,
) -> tuple[Replays, Verdict]:
    """Check an answer against the kind of challenge that this server makes.

    Args:
        given: From `parse_answer`.
        challenge: Any one made by `make_challenge`: its realm, algorithm and qop count, its nonce does not.
        ha1: `digest.user_hash` of the user whom the answer names.
        method: Of the request.
        uri: What the answer is about. Whoever lets proxies rewrite it passes `given.uri`, having compared it.
        body: Of the request.
        key: As for `make_challenge`.
        now: By the same clock.
        replays: Of this server; the one returned comes next.
        lifetime: Seconds that a nonce is good for.
    """
    if not _is_of_this_kind(given, challenge, uri):
        return replays, Verdict.REFUSED
    made = _made_at(given.nonce, given.realm, key)
    if made is None:
        return replays, Verdict.STALE  # of another server, or from before its restart
    asked = Challenge(given.realm, given.nonce, challenge.algorithm)
    bound = session_hash(challenge.algorithm, ha1, given.nonce, given.cnonce)
    due = response_hash(asked, bound, given.cnonce, given.nc, given.qop, method, uri, body)
    if not hmac.compare_digest(_bytes(given.response), due.encode()):
        return replays, Verdict.REFUSED
    if not 0 <= now - made <= lifetime:
        return replays, Verdict.STALE
    return _count(replays, given, now, lifetime)


def authentication_info(login: Login, uri: str, body: bytes = b"", next_nonce: str | None = None) -> str:
    """Write the Authentication-Info that proves to the other side that this one knows the password too.

    Args:
        login: The answer as its sender has it: nonce, cnonce, ha1 and the count that was used.
        uri: Of the request.
        body: Of the response.
        next_nonce: For its next request.
    """
    qop, nc = next(iter(login.challenge.qop), AUTH), f"{login.count:08x}"
    proof = response_hash(login.challenge, login.ha1, login.cnonce, nc, qop, "", uri, body)
    parts = [f'rspauth="{proof}"', f'cnonce="{login.cnonce}"', f"nc={nc}", f"qop={qop}"]
    return ", ".join(([f'nextnonce="{next_nonce}"'] if next_nonce else []) + parts)


def _is_of_this_kind(given: Answer, challenge: Challenge, uri: str) -> bool:
    if given.realm != challenge.realm or given.algorithm.lower() != challenge.algorithm.lower():
        return False
    if given.uri is not None and given.uri != uri:
        return False
    if not challenge.qop:
        return given.qop is None and (not challenge.algorithm.endswith(SESS) or bool(given.cnonce))
    return given.qop in challenge.qop and bool(given.cnonce) and _COUNT.fullmatch(given.nc) is not None


def _made_at(nonce: str, realm: str, key: bytes) -> float | None:
    """When a nonce of ours was made; None for another's."""
    found = _NONCE.fullmatch(nonce)
    if found is None or not hmac.compare_digest(found[3], _mac(key, realm, found[1] + found[2])):
        return None
    return int(found[1], 16) / 1000


def _count(replays: Replays, given: Answer, now: float, lifetime: float) -> tuple[Replays, Verdict]:
    """Take the count of a right answer: it must grow. An answer without a count is good for once."""
    count = int(given.nc, 16) if given.qop else 1
    if count <= replays.counts.get(given.nonce, 0):
        return replays, Verdict.STALE
    counts = replays.counts
    if len(counts) >= MAX_REMEMBERED:
        counts = _fresh(counts, now, lifetime)
        if len(counts) >= MAX_REMEMBERED:
            return replays, Verdict.STALE
    return Replays(counts.set(given.nonce, count)), Verdict.ACCEPTED


def _fresh(counts: Map[str, int], now: float, lifetime: float) -> Map[str, int]:
    return Map({nonce: count for nonce, count in counts.items() if now - int(nonce[:12], 16) / 1000 <= lifetime})


def _mac(key: bytes, realm: str, stamp: str) -> str:
    return hmac.new(key, _bytes(f"{realm}:{stamp}"), "sha256").hexdigest()[:32]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
