"""Header names: their written form, their compact form, and the key under which a message keeps them.

A key is the full name in lower case. Both spellings of every known name are
in one table, so that the names of nearly every message cost one look-up each.
"""

from __future__ import annotations

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import is_token

_NAMES = """
    Accept Accept-Encoding Accept-Language Alert-Info Allow Allow-Events Authentication-Info Authorization
    Call-ID Call-Info Contact Content-Disposition Content-Encoding Content-Language Content-Length
    Content-Transfer-Encoding Content-Type CSeq Date Diversion Error-Info Event Expires Flow-Timer From Geolocation
    History-Info Identity In-Reply-To Join Max-Breadth Max-Forwards MIME-Version Min-Expires Min-SE Organization
    P-Access-Network-Info P-Asserted-Identity P-Associated-URI P-Called-Party-ID P-Preferred-Identity Path Priority
    Privacy Proxy-Authenticate Proxy-Authorization Proxy-Require RAck Reason Record-Route Recv-Info Refer-Sub Refer-To
    Referred-By Reject-Contact Remote-Party-ID Replaces Reply-To Request-Disposition Require Retry-After Route RSeq
    Security-Client Security-Server Security-Verify Server Service-Route Session-Expires SIP-ETag SIP-If-Match Subject
    Subscription-State Supported Suppress-If-Match Target-Dialog Timestamp To Trigger-Consent Unsupported User-Agent
    User-to-User Via Warning WWW-Authenticate
""".split()  # noqa: SIM905 - a word list is read more easily than a hundred literals

_COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}

SPELLINGS = {name.lower(): name for name in [*_NAMES, "Accept-Contact", "Identity-Info"]}
"""From the key to the written form."""

KEYS = (
    {name: key for key, name in SPELLINGS.items()}
    | {key: key for key in SPELLINGS}
    | _COMPACT
    | {letter.upper(): key for letter, key in _COMPACT.items()}
)
"""From the usual spellings of a name to its key; `key_of` knows the others."""


def key_of(name: str) -> str:
    """Return the key of a header name in any spelling, with blanks around it.

    Raises:
        RemoteProtocolError: The name is no token.
    """
    key = KEYS.get(name)
    if key is not None:
        return key
    name = name.strip(" \t")
    if not is_token(name):
        raise RemoteProtocolError(f"malformed header name of {len(name)} characters")  # any text may stand there
    lower = name.lower()
    return KEYS.get(lower, lower)
