"""Why a call failed, as `SCSessionDidFail` tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipsimple.protocols.sip.status import reason_phrase
from sipsimple.protocols.values import Value

if TYPE_CHECKING:
    from sipsimple.protocols.sip.headers.reason import Reason


class Failure(Value):
    """The data of `SCSessionDidFail`; made by `local` or `remote`, its reason is never empty.

    Attributes:
        originator: "local" or "remote".
        code: A SIP status; 0 for none.
        reason: For people.
        why: What the peer gave as its Reason.
        contacts: Where a 3xx says that the callee is.
    """

    originator: str
    code: int
    reason: str
    why: Reason | None = None
    contacts: tuple[str, ...] | None = None

    @classmethod
    def local(cls, code: int, reason: str = "") -> Failure:
        """Blame this side."""
        return cls("local", code, reason.strip() or reason_phrase(code))

    @classmethod
    def remote(
        cls, code: int, reason: str = "", why: Reason | None = None, contacts: tuple[str, ...] | None = None
    ) -> Failure:
        """Blame the peer."""
        return cls("remote", code, reason.strip() or reason_phrase(code), why, contacts)

    def data(self) -> dict[str, Any]:
        """Return the data of the notification; what was not given is left out."""
        data: dict[str, Any] = {"originator": self.originator, "code": self.code, "reason": self.reason}
        if self.why is not None:
            data.update(cause=self.why.cause, protocol=self.why.protocol)
        if self.contacts is not None:
            data["redirect_identities"] = self.contacts
        return data
