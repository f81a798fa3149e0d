"""Who may reach this engine: what applications write for `Engine().start(authenticate=...)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.actors.runtime.log import get_logger
from sipsimple.actors.sip.authentication import Ask, Authentication, Demand, IncomingRequest
from sipsimple.api import checking
from sipsimple.protocols.digest import MD5, STRENGTH
from sipsimple.protocols.sip.admission.guesses import Guesses
from sipsimple.protocols.sip.challenging import Challenger

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sipsimple.protocols.sip.admission.limits import AdmissionLimits
    from sipsimple.protocols.sip.challenging import HA1

EVERYBODY = frozenset({"OPTIONS"})
"""Methods that `Passwords` lets pass by default: servers ask by them whether we are there."""


class Passwords:
    """Lets nobody pass who has no password here; one for `Engine().start(authenticate=...)`.

    Args:
        realm: The name that the sender's program shows him, and by which it finds his password.
        passwords: By user name the password, or an `HA1` of it, which is good for one algorithm only: then name that
            one alone in `digest_algorithms`. The mapping is looked into whenever someone asks.
        methods: Of these requests; None: of all but OPTIONS.
    """

    def __init__(self, realm: str, passwords: Mapping[str, str | HA1], methods: Iterable[str] | None = None) -> None:
        self._demand = Demand(checking.line("realm", realm), self._password_of)
        self._passwords = passwords
        self._methods = None if methods is None else frozenset(checking.texts("methods", methods))

    def __call__(self, request: IncomingRequest) -> Demand | None:
        """Return what is demanded of the sender of a request."""
        methods = self._methods
        is_wanted = request.method not in EVERYBODY if methods is None else request.method in methods
        return self._demand if is_wanted else None

    def _password_of(self, username: str, _realm: str, _algorithm: str) -> str | HA1 | None:
        return self._passwords.get(username)

    def __repr__(self) -> str:
        return f"<Passwords for {self._demand.realm!r}>"


def checked_ask(name: str, value: Any) -> Ask | None:
    """Return what the application is asked by, or None."""
    if value is not None and not callable(value):
        raise TypeError(f"{name} must be callable, not {value!r}")
    ask: Ask | None = value
    return ask


def checked_algorithms(name: str, value: Any) -> tuple[str, ...]:
    """Return the algorithms that are offered, at least one."""
    algorithms = checking.texts(name, value, "names")
    if not algorithms or any(each not in STRENGTH for each in algorithms) or len(set(algorithms)) < len(algorithms):
        raise ValueError(f"{name} must be some of {', '.join(STRENGTH)}, each once, not {value!r}")
    return algorithms


def authentication(ask: Ask | None, algorithms: tuple[str, ...], limits: AdmissionLimits, key: bytes) -> Authentication:
    """Make what the endpoint has strangers examined by."""
    guesses = Guesses(limits.wrong_answers_per_minute_per_name, limits.wrong_answers_per_minute_per_source)
    return Authentication(ask, Challenger(key, algorithms, guesses), get_logger(component="endpoint"))


def without_md5(algorithms: tuple[str, ...]) -> tuple[str, ...]:
    """Return the algorithms but for MD5.

    Raises:
        ValueError: Then there is none.
    """
    kept = tuple([each for each in algorithms if each != MD5])
    if not kept:
        raise ValueError("digest_algorithms must not be MD5 alone where refuse_md5 is set")
    return kept
