"""Addresses in the headers of a CPIM wrapper: an optional display name and a URI. RFC 3862 section 4.1."""

from __future__ import annotations

import re
from functools import lru_cache

from sipsimple.errors import RemoteProtocolError

_SCHEME = re.compile(r"(?:sips?|im|pres):", re.IGNORECASE)
_PARAMETERS = re.compile("[;?]")


@lru_cache(maxsize=256)
def parse_address(value: str) -> tuple[str | None, str]:
    """Split `Display <uri>`, `"Display" <uri>`, `<uri>` or a bare URI; an address without a scheme becomes a sip: URI.

    Raises:
        RemoteProtocolError: 400: there is no address in it.
    """
    display, bracket, rest = value.rpartition("<")
    uri, closing, _ = rest.partition(">") if bracket else (rest.strip(), ">", "")
    is_address = bracket or ":" in uri or "@" in uri
    if not uri or not closing or not is_address:
        raise RemoteProtocolError(f"no address in {value!r}")
    display = display.strip()
    if len(display) > 1 and display[0] == display[-1] == '"':
        display = display[1:-1]
    return display or None, uri if ":" in uri.partition("@")[0] else f"sip:{uri}"


def format_address(uri: str, display_name: str | None = None) -> str:
    """Write the value of From, To or cc for `build`."""
    if not display_name:
        return f"<{uri}>"
    quoted = display_name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{uri}>'


def same_address(one: str, other: str) -> bool:
    """Tell whether two values of From or To name the same party: user and host, whatever the parameters."""
    return _party(one) == _party(other)


def _party(value: str) -> tuple[str, str]:
    uri = value.rpartition("<")[2].partition(">")[0].strip()
    user, _, host = _SCHEME.sub("", _PARAMETERS.split(uri, maxsplit=1)[0]).rpartition("@")
    return user, host.lower()
