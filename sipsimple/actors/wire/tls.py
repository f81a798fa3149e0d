"""TLS certificates, contexts and fingerprints (RFC 4975 section 14.4, RFC 8122).

Two ways to trust a peer: by authority and name (`verifying_context`, for SIP), or by the
fingerprint that its SDP promised (`self_signed_context`, for MSRP).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HANDSHAKE_TIMEOUT = 10.0
LIFETIME = timedelta(days=365)
DIGESTS = {"SHA-256": hashes.SHA256, "SHA-1": hashes.SHA1}


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with its private key."""

    certificate_pem: bytes
    key_pem: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """The SHA-256 fingerprint, as an SDP `a=fingerprint` line writes it."""
        return fingerprint(ssl.PEM_cert_to_DER_cert(self.certificate_pem.decode("ascii")))


def self_signed_certificate(common_name: str) -> Certificate:
    """Make an EC P-256 key and a certificate for it, signed by itself, good for a year."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # the peer's clock may be behind
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName([_general_name(common_name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Certificate(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    )


def server_context(certificate: Certificate) -> ssl.SSLContext:
    """A context that answers TLS connections with this certificate and asks the peer for none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    return with_certificate(hardened(context), certificate)


def verifying_context(ca_file: str | None = None, certificate: Certificate | None = None) -> ssl.SSLContext:
    """A client context that accepts only a certificate signed by an authority and bearing the server's name.

    Args:
        ca_file: PEM file of the authorities; None for those of the system.
        certificate: Ours, when the server asks for one.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(ca_file)
    hardened(context)
    return with_certificate(context, certificate) if certificate else context


def self_signed_context(certificate: Certificate | None = None) -> ssl.SSLContext:
    """A client context that accepts any certificate: whoever uses it checks the fingerprint."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    hardened(context)
    return with_certificate(context, certificate) if certificate else context


class Contexts:
    """How the TLS connections of SIP are answered and opened; what is not given is made at the first need.

    Args:
        server: Answers connections; None for one with a self-signed certificate.
        client: Opens connections; None for one that trusts the system's authorities and nobody else.
        timeout: Seconds for a handshake.
    """

    __slots__ = ("_client", "_server", "timeout")

    def __init__(
        self,
        server: ssl.SSLContext | None = None,
        client: ssl.SSLContext | None = None,
        timeout: float = HANDSHAKE_TIMEOUT,
    ) -> None:
        self._server = server
        self._client = client
        self.timeout = timeout

    @property
    def server(self) -> ssl.SSLContext:
        """The context that answers."""
        if self._server is None:
            self._server = server_context(self_signed_certificate("sipsimple"))
        return self._server

    @property
    def client(self) -> ssl.SSLContext:
        """The context that opens."""
        if self._client is None:
            self._client = verifying_context()
            self._client.check_hostname = False  # the SIP domain is compared as RFC 5922 says, see `tls_identity`
        return self._client

    @property
    def verifies_servers(self) -> bool:
        """Whether a server must prove who it is."""
        return self.client.verify_mode is ssl.CERT_REQUIRED


def fingerprint(der: bytes, algorithm: str = "SHA-256") -> str:
    """The fingerprint of a certificate: `SHA-256 AA:BB:..`."""
    digest = hashes.Hash(DIGESTS[algorithm]())
    digest.update(der)
    return f"{algorithm} {digest.finalize().hex(':').upper()}"


def fingerprint_matches(text: str, der: bytes) -> bool:
    """Whether a certificate has the fingerprint of an `a=fingerprint` line.

    Letter case does not count. A digest other than SHA-256 and SHA-1 matches nothing.
    """
    algorithm, _, digits = text.strip().upper().partition(" ")
    return algorithm in DIGESTS and fingerprint(der, algorithm) == f"{algorithm} {digits.strip()}"


def _general_name(common_name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(common_name))
    except ValueError:
        return x509.DNSName(common_name)


def hardened(context: ssl.SSLContext) -> ssl.SSLContext:
    """Allow TLS 1.2 and later only, without renegotiation and compression."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    return context


def with_certificate(context: ssl.SSLContext, certificate: Certificate) -> ssl.SSLContext:
    """Have the context show this certificate."""
    # OpenSSL loads a key from a file only; this one is ours alone (mode 0600) and gone when it is loaded.
    with NamedTemporaryFile(prefix="sipsimple-", suffix=".pem") as file:
        file.write(certificate.key_pem + certificate.certificate_pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context
