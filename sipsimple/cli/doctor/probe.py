"""OPTIONS to one target: whether anything answers there, and how soon."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from sipsimple.cli.watch import Watch
from sipsimple.core import SIPURI, Credentials, Request

if TYPE_CHECKING:
    from sipsimple.protocols.sip.resolve.targets import Target

ENDING_SECONDS = 1.0
"""An answer that is due may be so late."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What became of one OPTIONS.

    Attributes:
        target: Where it went.
        code: Of the answer; 0: there was none.
        reason: Of the answer, or why there is none.
        milliseconds: From the request to the answer.
    """

    target: Target
    code: int
    reason: str
    milliseconds: float = 0.0

    @property
    def is_answered(self) -> bool:
        """Any answer shows that a SIP server is there."""
        return self.code > 0


def probe(target: Target, caller: SIPURI, seconds: float) -> Probe:
    """Ask, and wait for the answer."""
    uri = request_uri(target)
    request = Request("OPTIONS", Credentials(caller), uri, uri)
    with Watch(request) as watch:
        begun = monotonic()
        request.send(seconds)
        watch.wait(lambda: any(watch.named("SCRequestDidEnd")), seconds + ENDING_SECONDS)
        for each in watch.told:
            if each.name in ("SCRequestDidSucceed", "SCRequestDidFail"):
                data = each.data
                took = (monotonic() - begun) * 1000
                return Probe(target, 0 if data.headers is None else data.code, data.reason, took)
    return Probe(target, 0, "no answer")


def request_uri(target: Target) -> SIPURI:
    """Return a URI that leads to this target and no other; a TLS server must prove to be the domain all the same."""
    domain = target.server_name or target.host
    parameters: dict[str, str | None] = {"transport": target.transport}
    if domain != target.host:
        parameters["maddr"] = f"[{target.host}]" if ":" in target.host else target.host
    return SIPURI(domain, port=target.port, parameters=parameters)
