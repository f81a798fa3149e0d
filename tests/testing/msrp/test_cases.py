"""The tables of the conformance suite."""

from __future__ import annotations

import re

from sipsimple.testing.msrp.case import Role, Send
from sipsimple.testing.msrp.cases import CASES
from sipsimple.testing.msrp.cases.building import cpim, request
from sipsimple.testing.msrp.wire import Reader

PLACES = re.compile(rb"\[\[([a-z][a-z0-9_]*)\]\]")


def test_every_case_has_an_id_of_its_own_that_begins_with_its_rfc():
    ids = [each.id for each in CASES]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"(4975|4976|5547|6135|6714|7701|3862|3994|5438)-[a-z0-9.-]+", each) for each in ids)


def test_there_are_cases_for_each_rfc_and_each_role():
    least_of = {"4975": 80, "4976": 15, "5547": 8, "6135": 6, "6714": 6, "7701": 10, "3862": 20, "3994": 8, "5438": 12}
    for rfc, least in least_of.items():
        assert sum(each.id.startswith(rfc) for each in CASES) >= least, rfc
    assert {each.role for each in CASES} == set(Role)


def test_every_case_looks_at_something():
    for case in CASES:
        assert case.answer is not None or any(not isinstance(each, Send) for each in case.steps), case.id
        assert case.rule


def test_a_request_is_one_chunk_with_the_range_of_its_body():
    data = PLACES.sub(rb"\1xx", request(success="yes", extra=("X-A: b",)))
    [chunk] = Reader().feed(data.replace(b"MSRP t1xx", b"MSRP t1xx"))
    assert (chunk.method, chunk.body, chunk.byte_range, chunk.flag) == ("SEND", b"hello", (1, 5), "$")
    names = [line.partition(":")[0] for line in chunk.lines]
    assert names == ["To-Path", "From-Path", "Message-ID", "Byte-Range", "Success-Report", "X-A", "Content-Type"]


def test_what_is_none_is_left_out_of_a_request():
    data = request(m=None, to=None, span="", kind=None, body=None)
    assert data == b"MSRP [[t1]] SEND\r\nFrom-Path: [[from]]\r\n-------[[t1]]$\r\n"


def test_a_cpim_message_has_two_blank_lines_before_its_content():
    assert cpim(b"x\r\n\r\ny", "From: <sip:a@b>").split(b"\r\n\r\n", 2)[2] == b"x\r\n\r\ny"
