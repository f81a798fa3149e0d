"""Event and Subscription-State (RFC 6665 8.2.1, 8.2.3)."""

from __future__ import annotations

from typing import Self

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import is_token
from sipsimple.protocols.sip.headers.parameters import Parameterized, Parameters, format_parameters, parse_parameters
from sipsimple.protocols.sip.headers.tokens import parse_delta_seconds
from sipsimple.protocols.values import Value


class Event(Parameterized, Value):
    """An event package, with its templates, and which of several subscriptions to it is meant.

    Names of packages are compared as they are written.
    """

    package: str
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one value."""
        return cls(*_token_and_parameters(text, "an event"))

    @property
    def id(self) -> str | None:
        """Tells subscriptions within one dialog apart; None where there is no such need."""
        return self.parameter("id")

    def __str__(self) -> str:
        return f"{self.package}{format_parameters(self.parameters)}"


class SubscriptionState(Parameterized, Value):
    """Where the notifier sees the subscription.

    `state` is "active", "pending", "terminated", or a word of an extension, in lower case.
    """

    state: str
    parameters: Parameters = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one value."""
        state, parameters = _token_and_parameters(text, "a subscription state")
        return cls(state.lower(), parameters)

    @property
    def reason(self) -> str:
        """Why it is terminated; empty without a reason."""
        return (self.parameter("reason") or "").lower()

    @property
    def expires(self) -> int | None:
        """Seconds that are left."""
        return self._seconds("expires")

    @property
    def retry_after(self) -> int | None:
        """Seconds after which another subscription is welcome."""
        return self._seconds("retry-after")

    def _seconds(self, name: str) -> int | None:
        value = self.parameter(name)
        return None if value is None else parse_delta_seconds(value)


def _token_and_parameters(text: str, what: str) -> tuple[str, Parameters]:
    token, semicolon, rest = text.strip().partition(";")
    token = token.rstrip(" \t")
    if not is_token(token):
        raise RemoteProtocolError(f"not {what}: {text[:80]!r}")
    return token, parse_parameters(f"{semicolon}{rest}")
