"""The settings of SIP over TLS are checked when they are made."""

from __future__ import annotations

import os
import ssl

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sipsimple.actors.wire.tls_settings import ClientCertificates, TLSSettings
from sipsimple.errors import LocalProtocolError


def test_by_default_the_systems_authorities_are_trusted_and_nobody_else():
    contexts = TLSSettings().contexts()
    assert contexts.verifies_servers
    assert contexts.server.verify_mode == ssl.CERT_NONE


def test_every_context_demands_tls_1_2(authority):
    contexts = TLSSettings(ca_file=authority.file, cert_file=authority.one.both).contexts()
    for context in (contexts.client, contexts.server):
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert context.options & ssl.OP_NO_RENEGOTIATION


def test_the_domain_is_compared_by_us_and_not_by_the_rules_of_the_web(authority):
    assert not TLSSettings(ca_file=authority.file).contexts().client.check_hostname


def test_verification_can_be_switched_off(authority):
    contexts = TLSSettings(verify_server=False, ca_file=authority.file).contexts()
    assert not contexts.verifies_servers


@pytest.mark.parametrize(
    ("wanted", "mode"),
    [
        (ClientCertificates.IGNORED, ssl.CERT_NONE),
        (ClientCertificates.ASKED, ssl.CERT_OPTIONAL),
        (ClientCertificates.REQUIRED, ssl.CERT_REQUIRED),
    ],
)
def test_client_certificates_are_asked_for_as_it_is_said(authority, wanted, mode):
    settings = TLSSettings(ca_file=authority.file, cert_file=authority.one.both, client_certificates=wanted)
    assert settings.contexts().server.verify_mode == mode


def test_the_timeout_is_that_of_the_handshake():
    assert TLSSettings(timeout=1.5).contexts().timeout == 1.5


def test_contexts_are_made_once(authority):
    settings = TLSSettings(ca_file=authority.file)
    assert settings.contexts() is settings.contexts()


@pytest.fixture
def files(authority, tmp_path):
    """Files that are wrong in one way each."""
    other = authority.issue(dns=["other.example"])
    made = {
        "missing": str(tmp_path / "missing.pem"),
        "empty": str(tmp_path / "empty.pem"),
        "garbage": str(tmp_path / "garbage.pem"),
        "encrypted": str(tmp_path / "encrypted.key"),
        "folder": str(tmp_path),
        "good": authority.one.cert,
        "key": authority.one.key,
        "other key": other.key,
    }
    (tmp_path / "empty.pem").touch()
    (tmp_path / "garbage.pem").write_text("-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n")
    encryption = serialization.BestAvailableEncryption(b"secret")
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "encrypted.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    )
    return made


@pytest.mark.parametrize("wrong", ["missing", "empty", "garbage", "folder"])
@pytest.mark.parametrize("field", ["ca_file", "cert_file", "key_file"])
def test_a_file_that_is_missing_or_no_pem_file_is_refused_by_its_name(files, field, wrong):
    given = {"cert_file": files["good"], "key_file": files["key"], field: files[wrong]}
    with pytest.raises(LocalProtocolError) as caught:
        TLSSettings(**given)
    assert files[wrong] in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_refused(files, tmp_path):
    path = tmp_path / "secret.pem"
    path.touch(mode=0o000)
    with pytest.raises(LocalProtocolError, match="permission denied"):
        TLSSettings(ca_file=str(path))


@pytest.mark.parametrize(("key", "why"), [("other key", "mismatch"), ("encrypted", "encrypted|bad decrypt|pass")])
def test_a_key_that_does_not_fit_or_open_is_refused_without_asking(files, key, why):
    with pytest.raises(LocalProtocolError, match=why) as caught:
        TLSSettings(cert_file=files["good"], key_file=files[key])
    assert files[key] in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"key_file": "key.pem"},
        {"timeout": 0},
        {"timeout": -1.0},
        {"client_certificates": ClientCertificates.REQUIRED},
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings):
    with pytest.raises(LocalProtocolError):
        TLSSettings(**settings)


def test_a_certificate_and_its_key_in_two_files_or_in_one(authority):
    TLSSettings(cert_file=authority.one.cert, key_file=authority.one.key)
    TLSSettings(cert_file=authority.one.both)
