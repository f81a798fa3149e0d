"""Certificates, fingerprints and contexts."""

from __future__ import annotations

import ssl

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.actors.wire import tls


@pytest.fixture(scope="module")
def certificate():
    return tls.self_signed_certificate("msrp.example.com")


@pytest.fixture(scope="module")
def der(certificate):
    return ssl.PEM_cert_to_DER_cert(certificate.certificate_pem.decode())


def test_a_self_signed_certificate_bears_its_name(certificate):
    parsed = x509.load_pem_x509_certificate(certificate.certificate_pem)
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert parsed.subject == parsed.issuer
    assert names.get_values_for_type(x509.DNSName) == ["msrp.example.com"]


def test_a_certificate_for_an_address_names_the_address():
    parsed = x509.load_pem_x509_certificate(tls.self_signed_certificate("::1").certificate_pem)
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(each) for each in names.get_values_for_type(x509.IPAddress)] == ["::1"]


def test_the_private_key_is_not_printed(certificate):
    assert "PRIVATE" not in repr(certificate)


def test_two_certificates_of_one_name_differ(certificate):
    assert tls.self_signed_certificate("msrp.example.com").fingerprint != certificate.fingerprint


def test_a_fingerprint_is_written_as_sdp_does():
    assert tls.fingerprint(b"abc", "SHA-1") == "SHA-1 A9:99:3E:36:47:06:81:6A:BA:3E:25:71:78:50:C2:6C:9C:D0:D8:9D"
    assert tls.fingerprint(b"abc").startswith("SHA-256 BA:78:16:BF:8F:01:CF:EA:")


def test_a_certificate_matches_its_fingerprints_in_any_case(certificate, der):
    assert tls.fingerprint_matches(certificate.fingerprint, der)
    assert tls.fingerprint_matches(certificate.fingerprint.lower() + " ", der)
    assert tls.fingerprint_matches(tls.fingerprint(der, "SHA-1"), der)


@given(st.text() | st.binary().map(lambda digits: f"SHA-256 {digits.hex(':')}"))
def test_nothing_else_matches(text):
    assert not tls.fingerprint_matches(text, b"some certificate")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-512", "SHA-224", ""])
def test_a_digest_that_is_too_weak_or_unknown_is_refused(algorithm, der):
    digits = tls.fingerprint(der).partition(" ")[2]
    assert not tls.fingerprint_matches(f"{algorithm} {digits}", der)


def test_every_context_demands_tls_1_2(certificate):
    for context in (tls.server_context(certificate), tls.verifying_context(), tls.self_signed_context(certificate)):
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_only_the_context_for_self_signed_peers_does_not_verify():
    assert tls.verifying_context().verify_mode == ssl.CERT_REQUIRED
    assert tls.verifying_context().check_hostname
    assert tls.self_signed_context().verify_mode == ssl.CERT_NONE


def test_the_private_key_leaves_no_file(certificate, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    tls.server_context(certificate)
    assert list(tmp_path.iterdir()) == []
