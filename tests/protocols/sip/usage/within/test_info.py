"""INFO, sent and received: RFC 6086."""

import pytest

from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.refer.events import SendInfo
from sipsimple.protocols.sip.usage.within.info import digit_body, read_digit
from tests.protocols.sip.usage.scenes import answered, answering, calling, established, in_dialog, ringing

RELAY, PLAIN = "application/dtmf-relay", "application/dtmf"
EARLY_OR_NOT = pytest.mark.parametrize("make", [calling, ringing, answering, established, answered])


def info(party, content_type="", body=b"", *headers):
    lines = [("Content-Type", content_type)] if content_type else []
    return in_dialog(party, "INFO", 5, *lines, *headers, body=body)


@EARLY_OR_NOT
@pytest.mark.parametrize(
    ("content_type", "body", "digit"),
    [
        (RELAY, b"Signal=5\r\nDuration=160\r\n", "5"),
        (RELAY, b"Signal= *\r\nDuration= 250\r\n", "*"),
        (RELAY, b"signal = 11\n", "#"),
        (PLAIN, b"7", "7"),
        (PLAIN, b" d\r\n", "D"),
        (PLAIN, b"10", "*"),
    ],
)
def test_a_digit_is_told_as_a_digit(make, content_type, body, digit):
    party = make()
    party.receive(info(party, content_type, body))
    assert party.statuses("INFO") == [200]
    assert (party.told[-1].name, party.told[-1].data) == ("SCSessionGotDTMF", {"digit": digit})


@pytest.mark.parametrize(
    ("content_type", "body"), [(RELAY, b"Duration=1\r\n"), (RELAY, b""), (PLAIN, b"x"), (PLAIN, b"")]
)
def test_what_names_no_digit_gets_400(content_type, body):
    party = established()
    party.receive(info(party, content_type, body))
    assert party.statuses("INFO") == [400]
    assert party.names[-1] == "SCSessionDidStart"


@pytest.mark.parametrize(
    "content_type", ["application/x-anything", "application/media_control+xml", "text/plain;charset=utf-8"]
)
def test_any_other_content_is_the_applications(content_type):
    party = established()
    party.receive(info(party, content_type, b"<x/>", ("X-Of", "theirs"), ("Authorization", "Digest x")))
    assert party.statuses("INFO") == [200]
    told = party.told[-1]
    assert told.name == "SCSessionGotInfo"
    assert (told.data["content_type"], told.data["body"]) == (content_type, b"<x/>")
    assert told.data["headers"]["x-of"] == "theirs"
    assert "authorization" not in told.data["headers"]


def test_a_hook_flash_is_the_applications_and_an_empty_info_is_nobodys():
    party = established()
    party.receive(info(party, RELAY, b"Signal=16\r\n"))
    assert party.told[-1].name == "SCSessionGotInfo"
    party.receive(info(party).replacing({"CSeq": "6 INFO", "Via": "SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKsecond"}))
    assert party.statuses("INFO") == [200, 200]
    assert party.told[-1].data["body"] == b"Signal=16\r\n"


def test_an_info_package_gets_469_which_says_that_there_is_none():
    party = established()
    party.receive(info(party, "text/plain", b"x", ("Info-Package", "foo")))
    assert party.last.status == 469
    assert party.last.get("recv-info") == ""
    assert party.names[-1] == "SCSessionDidStart"


def test_a_session_that_ends_takes_none():
    party = established()
    party.do(events.Terminate())
    party.receive(info(party, PLAIN, b"1"))
    assert party.statuses("INFO") == [481]


def test_an_info_is_sent_and_its_answer_told():
    party = established()
    party.do(SendInfo("one", "text/plain", b"hello"))
    request = party.last
    assert (request.method, str(request.content_type), request.body) == ("INFO", "text/plain", b"hello")
    party.receive(response_to(request, 200))
    assert party.told[-1].name == "SCSessionInfoDidSucceed"
    assert party.told[-1].data == {"info_id": "one", "code": 200, "reason": "OK"}


def test_of_several_one_goes_after_the_other():
    party = established()
    for each in "123":
        party.do(SendInfo(each, RELAY, digit_body(each)))
    assert len(party.requests("INFO")) == 1
    for _ in "123":
        party.receive(response_to(party.last, 200))
    assert [each.body for each in party.requests("INFO")] == [digit_body(each) for each in "123"]
    assert [each.data["info_id"] for each in party.told if each.name == "SCSessionInfoDidSucceed"] == ["1", "2", "3"]


def test_a_refusal_is_told_with_its_status_and_the_next_goes_out():
    party = established()
    party.do(SendInfo("one", "text/plain", b"x"))
    party.do(SendInfo("two", "text/plain", b"y"))
    party.receive(response_to(party.last, 415))
    assert party.told[-1].data == {"info_id": "one", "code": 415, "reason": "Unsupported Media Type"}
    assert party.last.body == b"y"


@pytest.mark.parametrize(("how", "code"), [("timeout", 408), ("transport", 503)])
def test_an_info_that_nobody_answers_is_told(how, code):
    party = established()
    party.do(SendInfo("one", "text/plain", b"x"))
    if how == "timeout":
        party.fire((next(each for each in party.call.transactions.entries if each[-1] == "INFO"), "F"))
    else:
        party.refuse(party.last)
    assert party.told[-1].name == "SCSessionInfoDidFail"
    assert party.told[-1].data["code"] == code


def test_after_bye_nothing_more_goes_out():
    party = established()
    party.do(SendInfo("one", "text/plain", b"x"))
    party.do(SendInfo("two", "text/plain", b"y"))
    first = party.last
    party.do(events.Terminate())
    party.receive(response_to(first, 200))
    assert len(party.requests("INFO")) == 1


@pytest.mark.parametrize("digit", "0123456789*#ABCD")
def test_every_digit_that_we_send_reads_the_same(digit):
    assert read_digit(RELAY, digit_body(digit)) == digit
