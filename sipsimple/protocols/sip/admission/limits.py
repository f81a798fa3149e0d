"""What strangers may ask of us, and what they are told: the settings of an endpoint."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols.sip.admission.throttle import Patience, is_above_zero
from sipsimple.protocols.sip.message import MAX_SIZE
from sipsimple.protocols.sip.usage.policy import RINGING_SECONDS
from sipsimple.protocols.values import Value


@dataclass(frozen=True, slots=True)
class AdmissionLimits:
    """Bounds on what strangers may ask.

    A source may be a proxy that everybody comes through: who serves one lets it have as much as all. By default no one
    source can have so many pending calls, or subscriptions, that nobody else is heard.

    Attributes:
        calls_per_second: New INVITEs in total; a second's worth may come at once.
        calls_per_second_per_source: Likewise from one source.
        pending_calls: Incoming calls that ring or whose answer was not acknowledged, in total.
        pending_calls_per_source: Likewise from one source.
        ringing_seconds: An incoming call that is not answered by then is refused with 408; one whose INVITE expires
            earlier, with 487.
        calls: Incoming calls that are not over, in total.
        calls_per_source: Likewise from one source.
        subscriptions: Those of others to what is served here, in total.
        subscriptions_per_source: Likewise from one source.
        requests_per_second: Other requests that belong to no call, in total.
        requests_per_second_per_source: Likewise from one source.
        malformed_per_second: Messages answered and logged although they cannot be read, in total.
        malformed_per_second_per_source: Likewise from one source.
        refusals_per_second: Refusals by these bounds that are told to the sender; beyond them there is silence.
        wrong_answers_per_minute_per_name: Answers to challenges with a wrong password, for one user name from one
            source, after a burst of five; until then no answer for this name is looked at from there.
        wrong_answers_per_minute_per_source: Likewise for all names from one source, after a burst of fifty.
        message_bytes: Size of one message.
        patience: How long a new call may wait to be begun.
        retry_after: Seconds after which a refused sender may come again.

    Raises:
        LocalProtocolError: One is no number above 0, or `patience` is none.
    """

    calls_per_second: float = 10_000
    calls_per_second_per_source: float = 5_000
    pending_calls: int = 20_000
    pending_calls_per_source: int = 2_000
    ringing_seconds: float = RINGING_SECONDS
    calls: int = 100_000
    calls_per_source: int = 50_000
    subscriptions: int = 50_000
    subscriptions_per_source: int = 5_000
    requests_per_second: float = 5_000
    requests_per_second_per_source: float = 1_000
    malformed_per_second: float = 500
    malformed_per_second_per_source: float = 50
    refusals_per_second: float = 20_000
    wrong_answers_per_minute_per_name: float = 6
    wrong_answers_per_minute_per_source: float = 60
    message_bytes: int = MAX_SIZE
    patience: Patience = field(default_factory=Patience)
    retry_after: int = 2

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if name == "patience":
                if not isinstance(value, Patience):
                    raise LocalProtocolError(f"patience is a Patience, not {value!r}")
            elif not is_above_zero(value):
                raise LocalProtocolError(f"{name} is a number above 0, not {value!r}")


class Manners(Value):
    """How strangers are met.

    Attributes:
        users: The names that are called here; others get 404, to INVITE and OPTIONS alike. None: any name.
        shows_server: Answers outside of calls bear our Server header, which scanners collect.
        follows_maddr: Responses go to the address in a Via's maddr, though the request came from another. Whoever
            forges requests could aim our responses with it; only multicast needs it (RFC 3261 §18.2.2).
        takes_own_calls: An INVITE of ours that comes back may become a call; else it is a loop (482).

    Raises:
        LocalProtocolError: The names are no set of texts.
    """

    users: frozenset[str] | None = None
    shows_server: bool = False
    follows_maddr: bool = False
    takes_own_calls: bool = True

    def __post_init__(self) -> None:
        users = self.users
        if users is not None and not (isinstance(users, Set) and all(isinstance(each, str) for each in users)):
            raise LocalProtocolError(f"users is a set of names, not {users!r}")
