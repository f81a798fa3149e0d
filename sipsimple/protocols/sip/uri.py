"""SIP and SIPS URIs, and URIs of other schemes kept as they are (RFC 3261 §19.1).

Fields hold the meaning (escapes decoded); a URI that was parsed is written
exactly as it was read, because peers compare text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias, TypeVar
from urllib.parse import quote, unquote

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import port_number
from sipsimple.protocols.sip.headers.parameters import Parameterized, Parameters

Headers: TypeAlias = tuple[tuple[str, str], ...]
_Pair = TypeVar("_Pair")

_TEXT = r'[^\x00-\x20\x7f<>"'
_SIP = re.compile(
    r"([Ss][Ii][Pp][Ss]?):"
    rf"(?:({_TEXT}@:]++)(?::({_TEXT}@]*+))?@)?"
    r"(\[[0-9A-Fa-f:.]++\]|[A-Za-z0-9_\-.]++)(?::([0-9]{1,5}))?"
    rf"(?:;({_TEXT}?]++))?(?:\?({_TEXT}]++))?"
)
_OPAQUE = re.compile(rf"([A-Za-z][A-Za-z0-9+.\-]*+):({_TEXT}]++)")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RESERVED_ESCAPE = re.compile(r"%(3[ABDFabdf]|2[46BCFbcf]|40)")
_MARK = "-_.!~*'()"
_USER = _MARK + "&=+$,;?/"
_PASSWORD = _MARK + "&=+$,"
_PARAMETER = _MARK + "[]/:&+$"
_HEADER = _MARK + "[]/?:+$"
_NEVER_IGNORED = ("user", "ttl", "method", "maddr", "transport")
_MAX_PARTS = 64
_MAX_ESCAPED = 8192
_MEMORABLE = 200  # characters of a URI that is worth keeping: a hostile one must not fill the memory


@dataclass(frozen=True, slots=True)
class URI(Parameterized):
    """One URI. `opaque` is what follows the scheme where the scheme is neither sip nor sips.

    Equality compares the fields; `matches` compares as RFC 3261 §19.1.4 does.
    """

    scheme: str = "sip"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    host: str = ""
    port: int | None = None
    parameters: Parameters = ()
    headers: Headers = ()
    opaque: str = ""
    _text: str | None = field(default=None, init=False, repr=False, compare=False)

    @classmethod
    def parse(cls, text: str) -> URI:
        """Read a URI of any scheme.

        Raises:
            RemoteProtocolError: It is no URI, or a malformed sip or sips URI.

        RFC: 3261 §19.1.1, §25.1.
        """
        return _known(text) if len(text) <= _MEMORABLE else cls._read(text)

    @classmethod
    def _read(cls, text: str) -> URI:
        match = _SIP.fullmatch(text)
        if match is None:
            return cls._parse_opaque(text)
        scheme, user, password, host, port, parameters, headers = match.groups()
        uri = cls(
            scheme.lower(),
            _unescape(user) if user else None,
            _unescape(password) if password else password,
            host,
            port_number(port),
            _parse_parameters(parameters) if parameters else (),
            _parse_headers(headers) if headers else (),
        )
        object.__setattr__(uri, "_text", text)
        return uri

    @classmethod
    def _parse_opaque(cls, text: str) -> URI:
        match = _OPAQUE.fullmatch(text)
        if match is None or match[1].lower() in {"sip", "sips"}:
            raise RemoteProtocolError(f"not a URI: {text[:80]!r}")
        return cls(match[1].lower(), opaque=match[2])

    @property
    def transport(self) -> str | None:
        """The transport parameter in lower case, None where there is none."""
        value = self.parameter("transport")
        return value.lower() if value else None

    @property
    def is_loose_router(self) -> bool:
        """Whether the URI has the `lr` parameter."""
        return self.parameter("lr") is not None

    def matches(self, other: URI) -> bool:
        """Compare as RFC 3261 §19.1.4 does, which is not transitive."""
        if self.opaque or other.opaque:
            return (self.scheme, self.opaque) == (other.scheme, other.opaque)
        return (
            self.scheme == other.scheme
            and self._userinfo() == other._userinfo()
            and self.host.lower() == other.host.lower()
            and self.port == other.port
            and _same_parameters(self.parameters, other.parameters)
            and _same_headers(self.headers, other.headers)
        )

    def _userinfo(self) -> str | None:
        # From the text, not from the fields: an escaped reserved character does not equal a plain one.
        if self.user is None:
            return None
        userinfo = str(self).partition(":")[2].partition("@")[0]
        return _unescape(_RESERVED_ESCAPE.sub(lambda escape: "%25" + escape[1].upper(), userinfo))

    def __str__(self) -> str:
        return self._text or self._build()

    def _build(self) -> str:
        if self.opaque:
            return f"{self.scheme}:{self.opaque}"
        parts = [self.scheme, ":"]
        if self.user is not None:
            parts.append(_escape(self.user, _USER))
            if self.password is not None:
                parts += (":", _escape(self.password, _PASSWORD))
            parts.append("@")
        parts.append(self.host)
        if self.port is not None:
            parts.append(f":{self.port}")
        for name, value in self.parameters:
            parts += (";", _escape(name, _PARAMETER))
            if value is not None:
                parts += ("=", _escape(value, _PARAMETER))
        for separator, (name, value) in zip("?" + "&" * len(self.headers), self.headers, strict=False):
            parts += (separator, _escape(name, _HEADER), "=", _escape(value, _HEADER))
        return "".join(parts)


def _escape(text: str, safe: str) -> str:
    return quote(text, safe=safe, encoding="utf-8", errors="surrogateescape")


def _unescape(text: str) -> str:
    if "%" not in text:
        return text
    if len(text) > _MAX_ESCAPED or _BAD_ESCAPE.search(text):
        raise RemoteProtocolError(f"malformed escape in a URI: {text[:80]!r}")
    return unquote(text, encoding="utf-8", errors="surrogateescape")


def _parse_parameters(text: str) -> Parameters:
    found = []
    for each in text.split(";", _MAX_PARTS):
        name, equals, value = each.partition("=")
        if not name:
            raise RemoteProtocolError("empty parameter name in a URI")
        found.append((_unescape(name).lower(), _unescape(value) if equals else None))
    return _bounded(found)


def _parse_headers(text: str) -> Headers:
    found = []
    for each in text.split("&", _MAX_PARTS):
        name, equals, value = each.partition("=")
        if not name or not equals:
            raise RemoteProtocolError("malformed header in a URI")
        found.append((_unescape(name).lower(), _unescape(value)))
    return _bounded(found)


def _bounded(found: list[_Pair]) -> tuple[_Pair, ...]:
    if len(found) > _MAX_PARTS:
        raise RemoteProtocolError(f"more than {_MAX_PARTS} parameters in a URI")
    return tuple(found)


def _same_parameters(ours: Parameters, theirs: Parameters) -> bool:
    left, right = _folded(ours), _folded(theirs)
    return all(left.get(name) == right.get(name) for name in (left.keys() & right.keys()).union(_NEVER_IGNORED))


def _folded(parameters: Parameters) -> dict[str, str]:
    return {name: (value or "").lower() for name, value in parameters}


def _same_headers(ours: Headers, theirs: Headers) -> bool:
    left, right = ([(name, value.lower()) for name, value in headers] for headers in (ours, theirs))
    return sorted(left) == sorted(right)


@lru_cache(maxsize=1024)
def _known(text: str) -> URI:
    """Read a URI, or return the value that was read before: the same users and contacts come again and again."""
    return URI._read(text)  # noqa: SLF001 - the one way to it
