"""What stands in the CPIM wrapper of a chat message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.api.chat.content import cpim_address, cpim_time
from sipsimple.core import SIPURI
from sipsimple.protocols import cpim

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@pytest.mark.parametrize(
    ("uri", "written"),
    [
        (SIPURI("b", "a", "secret", 5070, parameters={"x": "1"}), "<sip:a@b>"),
        (SIPURI("b", display="B"), '"B" <sip:b>'),
        (SIPURI("b", "a> <sip:eve@e", secure=True), "<sips:a%3E%20%3Csip%3Aeve%40e@b>"),
        (SIPURI("2001:db8::1", "a"), "<sip:a@[2001:db8::1]>"),
    ],
)
def test_the_address_is_the_bare_uri_escaped(uri, written):
    assert cpim_address(uri) == written


@given(user=TEXT, display=TEXT)
def test_whatever_the_user_the_peer_reads_it_again(user, display):
    uri = SIPURI("example.com", user, display=display)
    wrapped = cpim.parse(cpim.build(cpim_address(uri), "<sip:b@c>", "", b"", "text/plain"))
    name, text = cpim.cpim_headers(wrapped)["From"]
    assert SIPURI.parse(text) == uri
    assert (name or "") == display


def test_the_time_is_a_datetime():
    with pytest.raises(TypeError, match="dt"):
        cpim_time("now")
