"""The settings file and the environment."""

import pytest

from sipsimple.account import SettingsError, load_settings

WORK = '[accounts.work]\nuri = "sip:alice@example.com"\n'


def complaint(path=None):
    with pytest.raises(SettingsError) as raised:
        load_settings(path)
    return str(raised.value)


def test_without_a_file_everything_has_its_default():
    settings = load_settings()

    assert (settings.accounts, settings.engine, settings.default_account) == ({}, {}, None)


def test_the_file_is_read_where_people_keep_their_settings(write):
    write(f'default_account = "work"\n[engine]\nlocal_udp_port = 5070\n{WORK}')

    settings = load_settings()

    assert settings.engine == {"local_udp_port": 5070}
    assert settings.account_named() == ("work", settings.accounts["work"])


def test_the_environment_wins_over_the_file(write, monkeypatch):
    write(WORK + 'password = "from the file"\nexpires = 60\n')
    monkeypatch.setenv("SIPSIMPLE_ACCOUNTS__WORK__PASSWORD", "from the environment")

    account = load_settings().accounts["work"]

    assert account.password.get_secret_value() == "from the environment"
    assert account.expires == 60


def test_another_file_may_be_named(tmp_path, monkeypatch):
    path = tmp_path / "other.toml"
    path.write_text(WORK)
    monkeypatch.setenv("SIPSIMPLE_CONFIG", str(path))

    assert list(load_settings().accounts) == ["work"]


def test_a_file_that_is_named_must_exist(tmp_path):
    assert "there is no such file" in complaint(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('[accounts.work]\nuri = "alice"\n', 2, "not a SIP URI"),
        (WORK + "expires = 5\n", 3, "greater than or equal to 10"),
        (WORK + 'pasword = "x"\n', 3, "Extra inputs are not permitted"),
        (WORK + "[accounts.work.rtp]\nuse_srpt = true\n", 4, "there is no 'use_srpt'"),
        (WORK + "[accounts.work.rtp]\nuse_srtp = 1\n", 4, "use_srtp must be a bool"),
        (WORK + "[accounts.work.msrp]\n\nlocal_use_tls = true\nrelay_port = 70000\n", 6, "work.msrp.relay_port: "),
        (WORK + '[accounts.work.msrp]\nlocal_use_tls = "no"\n', 4, "local_use_tls must be a bool"),
        ("[engine]\nlog_level = 3\n\nlocal_udp_port = 70000\n", 4, "engine.local_udp_port: "),
        ('[engine]\nlocal_udp_port = "5060"\n', 2, "must be an int"),
        ("[engine]\nauto_sound = 0\n", 2, "auto_sound must be a bool"),
        ("[engine]\nlocal_upd_port = 5060\n", 2, "there is no 'local_upd_port'"),
        (WORK + 'password = "a"\npassword_keyring = true\n', 1, "only one of"),
        (WORK + "password_command = []\n", 3, "at least 1 item"),
    ],
)
def test_an_error_names_file_line_and_what_is_wrong(write, text, line, why):
    path = write(text)

    said = complaint()

    assert said.startswith(f"{path}:{line}: ")
    assert why in said


def test_every_key_that_is_wrong_is_told(write):
    path = write("[engine]\nlog_level = 9\nlocal_udp_port = 70000\n")

    assert [line.partition(" ")[0] for line in complaint().splitlines()] == [f"{path}:2:", f"{path}:3:"]


def test_what_is_wrong_between_keys_is_told_where_their_table_begins(write):
    path = write("[engine]\nlocal_tls_port = 0\ntls_verify_client = true\n")

    assert complaint().startswith(f"{path}:1: engine: ")


def test_a_file_that_cannot_be_read_is_told_where_it_is_named(write):
    path = write("[engine]\nlog_level = 3\ntls_cert_file = '/nowhere/cert.pem'\n")

    assert complaint().startswith(f"{path}:3: engine.tls_cert_file: ")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[accounts.work]\nuri = "sip:alice@example.com\n', 2),
        ('[accounts.work]\nuri = "sip:alice@example.com', 2),
        ("[engine]\n\ncodecs = [\n\n", 3),
        ("x", 1),
    ],
)
def test_a_file_that_is_no_toml_is_told_with_its_line(write, text, line):
    path = write(text)

    assert complaint().startswith(f"{path}:{line}: ")


def test_a_password_is_in_no_error_and_in_no_repr(write):
    write(WORK + 'password = "s3cret"\nexpires = "s3cret"\n')
    assert "s3cret" not in complaint()

    write(WORK + 'password = "s3cret"\n')
    assert "s3cret" not in repr(load_settings())


def test_a_file_with_passwords_that_others_may_read_is_refused(write):
    write(WORK + 'password = "s3cret"\n', mode=0o644)

    assert "chmod 600" in complaint()


def test_without_passwords_others_may_read_it(write):
    write(WORK, mode=0o644)

    assert list(load_settings().accounts) == ["work"]


def test_an_account_that_is_not_there_is_told_with_those_that_are(write):
    write(WORK)

    with pytest.raises(SettingsError, match="there is no account 'home'; there are: work"):
        load_settings().account_named("home")


def test_where_there_is_no_account_it_is_said_how_to_write_one():
    with pytest.raises(SettingsError, match="no account; `sipsimple doctor` says how to write one"):
        load_settings().account_named()


def test_of_two_accounts_one_must_be_the_default(write):
    write(WORK + WORK.replace("work", "home"))

    with pytest.raises(SettingsError, match="which account is meant"):
        load_settings().account_named()
