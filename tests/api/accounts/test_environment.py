"""What variables of the environment say."""

import pytest

from sipsimple.account import Account, SettingsError, load_settings
from sipsimple.api.accounts.environment import meaning
from sipsimple.api.configuration import MSRPConfiguration, RTPConfiguration
from sipsimple.api.engine.options import EngineOptions

WORK = '[accounts.work]\nuri = "sip:alice@example.com"\n'


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("local_udp_port", "5099", 5099),
        ("sip_t1", "0.25", 0.25),
        ("auto_sound", "false", False),
        ("tls_verify_server", "no", False),
        ("trace_sip", "1", True),
        ("codecs", '["g711"]', ["g711"]),
        ("rtp_port_range", "[40000, 40100]", [40000, 40100]),
        ("events", '{"dialog": ["*/*"]}', {"dialog": ["*/*"]}),
        ("user_agent", "17", "17"),
        ("tls_ca_file", "/etc/ssl/company.pem", "/etc/ssl/company.pem"),
        ("local_tcp_port", "null", None),
        ("local_udp_port", "many", "many"),
        ("auto_sound", "maybe", "maybe"),
        ("no_such_option", "1", "1"),
        ("local_udp_port", 5099, 5099),
    ],
)
def test_text_means_what_its_option_is(name, text, value):
    meant = meaning(EngineOptions, name, text)

    assert (meant, type(meant)) == (value, type(value))


def test_the_fields_of_both_configurations_are_known():
    assert meaning(MSRPConfiguration, "relay_use_tls", "false") is False
    assert meaning(MSRPConfiguration, "relay_port", "2855") == 2855
    assert meaning(MSRPConfiguration, "relay_host", "2855") == "2855"
    assert meaning(RTPConfiguration, "use_srtp", "on") is True
    assert meaning(RTPConfiguration, "ice_turn_password", "1234") == "1234"


def test_the_engine_takes_its_options_from_variables(write, monkeypatch):
    write("[engine]\nauto_sound = true\nlog_level = 2\n")
    for name, text in (("LOCAL_UDP_PORT", "5099"), ("AUTO_SOUND", "false"), ("CODECS", '["g711"]')):
        monkeypatch.setenv(f"SIPSIMPLE_ENGINE__{name}", text)

    settings = load_settings()

    assert settings.engine == {"auto_sound": False, "log_level": 2, "local_udp_port": 5099, "codecs": ["g711"]}


def test_an_account_takes_its_media_from_variables(write, monkeypatch):
    write(WORK + "msrp.local_use_tls = true\n")
    for name, text in (("RTP__USE_SRTP", "true"), ("MSRP__LOCAL_USE_TLS", "false"), ("MSRP__RELAY_PORT", "2856")):
        monkeypatch.setenv(f"SIPSIMPLE_ACCOUNTS__WORK__{name}", text)

    account = Account.load("work")

    assert account.rtp_config.use_srtp is True
    assert account.msrp_config.local_use_tls is False
    assert account.msrp_config.relay_port == 2856


@pytest.mark.parametrize(
    ("variable", "text", "why"),
    [
        ("SIPSIMPLE_ENGINE__LOCAL_UDP_PORT", "many", "must be an int, not 'many'"),
        ("SIPSIMPLE_ENGINE__AUTO_SOUND", "maybe", "must be a bool, not 'maybe'"),
        ("SIPSIMPLE_ENGINE__BOGUS", "1", "there is no 'bogus'"),
        ("SIPSIMPLE_ACCOUNTS__WORK__EXPIRES", "5", "greater than or equal to 10"),
        ("SIPSIMPLE_ACCOUNTS__WORK__MSRP__RELAY_PORT", "70000", "0 to 65535"),
    ],
)
def test_a_variable_that_is_wrong_is_named(write, monkeypatch, variable, text, why):
    write(WORK + "expires = 600\nmsrp.relay_port = 2855\n[engine]\nlocal_udp_port = 5060\n")
    monkeypatch.setenv(variable, text)

    with pytest.raises(SettingsError, match=why) as raised:
        load_settings()

    assert str(raised.value).startswith(f"{variable}: ")


def test_a_table_in_a_variable_is_json(write, monkeypatch):
    monkeypatch.setenv("SIPSIMPLE_ENGINE", '{"local_udp_port": 5099}')
    assert load_settings().engine == {"local_udp_port": 5099}

    monkeypatch.setenv("SIPSIMPLE_ENGINE", "{")
    with pytest.raises(SettingsError, match=r'the environment: .*"engine"'):
        load_settings()


@pytest.mark.parametrize("text", ['{"work": "x"}', '["x"]', "5"])
def test_accounts_of_another_shape_are_refused(monkeypatch, text):
    monkeypatch.setenv("SIPSIMPLE_ACCOUNTS", text)

    with pytest.raises(SettingsError):
        load_settings()


def test_a_variable_of_a_table_that_is_misspelt_is_told(monkeypatch):
    monkeypatch.setenv("SIPSIMPLE_ACOUNTS__WORK__PASSWORD", "s3cret")

    with pytest.raises(SettingsError, match="SIPSIMPLE_ACOUNTS__WORK__PASSWORD: there is no table 'acounts'") as error:
        load_settings()
    assert "s3cret" not in str(error.value)
