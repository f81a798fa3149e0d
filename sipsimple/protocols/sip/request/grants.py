"""What the answer to a request for some time says: how long is granted, how long is least, which failures are final.

RFC: 3261 20.19, 20.23, 21.4, 21.6; 3903 4; 6665 4.1.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.headers.tokens import parse_delta_seconds

if TYPE_CHECKING:
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.request.outputs import Outcome

_FINAL = frozenset(
    {401, 402, 403, 404, 405, 406, 407, 410, 413, 414, 415, 416, 420, 421, 489, 493, 501, 505, 603, 604, 606}
)


def is_final(code: int) -> bool:
    """Tell whether a failure will not pass by itself."""
    return code in _FINAL or 300 <= code < 400


def granted(response: Response, asked: int, most: int) -> float:
    """Return the seconds that a 2xx grants, which are those that were asked for where it does not say."""
    try:
        said = response.expires
    except RemoteProtocolError:
        said = None
    return float(min(asked if said is None else said, most))


def least(response: Response) -> int | None:
    """Return the Min-Expires of a 423; None where it has none that can be read."""
    value = response.get("min-expires")
    try:
        return None if value is None else parse_delta_seconds(value)
    except RemoteProtocolError:
        return None


def response_of(outcome: Outcome) -> Response:
    """Return the response of an outcome that has one."""
    if outcome.response is None:
        raise AssertionError("nobody answered")
    return outcome.response
