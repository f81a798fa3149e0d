"""A file that goes on where it was cut, with peers that count in ways of their own."""

from __future__ import annotations

import os

import pytest

from sipsimple.protocols.msrp import chunk
from sipsimple.protocols.msrp.headers import ByteRange
from sipsimple.protocols.msrp.transfer.outputs import (
    Finished,
)
from tests.protocols.msrp.transfer.ends import begin, chunks, peer_chunk


def test_a_transfer_goes_on_where_the_receiver_says():
    content = os.urandom(300_000)
    transfer = begin(content, held=content[:200_000], asks=True)
    transfer.exchange()

    assert sum(each.size for each in chunks(transfer)) == 100_000
    assert chunks(transfer)[0].fields["Byte-Range"] == "200001-*/300000"
    assert transfer.bob.file == content
    assert transfer.alice.told(Finished)
    assert transfer.log[2].method == "FILE_OFFSET"
    assert transfer.log[3].fields["Offset"] == "200000"


def test_a_receiver_that_has_it_all_asks_for_the_last_byte():
    """There are senders who would send nothing and wait for ever."""
    content = os.urandom(1000)
    transfer = begin(content, held=content, asks=True)
    transfer.exchange()

    assert [each.size for each in chunks(transfer)] == [1]
    assert transfer.alice.told(Finished)


def test_a_range_that_was_agreed_on_counts_from_its_beginning():
    content = os.urandom(300_000)
    transfer = begin(content, held=content[:200_000], begun=200_000, bob_options={"begun": 200_000})
    transfer.exchange()

    assert chunks(transfer)[0].fields["Byte-Range"] == "1-*/100000"
    assert transfer.bob.file == content
    assert transfer.alice.told(Finished)


@pytest.mark.parametrize("byte_range", [ByteRange(200_001, None, 300_000), ByteRange(1, None, 100_000)])
def test_both_ways_to_count_in_a_range_are_understood(byte_range):
    content = os.urandom(300_000)
    transfer = begin(content, held=content[:200_000], bob_options={"begun": 200_000})
    transfer.bob.take(peer_chunk(content[200_000:], byte_range, "$"))

    assert transfer.bob.file == content
    assert transfer.bob.told(Finished)


def test_a_sender_that_begins_at_the_beginning_all_the_same_is_taken():
    content = os.urandom(300_000)
    transfer = begin(content, held=content[:200_000])
    transfer.exchange()

    assert transfer.bob.file == content
    assert transfer.alice.told(Finished)


def test_a_peer_that_knows_no_offset_gets_the_whole_file():
    transfer = begin(b"hello", asks=True)
    alice = transfer.alice
    transfer.bob.take(alice.wire.pop().encode())
    alice.take(transfer.bob.wire.pop().encode())
    alice.take(chunk.response(alice.wire.pop(), 501).encode())

    [sent] = alice.wire
    assert sent.data == b"hello"


@pytest.mark.parametrize("offset", ["6", "-1", "x", ""])
def test_an_offset_that_cannot_be_means_the_whole_file(offset):
    transfer = begin(b"hello", asks=True)
    alice = transfer.alice
    transfer.bob.take(alice.wire.pop().encode())
    alice.take(transfer.bob.wire.pop().encode())
    response = chunk.response(alice.wire.pop(), 200)
    response.fields["Offset"] = offset
    alice.take(response.encode())

    assert alice.wire[0].data == b"hello"


def test_a_peer_that_says_that_it_has_all_gets_the_last_byte_again():
    """Without a chunk there would be nothing to report on."""
    transfer = begin(b"hello", asks=True)
    alice = transfer.alice
    transfer.bob.take(alice.wire.pop().encode())
    alice.take(transfer.bob.wire.pop().encode())
    response = chunk.response(alice.wire.pop(), 200)
    response.fields["Offset"] = "5"
    alice.take(response.encode())

    assert (alice.wire[0].data, alice.wire[0].fields["Byte-Range"]) == (b"o", "5-5/5")


# Senders of other makes
