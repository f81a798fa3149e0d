"""Why a call failed, as `SCSessionDidFail` tells it."""

from __future__ import annotations

from dataclasses import dataclass

from sipsimple.protocols.sip.status import reason_phrase


@dataclass(frozen=True, slots=True)
class Failure:
    """The data of `SCSessionDidFail`; made by `local` or `remote`, its reason is never empty."""

    originator: str
    code: int
    reason: str

    @classmethod
    def local(cls, code: int, reason: str = "") -> Failure:
        """Blame this side."""
        return cls("local", code, reason.strip() or reason_phrase(code))

    @classmethod
    def remote(cls, code: int, reason: str = "") -> Failure:
        """Blame the peer."""
        return cls("remote", code, reason.strip() or reason_phrase(code))
