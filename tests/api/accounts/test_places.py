"""Where a key stands in a TOML file."""

from sipsimple.api.accounts.places import line_of

TEXT = """\
default_account = "work"

[engine]
local_udp_port = 5060

[accounts.work]
uri = "sip:alice@example.com"
rtp.use_srtp = true

[accounts."at home".msrp]
relay_port = 1
"""


def test_a_key_in_a_table_is_found():
    assert line_of(TEXT, ("accounts", "work", "uri")) == 7


def test_dotted_and_quoted_keys_are_found():
    assert line_of(TEXT, ("accounts", "work", "rtp", "use_srtp")) == 8
    assert line_of(TEXT, ("accounts", "at home", "msrp", "relay_port")) == 11


def test_a_key_that_is_missing_is_where_its_table_begins():
    assert line_of(TEXT, ("accounts", "work", "password")) == 6


def test_a_key_of_no_table_of_the_file_has_no_line():
    assert line_of(TEXT, ("sounds", "volume")) is None
