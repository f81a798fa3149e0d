"""What the bodies of notifications say, in words."""

from __future__ import annotations

import pytest

from sipsimple.cli.documents import lines_of

PIDF = b"""<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
 xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:bob@example.com">
<tuple id="a"><status><basic>open</basic></status><r:activities><r:meeting/><r:busy/></r:activities>
<contact>sip:bob@192.0.2.1</contact><note>room 5</note></tuple>
<tuple id="b"><status/></tuple><note>all of him</note>
<dm:person id="p"><r:mood><r:happy/></r:mood></dm:person>
<dm:device id="d"><dm:deviceID>urn:device:1</dm:deviceID></dm:device></presence>"""

SUMMARY = (
    b"Messages-Waiting: yes\r\nMessage-Account: sip:bob@example.com\r\nVoice-Message: 2/8 (1/2)\r\nFax-Message: 0/1\r\n"
)

DIALOGS = b"""<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"
 version="1" state="full" entity="sip:bob@example.com">
<dialog id="x" direction="recipient"><state event="rejected" code="486">terminated</state>
<remote><identity display="Carol">sip:carol@example.com</identity></remote></dialog></dialog-info>"""

WATCHERS = b"""<watcherinfo xmlns="urn:ietf:params:xml:ns:watcherinfo" version="0" state="full">
<watcher-list resource="sip:bob@example.com" package="presence">
<watcher id="1" status="pending" event="subscribe" expiration="300" display-name="Carol">sip:carol@example.com</watcher>
</watcher-list></watcherinfo>"""

READ = {
    "presence": (
        "application/pidf+xml",
        PIDF,
        [
            'sip:bob@192.0.2.1: open, meeting busy, "room 5"',
            "b: neither open nor closed",
            "person: happy",
            "device urn:device:1",
            'note: "all of him"',
        ],
    ),
    "presence of nobody": (
        "application/PIDF+xml",
        b'<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:bob@example.com"/>',
        ["sip:bob@example.com: nothing is known"],
    ),
    "waiting messages": (
        "application/simple-message-summary",
        SUMMARY,
        ["messages wait: yes", "Voice-Message: 2 new, 8 old, 1 of the new ones urgent", "Fax-Message: 0 new, 1 old"],
    ),
    "dialogs": (
        "application/dialog-info+xml",
        DIALOGS,
        ["dialog x: terminated, rejected (486), recipient, with Carol"],
    ),
    "watchers": (
        "application/watcherinfo+xml",
        WATCHERS,
        ['"Carol" sip:carol@example.com: pending (subscribe), 300 s left'],
    ),
    "text of another type": ("application/x-tea", b"hot\nsweet", ["hot", "sweet"]),
    "bytes of another type": ("application/x-tea", b"\xff\x00", ["(not text)"]),
    "what could harm a terminal": ("text/plain", b"a\x1b[2Jb", ["a\N{REPLACEMENT CHARACTER}[2Jb"]),
    "nothing": (None, b"", []),
}


@pytest.mark.parametrize(("content_type", "body", "lines"), READ.values(), ids=READ)
def test_a_body_is_told_in_lines(content_type: str | None, body: bytes, lines: list[str]) -> None:
    assert lines_of(content_type, body) == lines


@pytest.mark.parametrize("content_type", ["application/pidf+xml", "application/simple-message-summary"])
def test_a_body_that_cannot_be_read_is_told_with_the_reason_and_as_it_is(content_type: str) -> None:
    reason, text = lines_of(content_type, b"garbage")
    assert reason.startswith("cannot be read: ")
    assert text == "garbage"
