"""Our line with another path: what it says beside that stays. RFC 4976 section 5, RFC 5547."""

from __future__ import annotations

import pytest

from sipsimple.actors.msrp.relayed import with_path
from sipsimple.actors.transfer.line import TransferLine
from sipsimple.actors.transfer.relayed import through
from sipsimple.protocols.msrp.transfer import receiving as transfer_receiving
from sipsimple.protocols.msrp.transfer import sending as transfer_sending
from sipsimple.protocols.sdp.media import Attribute, Media
from sipsimple.protocols.sdp.message_media import MessageMedia

OWN = "msrp://127.0.0.1:2855/own;tcp"
RELAY, NAMED = "msrp://192.0.2.9:2900/r1;tcp", "msrp://relay.example.com:2855/r1;tcp"


def line():
    """A line about a file, as it is without a relay."""
    return Media.parse(
        [
            "m=message 2855 TCP/MSRP *",
            "c=IN IP4 127.0.0.1",
            f"a=path:{OWN}",
            "a=accept-types:*",
            "a=setup:actpass",
            "a=msrp-cema",
            "a=sendonly",
            'a=file-selector:name:"a b.txt" type:text/plain size:3',
            "a=file-transfer-id:abc",
            'a=file-date:modification:"Mon, 23 Nov 2026 00:00:00 GMT"',
        ]
    )


def names(media):
    return [each.name for each in media.attributes]


def test_a_line_with_another_path_says_the_same_of_its_file():
    moved = with_path(line(), (RELAY, OWN))
    assert moved.attribute("path") == f"{RELAY} {OWN}"
    assert names(moved) == names(line())
    for name in ("file-selector", "file-transfer-id", "file-date", "setup", "accept-types"):
        assert moved.attribute(name) == line().attribute(name)
    assert (moved.port, str(moved.connection)) == (2900, "IN IP4 192.0.2.9")


def test_behind_a_relay_the_fingerprint_of_our_certificate_is_not_told():
    """RFC 4975 section 14.4: who connects to the relay would look for it there."""
    told = line().with_(attributes=(*line().attributes, Attribute("fingerprint", "SHA-256 AA:BB")))
    assert "fingerprint" not in names(with_path(told, (RELAY, OWN)))
    assert "fingerprint" in names(with_path(told, (OWN,)))


def test_a_path_with_a_name_takes_cema_away():
    """RFC 6714: c= and m= could not lead there."""
    moved = with_path(line(), (NAMED, OWN))
    assert "msrp-cema" not in names(moved)
    assert moved.attribute("file-transfer-id") == "abc"


@pytest.mark.parametrize("sends", [True, False])
def test_a_transfer_goes_through_relays_the_nearest_first(sends):
    core = transfer_sending.create((OWN,), "seed", 3, "m123") if sends else transfer_receiving.create((OWN,), "seed")
    before = TransferLine(core=core, media=line())
    after, outputs = through(before, (NAMED, RELAY))
    assert outputs == ()
    assert after.core.terms.local_path == (NAMED, RELAY, OWN)
    assert MessageMedia.from_media(after.media).path == (NAMED, RELAY, OWN)
    again, _ = through(after, (RELAY,))
    assert again.core.terms.local_path == (RELAY, OWN)


def test_a_transfer_that_is_not_prepared_has_no_path_to_change():
    assert through(TransferLine(), (RELAY,)) == (TransferLine(), ())
