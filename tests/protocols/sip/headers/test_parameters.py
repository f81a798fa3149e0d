"""The parameters that header fields share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.grammar import quote
from sipsimple.protocols.sip.headers.media_type import MediaType
from sipsimple.protocols.sip.headers.parameters import (
    MAX_PARAMETERS,
    format_parameters,
    parse_parameters,
    with_parameter,
)

TOKENS = st.text("abcxyz019-.!%*_+`'~", min_size=1, max_size=8)
TEXTS = st.text(st.characters(exclude_characters="\r\n"), max_size=8)
VALUES = st.none() | TOKENS | TEXTS.map(quote) | st.just("[2001:db8::1]:5060")


@given(st.lists(st.tuples(TOKENS, VALUES), max_size=5).map(tuple))
def test_parameters_are_read_back_as_they_were_written(parameters):
    assert parse_parameters(format_parameters(parameters)) == parameters


def test_names_lose_their_case_and_values_keep_their_quotes():
    parsed = parse_parameters(';TAG = aB ; +sip.instance="<urn:uuid:1>;\\"x\\"";lr;empty=')

    assert parsed == (("tag", "aB"), ("+sip.instance", '"<urn:uuid:1>;\\"x\\""'), ("lr", None), ("empty", None))


def test_a_value_is_read_unquoted_and_tells_absent_from_empty():
    carrier = MediaType("a", "b", parse_parameters(';x="1 \\" 2";lr'))

    assert [carrier.parameter(name) for name in ("x", "lr", "none")] == ['1 " 2', "", None]


@pytest.mark.parametrize(
    "text",
    [
        ";",
        ";;",
        ";a;;b",
        ";=x",
        "a=b",
        ";a=b c",
        ";a b",
        ';a="open',
        ";a=<x>",
        ";a,b",
        ";\x00=1",
        ";a=\x7f",
        ';a="x"y',
        ';a="\r\nx"',
        ';a="\\\n"',
    ],
)
def test_malformed_parameters_are_refused(text):
    with pytest.raises(RemoteProtocolError, match="malformed parameter"):
        parse_parameters(text)


def test_the_number_of_parameters_is_bounded():
    assert len(parse_parameters(";a=b" * MAX_PARAMETERS)) == MAX_PARAMETERS
    with pytest.raises(RemoteProtocolError):
        parse_parameters(";a=b" * (MAX_PARAMETERS + 1))


def test_setting_a_parameter_keeps_the_others_and_their_order():
    parameters = (("a", "1"), ("b", None))

    assert with_parameter(parameters, "a", None) == (("a", None), ("b", None))
    assert with_parameter(parameters, "c", "3") == (("a", "1"), ("b", None), ("c", "3"))
