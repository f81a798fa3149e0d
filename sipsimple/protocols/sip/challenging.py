"""Asking strangers who they are: which challenge they get, and what their answer is worth.

A challenge is made without memory: its nonce proves itself. What is remembered is bounded: how far each nonce was
used, which answers were right just now, so that a repeat over UDP is no replay, and how often a source was wrong.

A nonce is good for the source that asked for it, so that nobody can be wrong in the name of another source. A user
that there is not costs as much as a wrong password, and is answered alike.

RFC: 3261 22.1, 22.2, 22.4, 8.2.7; 7616 3.3, 3.4, 5.12; 8760 2.4 (the strongest algorithm stands first).
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.digest import MD5, SHA256, STRENGTH, user_hash
from sipsimple.protocols.digest_server import Answer, Replays, Verdict, make_challenge, parse_answer, verify
from sipsimple.protocols.sip.admission.guesses import Guesses
from sipsimple.protocols.sip.admission.recent import Recent
from sipsimple.protocols.sip.uri import URI
from sipsimple.protocols.values import Discreet, Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Request

Header = tuple[str, str]

ALGORITHMS = (SHA256, MD5)
"""What is offered by default."""

NEVER_ASKED = frozenset({"ACK", "CANCEL"})
"""These cannot be sent again with an answer."""

REPEAT_SECONDS = 32.0
"""A repeat comes within 64*T1."""

REPEATS = 8192
"""Right answers that are remembered, at the least."""

_ROWS = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class HA1(Discreet):
    """What may be kept in place of a password: hexadecimal digits that are good for one realm and one algorithm."""

    HIDDEN = ("digits",)

    digits: str


class Turn(Value):
    """What one request is judged by beside what it says.

    Attributes:
        source: Where it came from.
        now: The time, by a clock that does not go back.
        entropy: Fresh, for the next nonce: 16 to 64 hexadecimal digits.
        realm: In which it has to be authenticated.
        status: 401; 407 where this end speaks for others.
    """

    source: str
    now: float
    entropy: str
    realm: str
    status: int = 401


class Admitted(Value):
    """The sender is who he says."""

    username: str
    realm: str


class Asked(Value):
    """The sender is answered `status` with `headers`; `why` is for the log."""

    status: int
    headers: tuple[Header, ...]
    why: str


class Challenger:
    """Challenges and judges for one endpoint.

    Args:
        key: Secret of this endpoint, 16 bytes or more, random.
        algorithms: What is offered, of `digest.STRENGTH`.
        guesses: How often someone may be wrong.
    """

    def __init__(self, key: bytes, algorithms: tuple[str, ...] = ALGORITHMS, guesses: Guesses | None = None) -> None:
        self.algorithms = tuple(sorted(algorithms, key=STRENGTH.index, reverse=True))
        self.guesses = guesses or Guesses()
        self._key = key
        self._nobody = hmac.digest(key, b"nobody's password", "sha256").hex()
        self._replays = Replays()
        self._right = Recent(REPEATS, REPEAT_SECONDS)

    def answer_in(self, request: Request, turn: Turn) -> Answer | None:
        """Return the answer that a request bears for the realm, if it can be read."""
        for line in request.get_all(_ROWS[turn.status][1]):
            try:
                answer = parse_answer(line)
            except RemoteProtocolError:
                continue
            if answer.realm == turn.realm:
                return answer
        return None

    def ask(self, turn: Turn, why: str, *, stale: bool = False) -> Asked:
        """Return the challenges, the strongest first.

        Raises:
            LocalProtocolError: The realm cannot be written in a header.
        """
        name, key = _ROWS[turn.status][0], self._key_for(turn)
        offers = [
            make_challenge(turn.realm, key, turn.now, turn.entropy, each, stale=stale) for each in self.algorithms
        ]
        return Asked(turn.status, tuple([(name, str(each)) for each in offers]), why)

    def is_repeated(self, request: Request) -> bool:
        """Tell whether this very request, byte for byte, was admitted just now."""
        return self._right.has(bytes(request))

    def judge(self, request: Request, answer: Answer, secret: str | HA1 | None, turn: Turn) -> Admitted | Asked:
        """Check an answer.

        Args:
            request: Which bears it.
            answer: From `answer_in`.
            secret: The password of the user whom it names, or what is kept of it; None: there is no such user.
            turn: The rest.
        """
        kind = next((each for each in self.algorithms if each.lower() == answer.algorithm.lower()), None)
        if kind is None or not _is_about(request, answer.uri):
            return self.ask(turn, "not an answer to the question")
        key = self._key_for(turn)
        offer = make_challenge(turn.realm, key, turn.now, turn.entropy, kind)
        ha1 = self._ha1(kind, answer, secret)
        self._replays, verdict = verify(
            answer, offer, ha1, request.method, answer.uri or "", request.body, key, turn.now, self._replays
        )
        if verdict is Verdict.REFUSED:
            self.guesses.wrong(turn.source, answer.username, turn.now)
            return self.ask(turn, "wrong password or no such user")
        if verdict is Verdict.STALE:
            return self.ask(turn, "the nonce is used up", stale=True)
        self._right.add(bytes(request), turn.now)
        return Admitted(answer.username, turn.realm)

    def _key_for(self, turn: Turn) -> bytes:
        return hmac.digest(self._key, turn.source.encode(), "sha256")

    def _ha1(self, algorithm: str, answer: Answer, secret: str | HA1 | None) -> str:
        """Return what the answer is to be made with; nobody's password is as long to compute as anyone's."""
        password = secret if isinstance(secret, str) else self._nobody
        computed = user_hash(algorithm, answer.username, answer.realm, password)
        return secret.digits.lower() if isinstance(secret, HA1) else computed


def _is_about(request: Request, uri: str | None) -> bool:
    """Tell whether an answer was made for this request.

    A proxy may have given it another Request-URI on the way; then only the sender's is known. Some senders leave
    out the user.
    """
    if uri is None:
        return False
    if uri == request.uri or len(request.vias) > 1:
        return True
    try:
        theirs, ours = URI.parse(uri), request.request_uri
    except RemoteProtocolError:
        return False
    is_host_only = theirs.user is None and (theirs.host.lower(), theirs.port) == (ours.host.lower(), ours.port)
    return is_host_only or theirs.matches(ours)
