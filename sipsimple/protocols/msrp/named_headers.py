"""One class per known header, for code that builds headers by class: `ToPathHeader(path)`."""

from __future__ import annotations

from typing import ClassVar

from sipsimple.protocols.msrp.headers import MSRPHeader


class MSRPNamedHeader(MSRPHeader):
    """A header whose class knows its name."""

    __slots__ = ()
    header: ClassVar[str]

    def __init__(self, value: object) -> None:
        super().__init__(self.header, value)


class ToPathHeader(MSRPNamedHeader):
    """Where the chunk goes: URIs from the next hop to the end point."""

    __slots__ = ()
    header = "To-Path"


class FromPathHeader(MSRPNamedHeader):
    """Where the chunk came from: URIs from the last hop back to the sender."""

    __slots__ = ()
    header = "From-Path"


class MessageIDHeader(MSRPNamedHeader):
    """Which message a chunk belongs to."""

    __slots__ = ()
    header = "Message-ID"


class ByteRangeHeader(MSRPNamedHeader):
    """Which bytes of the message are in the chunk; decoded as `ByteRange`."""

    __slots__ = ()
    header = "Byte-Range"


class StatusHeader(MSRPNamedHeader):
    """What a REPORT tells; decoded as `Status`."""

    __slots__ = ()
    header = "Status"


class SuccessReportHeader(MSRPNamedHeader):
    """Whether the sender asks for a REPORT of success: `yes` or `no`."""

    __slots__ = ()
    header = "Success-Report"


class FailureReportHeader(MSRPNamedHeader):
    """Which responses the sender asks for: `yes`, `no` or `partial`."""

    __slots__ = ()
    header = "Failure-Report"


class ContentTypeHeader(MSRPNamedHeader):
    """The media type of the message."""

    __slots__ = ()
    header = "Content-Type"


class ContentDispositionHeader(MSRPNamedHeader):
    """How to present the message; decoded as `ContentDisposition`."""

    __slots__ = ()
    header = "Content-Disposition"


class ContentIDHeader(MSRPNamedHeader):
    """The identifier of the content."""

    __slots__ = ()
    header = "Content-ID"


class ContentDescriptionHeader(MSRPNamedHeader):
    """A text that describes the content."""

    __slots__ = ()
    header = "Content-Description"


class ExpiresHeader(MSRPNamedHeader):
    """How long a relay grants a path, in seconds."""

    __slots__ = ()
    header = "Expires"


class MinExpiresHeader(MSRPNamedHeader):
    """The shortest time a relay grants, in seconds."""

    __slots__ = ()
    header = "Min-Expires"


class MaxExpiresHeader(MSRPNamedHeader):
    """The longest time a relay grants, in seconds."""

    __slots__ = ()
    header = "Max-Expires"


class UsePathHeader(MSRPNamedHeader):
    """The path that a relay granted."""

    __slots__ = ()
    header = "Use-Path"


class WWWAuthenticateHeader(MSRPNamedHeader):
    """A relay's challenge; decoded as a dict."""

    __slots__ = ()
    header = "WWW-Authenticate"


class AuthorizationHeader(MSRPNamedHeader):
    """The answer to a challenge; decoded as a dict."""

    __slots__ = ()
    header = "Authorization"


class AuthenticationInfoHeader(MSRPNamedHeader):
    """A relay's own proof; decoded as a dict."""

    __slots__ = ()
    header = "Authentication-Info"


class UseNicknameHeader(MSRPNamedHeader):
    """The nickname asked for in a conference, RFC 7701."""

    __slots__ = ()
    header = "Use-Nickname"


NAMED_HEADERS: dict[str, type[MSRPNamedHeader]] = {each.header: each for each in MSRPNamedHeader.__subclasses__()}
