"""What an account is made of."""

import subprocess
import sys

import pytest
from gevent import subprocess as cooperative

from sipsimple.account import Account, SettingsError
from sipsimple.api.accounts import password
from sipsimple.core import SIPURI, Credentials, Route

HEAD = '[accounts.work]\nuri = "sip:alice@example.com"\n'


def says(text):
    """A command that prints text."""
    return [sys.executable, "-c", f"print({text!r})"]


def test_the_file_says_all_of_it(write):
    write(
        HEAD
        + 'display_name = "Alice"\nusername = "a1"\npassword = "s3cret"\n'
        + 'outbound_proxy = "sip:proxy.example.com:5070"\n'
        + 'transport = "tcp"\nregister = false\nexpires = 120\n'
        + "rtp.use_srtp = true\nmsrp.local_use_tls = false\n"
    )

    account = Account.load()

    assert (account.name, str(account.uri), account.expires) == ("work", '"Alice" <sip:alice@example.com>', 120)
    assert (account.credentials.username, account.credentials.password) == ("a1", "s3cret")
    assert (account.route.address, account.route.port, account.route.transport) == ("proxy.example.com", 5070, "tcp")
    assert not account.registers
    assert account.rtp_config.use_srtp
    assert not account.msrp_config.local_use_tls


def test_a_file_may_be_named_by_its_text(write):
    path = write(HEAD)

    assert Account.load(path=str(path)).name == "work"


def test_without_the_extra_the_error_says_how_to_get_it():
    program = "import sys; sys.modules['pydantic'] = None; from sipsimple.account import Account; Account.load()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)

    told = 'ModuleNotFoundError: settings need an extra: pip install "sipsimple-gevent[settings]"'
    assert done.stderr.splitlines()[-1] == told


def test_what_the_file_does_not_say_is_as_everywhere(write):
    write(HEAD)

    account = Account.load()

    assert (account.route, account.rtp_config, account.msrp_config) == (None, None, None)
    assert (account.registers, account.expires, account.credentials.password) == (True, 600, None)


@pytest.mark.parametrize(
    ("lines", "address", "port", "transport"),
    [
        ('transport = "tls"\n', "example.com", 0, "tls"),
        ('outbound_proxy = "sips:proxy.example.com"\n', "proxy.example.com", 0, "tls"),
        ('outbound_proxy = "sip:proxy.example.com;transport=tls"\n', "proxy.example.com", 0, "tls"),
    ],
)
def test_the_way_to_the_server(write, lines, address, port, transport):
    write(HEAD + lines)

    route = Account.load().route

    assert (route.address, route.port, route.transport) == (address, port, transport)


def test_a_command_says_the_password(write):
    write(HEAD + f"password_command = {says('s3cret')!r}\n")

    assert Account.load().credentials.password == "s3cret"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["/nowhere/pass"], "cannot be run: not found"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "status 3"),
        (says(""), "printed nothing"),
    ],
)
def test_a_command_that_says_none_is_told(write, command, why):
    write(HEAD + f"password_command = {command!r}\n")

    with pytest.raises(SettingsError, match=why):
        Account.load()


def test_a_command_that_fails_is_told_also_where_gevent_takes_the_status_of_children(write):
    cooperative.run(["true"], check=True)
    write(HEAD + "password_command = ['sh', '-c', 'echo s3cret; exit 3']\n")

    with pytest.raises(SettingsError, match="status 3"):
        Account.load()


def test_what_a_command_has_printed_is_not_told_when_it_was_ended(write):
    write(HEAD + "password_command = ['sh', '-c', 'printf s3cret; kill -9 $PPID']\n")

    with pytest.raises(SettingsError, match="ended with a signal") as error:
        Account.load()

    assert "s3cret" not in str(error.value)


def test_the_words_of_a_command_are_left_as_they_are(write):
    write(HEAD + f"password_command = {[*says('')[:2], 'import sys; print(sys.argv[1])', '$HOME; exit 1']!r}\n")

    assert Account.load().credentials.password == "$HOME; exit 1"


def test_a_command_that_takes_too_long_is_given_up(write, monkeypatch):
    monkeypatch.setattr(password, "COMMAND_LIMIT", 0.1)
    write(HEAD + "password_command = ['sleep', '1']\n")

    with pytest.raises(SettingsError, match="took more than"):
        Account.load()


def test_the_keyring_says_the_password(write):
    keyring = pytest.importorskip("keyring")
    write(HEAD + "password_keyring = true\n")
    before = keyring.get_keyring()
    keyring.set_keyring(_keyring())
    try:
        assert Account.load().credentials.password == "s3cret"
    finally:
        keyring.set_keyring(before)


def test_a_keyring_that_has_none_is_told(write):
    keyring = pytest.importorskip("keyring")
    write('[accounts.work]\nuri = "sip:bob@example.com"\npassword_keyring = true\n')
    before = keyring.get_keyring()
    keyring.set_keyring(_keyring())
    try:
        with pytest.raises(SettingsError, match="no password of 'sipsimple' for sip:bob"):
            Account.load()
    finally:
        keyring.set_keyring(before)


def _keyring():
    """A keyring that has one password."""
    from keyring.backend import KeyringBackend

    class Ring(KeyringBackend):
        priority = 1

        def get_password(self, service, username):
            return "s3cret" if (service, username) == ("sipsimple", "sip:alice@example.com") else None

        def set_password(self, service, username, password):
            raise NotImplementedError

        def delete_password(self, service, username):
            raise NotImplementedError

    return Ring()


def test_an_account_needs_no_file_and_keeps_copies():
    credentials, route = Credentials(SIPURI("example.com", "alice"), "s3cret"), Route("proxy.example.com")

    account = Account(credentials, route)
    route.address = "elsewhere.example.com"
    credentials.password = "other"

    assert (account.name, account.route.address) == ("sip:alice@example.com", "proxy.example.com")
    assert account.credentials.password == "s3cret"
    assert "s3cret" not in repr(account)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"route": "proxy"}, TypeError),
        ({"expires": 1}, ValueError),
        ({"registers": "yes"}, TypeError),
        ({"name": "a\nb"}, ValueError),
        ({"rtp_config": 0}, TypeError),
        ({"msrp_config": {}}, TypeError),
    ],
)
def test_a_bad_argument_is_refused(arguments, error):
    with pytest.raises(error):
        Account(Credentials(SIPURI("example.com", "alice")), **arguments)
