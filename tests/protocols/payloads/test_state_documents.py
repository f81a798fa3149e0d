"""Watcher information (RFC 3858) and dialog information (RFC 4235)."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.payloads.dialog_info import DialogInfo, DialogState, Participant
from sipsimple.protocols.payloads.watchers import Watcher, WatcherInfo, WatcherList

WATCHERS = b"""<watcherinfo xmlns="urn:ietf:params:xml:ns:watcherinfo" version="7" state="partial">
 <watcher-list resource="sip:carol@example.net" package="presence">
  <watcher id="w1" event="subscribe" status="pending" display-name="Dan" expiration="90">sip:dan@example.org</watcher>
 </watcher-list>
</watcherinfo>"""

DIALOGS = b"""<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info"
 version="2" state="full" entity="sip:carol@example.net">
 <dialog id="d9" call-id="c1" local-tag="a" remote-tag="b" direction="recipient">
  <state event="rejected" code="486">terminated</state><duration>12</duration>
  <local><identity display="Carol">sip:carol@example.net</identity>
   <target uri="sip:carol@192.0.2.4"><param pname="+sip.rendering" pval="no"/></target></local>
  <remote><identity>sip:dan@example.org</identity><target uri="sip:dan@192.0.2.5"/></remote>
 </dialog>
</dialog-info>"""


def test_watchers_are_listed_by_resource():
    watcher = Watcher("sip:dan@example.org", "w1", "pending", "subscribe", "Dan", 90)
    expected = WatcherInfo(7, False, (WatcherList("sip:carol@example.net", "presence", (watcher,)),))

    assert WatcherInfo.parse(WATCHERS) == expected


def test_dialogs_have_a_state_and_two_sides():
    info = DialogInfo.parse(DIALOGS)

    (dialog,) = info.dialogs
    assert (info.entity, info.version, info.is_full) == ("sip:carol@example.net", 2, True)
    assert (dialog.state, dialog.event, dialog.code, dialog.duration) == ("terminated", "rejected", 486, 12)
    assert dialog.remote == Participant("sip:dan@example.org", target="sip:dan@192.0.2.5")
    assert dialog.local is not None
    assert (dialog.local.identity, dialog.local.display) == ("sip:carol@example.net", "Carol")


def test_the_parameters_of_a_target_are_not_lost():
    info = DialogInfo.parse(DIALOGS)

    assert b"+sip.rendering" in bytes(info)
    assert DialogInfo.parse(bytes(info)) == info


@pytest.mark.parametrize(
    "data",
    [
        WATCHERS.replace(b'version="7"', b'version="-7"'),
        WATCHERS.replace(b' id="w1"', b""),
        DIALOGS.replace(b'<state event="rejected" code="486">terminated</state>', b""),
        DIALOGS.replace(b'code="486"', b'code="x"'),
    ],
)
def test_what_must_be_there_and_is_not_is_refused(data):
    with pytest.raises(RemoteProtocolError):
        (WatcherInfo if b"watcherinfo" in data else DialogInfo).parse(data)


def test_a_short_document_of_ours_can_be_read():
    info = DialogInfo("sip:a@b", 1, True, (DialogState("1", "early", local=Participant("sip:a@b", "A")),))
    assert DialogInfo.parse(bytes(info)) == info
