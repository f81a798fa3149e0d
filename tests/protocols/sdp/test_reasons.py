"""What is wrong with a description is named without its text: the reason goes to the log and to the peer."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sdp.document import SessionDescription
from sipsimple.protocols.sdp.file_attributes import FileAttributes
from sipsimple.protocols.sdp.message_media import MessageMedia

MARK = "s3cret"
HEAD = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0"]
CHAT = ["m=message 9 TCP/MSRP *", "a=accept-types:*", "a=path:msrp://127.0.0.1:9/x;tcp"]


def read(*lines: str) -> None:
    """Read a description as far as a call reads it."""
    document = SessionDescription.parse("\r\n".join([*lines, ""]))
    for media in document.media:
        MessageMedia.from_media(media, document)
        FileAttributes.from_media(media)


@pytest.mark.parametrize(
    "lines",
    [
        [MARK, *HEAD],
        [*HEAD, MARK],
        ["v=0", f"o={MARK}", *HEAD[2:]],
        ["v=0", f"o=- {MARK} 1 IN IP4 127.0.0.1", *HEAD[2:]],
        [*HEAD[:3], f"c={MARK}", *HEAD[4:]],
        [*HEAD, f"m={MARK}"],
        [*HEAD, f"m=message {MARK} TCP/MSRP *"],
        [*HEAD, *CHAT[:2], f"a=path:{MARK}"],
        [*HEAD, *CHAT[:2], f"a=path:msrps://127.0.0.1:9/{MARK};tcp"],
        [*HEAD, *CHAT, f"a=setup:{MARK}"],
        [*HEAD, *CHAT, f"a=max-size:{MARK}"],
        [*HEAD, *CHAT, "a=file-selector:size:1", "a=file-transfer-id:x", f"a=file-range:{MARK}"],
    ],
)
def test_a_reason_does_not_quote_the_description(lines: list[str]) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        read(*lines)
    assert MARK not in str(refused.value)


def test_without_a_fault_there_is_none() -> None:
    read(*HEAD, *CHAT)
