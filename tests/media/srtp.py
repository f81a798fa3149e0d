"""SRTP keyed by the SDP (RFC 4568), one suite: AES_CM_128_HMAC_SHA1_80 of libsrtp."""

from __future__ import annotations

import base64
import os
import re
from dataclasses import dataclass, field

import pylibsrtp

SUITE = "AES_CM_128_HMAC_SHA1_80"
_KEY_BYTES = 30  # 16 of the key and 14 of the salt


@dataclass(frozen=True, slots=True)
class Crypto:
    """What an `a=crypto` line says."""

    key: bytes = field(default_factory=lambda: os.urandom(_KEY_BYTES), repr=False)
    tag: int = 1
    suite: str = SUITE

    def __str__(self) -> str:
        """The value of the attribute."""
        return f"{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}"


def parse_crypto(body: str) -> Crypto | None:
    """Find the first `a=crypto` line of the suite in a description; None without one."""
    found = re.search(rf"^a=crypto:(\d+) {SUITE} inline:([A-Za-z0-9+/=]+)", body, re.MULTILINE)
    return Crypto(base64.b64decode(found.group(2))[:_KEY_BYTES], int(found.group(1))) if found else None


class SRTP:
    """Both directions of one stream."""

    def __init__(self, local: Crypto, remote: Crypto) -> None:
        self._out = pylibsrtp.Session(_policy(local, pylibsrtp.Policy.SSRC_ANY_OUTBOUND))
        self.expect(remote)

    def expect(self, remote: Crypto) -> None:
        """Let what comes from now on be encrypted with this key; what goes out is as it was."""
        self.remote = remote
        self._in = pylibsrtp.Session(_policy(remote, pylibsrtp.Policy.SSRC_ANY_INBOUND))

    def protect(self, packet: bytes) -> bytes:
        """Encrypt what goes out."""
        return bytes(self._out.protect(packet))

    def unprotect(self, packet: bytes) -> bytes | None:
        """Decrypt what came in; None when it is not authentic."""
        try:
            return bytes(self._in.unprotect(packet))
        except pylibsrtp.Error:
            return None


def _policy(crypto: Crypto, direction: int) -> pylibsrtp.Policy:
    return pylibsrtp.Policy(crypto.key, direction, srtp_profile=pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80)
