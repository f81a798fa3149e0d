"""Presence documents as servers and other user agents write them."""

from __future__ import annotations

import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.payloads.notes import Note
from sipsimple.protocols.payloads.pidf import Contact, Device, Person, Presence, Tuple
from sipsimple.protocols.payloads.rpid import Statement, UserInput

DOCUMENT = b"""<?xml version="1.0" encoding="UTF-8"?>
<p:presence xmlns:p="urn:ietf:params:xml:ns:pidf" xmlns:m="urn:ietf:params:xml:ns:pidf:data-model"
    xmlns:r="urn:ietf:params:xml:ns:pidf:rpid" xmlns:e="urn:example:extra" entity="pres:carol@example.net">
  <!-- of our own making -->
  <p:tuple id="desk" e:rank="3">
    <p:status><p:basic>open</p:basic><e:light>green</e:light></p:status>
    <r:user-input idle-threshold="300" last-input="2026-11-20T08:00:00Z">idle</r:user-input>
    <e:colour>blue</e:colour>
    <p:contact priority="0.7">sip:carol@192.0.2.4</p:contact>
    <p:note xml:lang="en">at my desk</p:note>
    <p:timestamp>2026-11-20T09:00:00Z</p:timestamp>
  </p:tuple>
  <m:person id="me">
    <r:activities from="2026-11-20T09:00:00Z"><r:note>planning</r:note><r:meeting/><e:chess/></r:activities>
    <r:status-icon>http://example.net/icon</r:status-icon>
    <m:note>call me later</m:note>
  </m:person>
  <m:device id="laptop"><m:deviceID>urn:uuid:1</m:deviceID></m:device>
  <e:unknown><e:deep/></e:unknown>
</p:presence>"""


def test_a_document_says_who_is_where_and_does_what():
    presence = Presence.parse(DOCUMENT)

    (service,) = presence.tuples
    assert presence.entity == "pres:carol@example.net"
    assert (service.id, service.basic) == ("desk", "open")
    assert service.contact == Contact("sip:carol@192.0.2.4", "0.7")
    assert service.user_input == UserInput("idle", "2026-11-20T08:00:00Z", "300")
    assert service.notes == (Note("at my desk", "en"),)
    assert service.timestamp == "2026-11-20T09:00:00Z"
    (person,) = presence.persons
    activities, icon = person.statements
    assert (activities.kind, activities.words, activities.since) == (
        "activities",
        ("meeting",),
        "2026-11-20T09:00:00Z",
    )
    assert activities.notes == (Note("planning"),)
    assert icon == Statement("status-icon", text="http://example.net/icon")
    assert presence.devices == (Device("laptop", "urn:uuid:1"),)


def test_what_it_does_not_know_is_kept_and_written_back():
    presence = Presence.parse(DOCUMENT)
    again = bytes(presence)

    for mark in (b"green", b"blue", b"rank", b"chess", b"unknown", b"deep"):
        assert mark in again
    assert Presence.parse(again) == presence


def test_a_document_of_ours_has_the_order_of_the_schema():
    """RFC 3863 4.4: status, extensions, contact, note, timestamp."""
    value = Tuple(
        "t", "open", Contact("sip:a@b"), (Statement("class", text="x"),), None, (Note("n"),), "2026-01-01T00:00:00Z"
    )
    written = bytes(Presence("pres:a@b", (value,), persons=(Person("p"),)))

    places = [written.index(mark) for mark in (b"<status", b"class", b"<contact", b"<note", b"<timestamp", b"person")]
    assert places == sorted(places)
    assert b'xmlns="urn:ietf:params:xml:ns:pidf"' in written


def test_a_tuple_without_id_is_refused():
    with pytest.raises(RemoteProtocolError):
        Presence.parse(b'<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="x"><tuple/></presence>')
