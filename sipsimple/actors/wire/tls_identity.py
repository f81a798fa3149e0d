"""Who a certificate says its holder is, and whether that is the SIP domain that was meant.

RFC: 5922 7.1, 7.2; 5280 4.2.1.6.
"""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Self

from cryptography import x509
from cryptography.x509.oid import NameOID

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import unbracketed
from sipsimple.protocols.sip.uri import URI

_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62})\.)*+[a-z](?:[a-z0-9-]{0,62})")
_MALFORMED = (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


class NameMismatch(ssl.SSLCertVerificationError):
    """The certificate is good, and another's."""


@dataclass(frozen=True, slots=True)
class Identities:
    """The SIP domains and the addresses that a certificate stands for.

    A name stands for itself only: no wildcard, no suffix (RFC 5922 7.2).
    """

    domains: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()

    @classmethod
    def of(cls, der: bytes) -> Self:
        """Read a certificate; one that cannot be read stands for nobody.

        `sip:` URIs without a user come first; DNS names count when there are none;
        the common name only in a certificate without alternative names.
        """
        try:
            return cls._read(x509.load_der_x509_certificate(der))
        except _MALFORMED:
            return cls()

    @classmethod
    def _read(cls, certificate: x509.Certificate) -> Self:
        try:
            names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except x509.ExtensionNotFound:
            return cls(frozenset(_names(_common_names(certificate))))
        hosts = [host for text in names.get_values_for_type(x509.UniformResourceIdentifier) if (host := _host(text))]
        addresses = [str(each) for each in names.get_values_for_type(x509.IPAddress)]
        addresses += [address for each in hosts if (address := _canonical(each))]
        domains = _names(hosts or names.get_values_for_type(x509.DNSName))
        return cls(frozenset(domains), frozenset(addresses))

    def include(self, name: str) -> bool:
        """Whether the holder is this domain, or has this address."""
        address = _canonical(name)
        return address in self.addresses if address else name.lower().rstrip(".") in self.domains

    def __str__(self) -> str:
        return ", ".join(sorted(self.domains | self.addresses)) or "nobody"


def must_bear(name: str, der: bytes | None) -> None:
    """Verify that a certificate is that of the domain or address `name`.

    Raises:
        NameMismatch: It is another's, or there is none.
    """
    identities = Identities.of(der) if der else Identities()
    if not identities.include(name):
        raise NameMismatch(f"name mismatch: the certificate is for {identities}, not for {name}")


def _host(text: str) -> str | None:
    """Return the host of a `sip:` URI that names a domain rather than a user."""
    try:
        uri = URI.parse(text)
    except RemoteProtocolError:
        return None
    return unbracketed(uri.host) if uri.scheme == "sip" and uri.user is None else None


def _names(values: list[str]) -> set[str]:
    lowered = [each.lower().rstrip(".") for each in values]
    return {each for each in lowered if len(each) < 255 and _NAME.fullmatch(each)}


def _common_names(certificate: x509.Certificate) -> list[str]:
    return [str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]


def _canonical(text: str) -> str | None:
    """Return an address as it is written shortest, None for a name."""
    try:
        return str(ip_address(text))
    except ValueError:
        return None
