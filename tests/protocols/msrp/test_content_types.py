import pytest

from sipsimple.protocols.msrp.content_types import accepts, is_cpim, with_charset


@pytest.mark.parametrize(
    ("types", "content_type", "accepted"),
    [
        (("text/*",), "text/plain; charset=utf-8", True),
        (("text/plain",), "TEXT/PLAIN", True),
        (("*",), "image/png", True),
        (("text/*", "image/png"), "image/jpeg", False),
        ((), "text/plain", False),
    ],
)
def test_types_are_matched_with_wildcards(types, content_type, accepted):
    assert accepts(types, content_type) is accepted


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/html;charset=latin1", "text/html;charset=latin1"),
        ('Text/Plain; Charset="utf8"', 'Text/Plain; Charset="utf8"'),
        ("application/im-iscomposing+xml", "application/im-iscomposing+xml"),
    ],
)
def test_text_always_names_its_charset(given, sent):
    assert with_charset(given) == sent


@pytest.mark.parametrize(
    ("content_type", "wrapped"),
    [("message/cpim", True), ("Message/CPIM ; x=y", True), ("message/cpim2", False), ("text/plain", False)],
)
def test_cpim_is_known_by_its_type(content_type, wrapped):
    assert is_cpim(content_type) is wrapped
