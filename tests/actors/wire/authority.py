"""A certificate authority for the tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


def named(common_name):
    """A subject."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


class Issued:
    """Files of one certificate: `cert` with its chain, `key`, and `both` in one; and its `der`."""

    def __init__(self, folder, name, certificate, key):
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        key_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.cert, self.key, self.both = (str(folder / f"{name}{end}") for end in (".crt", ".key", ".pem"))
        for path, data in ((self.cert, pem), (self.key, key_pem), (self.both, pem + key_pem)):
            with open(path, "wb") as file:
                file.write(data)


class Authority:
    """Signs what the tests ask for.

    Attributes:
        file: Its own certificate.
    """

    def __init__(self, folder, name="Test CA"):
        self._folder = folder
        self._name = named(name)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._count = 0
        certificate = (
            self._builder(name, self._key, -DAY, 365 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.file = str(folder / "ca.pem")
        with open(self.file, "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, common_name, key, begins, ends):
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(named(common_name))
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + begins)
            .not_valid_after(now + ends)
        )

    def issue(self, *, dns=(), uri=(), ip=(), common_name="nobody", begins=-DAY, ends=DAY):
        """Sign a certificate with these alternative names; without any, it has only its common name."""
        self._count += 1
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(common_name, key, begins, ends)
        names = [x509.DNSName(each) for each in dns]
        names += [x509.UniformResourceIdentifier(each) for each in uri]
        names += [x509.IPAddress(ip_address(each)) for each in ip]
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return Issued(self._folder, f"issued-{self._count}", builder.sign(self._key, hashes.SHA256()), key)

    @cached_property
    def one(self):
        """A certificate of `sip.example.com` in every way."""
        return self.issue(dns=["sip.example.com"], uri=["sip:sip.example.com"], ip=["127.0.0.1"])
