"""The settings of SIP over TLS, checked as a whole when they are made.

RFC: 3261 26.2.1, 26.3.1; 5922 7.3, 7.4, 7.5.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from sipsimple.actors.wire.tls import (
    HANDSHAKE_TIMEOUT,
    Contexts,
    hardened,
    self_signed_certificate,
    with_certificate,
)
from sipsimple.errors import LocalProtocolError


class ClientCertificates(Enum):
    """What a listener wants of those who connect."""

    IGNORED = ssl.CERT_NONE
    ASKED = ssl.CERT_OPTIONAL
    REQUIRED = ssl.CERT_REQUIRED


@dataclass(frozen=True, slots=True)
class TLSSettings:
    """How SIP over TLS is answered and opened.

    Files are read when the settings are made, never again.

    Attributes:
        verify_server: A server must show a valid certificate of the domain that was meant.
        ca_file: PEM file of the authorities, for servers and for clients; None for those of the system, for servers.
        cert_file: PEM file of our certificate and those between it and the authority; None: a listener makes one
            that nobody can verify, and servers that ask for ours get none.
        key_file: PEM file of its key; None: the key stands in `cert_file`.
        timeout: Seconds for a handshake.
        client_certificates: Whether a listener asks for certificates, and requires one.

    Raises:
        LocalProtocolError: A file cannot be read or used, the key does not fit, or settings contradict each other.
    """

    verify_server: bool = True
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    timeout: float = HANDSHAKE_TIMEOUT
    client_certificates: ClientCertificates = ClientCertificates.IGNORED
    _contexts: Contexts = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.timeout <= 0:
            raise LocalProtocolError(f"a TLS handshake needs time, not {self.timeout!r} seconds")
        if self.key_file is not None and self.cert_file is None:
            raise LocalProtocolError(f"a TLS key without a certificate: {self.key_file}")
        if self.client_certificates is not ClientCertificates.IGNORED and self.ca_file is None:
            raise LocalProtocolError("client certificates need a file of the authorities that may sign them")
        object.__setattr__(self, "_contexts", Contexts(self._server(), self._client(), self.timeout))

    def contexts(self) -> Contexts:
        """What `Transports` takes."""
        return self._contexts

    def _server(self) -> ssl.SSLContext:
        context = hardened(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        if self.cert_file is None:
            with_certificate(context, self_signed_certificate("sipsimple"))
        else:
            self._load_certificate(context)
        if self.ca_file is not None and self.client_certificates is not ClientCertificates.IGNORED:
            _load_authorities(context, self.ca_file)
            context.verify_mode = self.client_certificates.value
        return context

    def _client(self) -> ssl.SSLContext:
        context = hardened(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        context.check_hostname = False  # the SIP domain is compared as RFC 5922 says, see `tls_identity`
        if self.ca_file is not None:
            _load_authorities(context, self.ca_file)
        if not self.verify_server:
            context.verify_mode = ssl.CERT_NONE
        elif self.ca_file is None:
            context.load_default_certs()
        if self.cert_file is not None:
            self._load_certificate(context)
        return context

    def _load_certificate(self, context: ssl.SSLContext) -> None:
        assert self.cert_file is not None
        for path in (self.cert_file, self.key_file or self.cert_file):
            _require_readable(path)
        name = f"{self.cert_file}, {self.key_file}" if self.key_file else self.cert_file
        try:
            # an encrypted key must not ask at the terminal
            context.load_cert_chain(self.cert_file, self.key_file, password=lambda: "")
        except ssl.SSLError as error:
            raise LocalProtocolError(f"no TLS certificate with its key: {name}: {_reason(error)}") from error
        except ValueError as error:
            raise LocalProtocolError(f"an encrypted TLS key cannot be used: {name}") from error


def _load_authorities(context: ssl.SSLContext, path: str) -> None:
    _require_readable(path)
    try:
        context.load_verify_locations(path)
    except ssl.SSLError as error:
        raise LocalProtocolError(f"no certificates of TLS authorities: {path}: {_reason(error)}") from error


def _require_readable(path: str) -> None:
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except OSError as error:
        raise LocalProtocolError(f"cannot read {path}: {str(error.strerror).lower()}") from error


def _reason(error: ssl.SSLError) -> str:
    return error.reason.replace("_", " ").lower() if error.reason else "nothing in PEM form"
