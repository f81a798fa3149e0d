"""What went wrong with a TLS connection, in words and for programs."""

from __future__ import annotations

import re
import ssl
from enum import Enum

from sipsimple.actors.wire.tls_identity import NameMismatch
from sipsimple.errors import TransportFailed


class Fault(Enum):
    """Which part of it failed."""

    NAME = "name"  # the certificate is another's
    EXPIRY = "expiry"  # it is not valid any more, or not yet
    UNKNOWN_CA = "unknown CA"  # nobody whom we trust signed it
    CERTIFICATE = "certificate"  # something else about it
    NO_CLIENT_CERTIFICATE = "client certificate"  # we ask for one and the far end showed none
    REFUSED = "refused"  # the far end's alert: it does not take our certificate, version or ciphers
    TIMEOUT = "handshake timeout"
    PROTOCOL = "protocol"  # what came is no TLS that we speak
    CONNECTION = "connection"  # the TCP connection under it


class TLSFailed(TransportFailed):
    """A TLS connection failed; `fault` is what of it."""

    def __init__(self, message: str, peer: str, fault: Fault) -> None:
        super().__init__(message, peer, "tls")
        self.fault = fault


_VERIFY = {
    9: Fault.EXPIRY,
    10: Fault.EXPIRY,
    2: Fault.UNKNOWN_CA,
    7: Fault.UNKNOWN_CA,
    18: Fault.UNKNOWN_CA,
    19: Fault.UNKNOWN_CA,
    20: Fault.UNKNOWN_CA,
    21: Fault.UNKNOWN_CA,
    62: Fault.NAME,
    64: Fault.NAME,
}
"""OpenSSL's numbers of verification errors."""

_ORNAMENT = re.compile(r"^\[[^\]]*+\] |(?: \(_ssl\.c:[0-9]++\))$")


def fault_of(error: Exception) -> Fault:
    """Return which part failed."""
    if isinstance(error, NameMismatch):
        return Fault.NAME
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFY.get(getattr(error, "verify_code", 0), Fault.CERTIFICATE)
    if isinstance(error, ssl.SSLError):
        reason = error.reason or ""
        if "DID_NOT_RETURN_A_CERTIFICATE" in reason:
            return Fault.NO_CLIENT_CERTIFICATE
        return Fault.REFUSED if "ALERT" in reason else Fault.PROTOCOL
    return Fault.TIMEOUT if isinstance(error, TimeoutError) else Fault.CONNECTION


def fault_text(error: Exception) -> str:
    """Return what failed in words, without OpenSSL's ornaments."""
    text = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or error
    return _ORNAMENT.sub("", str(text))
