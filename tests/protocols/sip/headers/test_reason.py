"""Reason: why a request was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.protocols.sip.headers.reason import Reason, first_reason, read_reasons


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('SIP ;cause=200 ;text="Call completed elsewhere"', Reason("SIP", 200, "Call completed elsewhere")),
        ('Q.850;cause=16;text="Terminated"', Reason("Q.850", 16, "Terminated")),
        ("Q.850;cause=16", Reason("Q.850", 16)),
        ("SIP", Reason("SIP")),
        ('SIP;text="a \\"b\\", c"', Reason("SIP", None, 'a "b", c')),
        ("SIP;cause=many", Reason("SIP")),
        ("SIP;cause=99999999999", Reason("SIP")),
        ("SIP;cause=\u00b2", Reason("SIP")),
        ("SIP;cause=\u0662\u0660", Reason("SIP")),
    ],
)
def test_a_reason_is_read(text, reason):
    assert read_reasons([text]) == (reason,)


def test_what_is_said_at_length_is_cut():
    """It is shown to people, and logged."""
    (reason,) = read_reasons([f'SIP;text="{"x" * 5000}"'])
    assert reason.text == "x" * 160


def test_of_several_the_first_with_a_cause_says_most():
    assert first_reason(["preemption, Q.850;cause=16", "SIP;cause=600"]) == Reason("Q.850", 16)
    assert first_reason(["preemption"]) == Reason("preemption")
    assert first_reason([]) is None


@pytest.mark.parametrize("text", ['SIP;text="', "", "a b;cause=1", "SIP;;", "\x00"])
def test_what_cannot_be_read_explains_nothing_and_harms_nothing(text):
    assert first_reason([text]) is None


def test_a_reason_is_written_as_one_line_that_reads_the_same():
    assert str(Reason("SIP", 200, "done")) == 'SIP;cause=200;text="done"'
    assert str(Reason("SIP", 503)) == "SIP;cause=503"
    assert str(Reason("SIP", None, "a\r\nb")) == 'SIP;text="a??b"'


@given(st.text())
def test_any_text_is_read_or_passed_over_and_what_is_read_can_be_written(text):
    for each in read_reasons([text]):
        assert read_reasons([str(each)]) == (each,)
