"""REFER as the one who receives it: RFC 3515 2.4.2 to 2.4.7."""

import pytest

from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.refer.events import AcceptTransfer, ReferralProgressed, RejectTransfer
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import Party
from tests.protocols.sip.usage.scenes import answered, answering, calling, established, in_dialog, ringing

CAROL = "sip:carol@example.org"
REPLACES = "call%40b%3Bto-tag%3D1%3Bfrom-tag%3D2"
CONTACT = ("Contact", "<sip:peer@192.0.2.2:5070>")


def refer(party: Party, value: str | None = f"<{CAROL}>", cseq: int = 5, *headers) -> Request:
    """Return a REFER of the peer."""
    lines = [] if value is None else [("Refer-To", value)]
    return in_dialog(party, "REFER", cseq, CONTACT, *lines, *headers)


def asked(make=established, *headers) -> Party:
    """Return a call whose peer asks for a transfer."""
    party = make()
    party.receive(refer(party, f"<{CAROL}>", 5, *headers))
    return party


def reports(party: Party) -> list[tuple[str, str]]:
    """Return what the peer was told, who has answered it all: bodies and states of the subscription."""
    for each in (told := party.requests("NOTIFY")):
        party.receive(response_to(each, 200))
        told += party.requests("NOTIFY")[len(told) :]
    return [(each.body.decode().strip()[8:], each.get("subscription-state") or "") for each in told]


@pytest.mark.parametrize("make", [established, answered])
def test_a_refer_gets_202_and_a_first_notify_and_the_application_is_asked(make):
    party = asked(make, ("Referred-By", "<sip:boss@example.org>"))
    assert party.statuses("REFER") == [202]
    assert party.requests("NOTIFY")[0].get("event") == "refer"
    assert party.last.content_type.essence == "message/sipfrag"
    assert reports(party) == [("100 Trying", "active;expires=180")]
    assert party.told[-1].data == {
        "transfer_destination": CAROL,
        "transfer_source": party.call.remote,
        "referred_by": "<sip:boss@example.org>",
        "is_attended": False,
    }


def test_a_refer_refreshes_the_target():
    assert asked().call.dialog.remote_target == "sip:peer@192.0.2.2:5070"
    assert asked().requests("NOTIFY")[0].uri == "sip:peer@192.0.2.2:5070"


def test_an_attended_transfer_names_the_dialog_to_be_replaced():
    party = established()
    party.receive(refer(party, f"<{CAROL};method=INVITE?Replaces={REPLACES}&Subject=x>"))
    assert party.told[-1].data["is_attended"]
    assert party.call.referral.replaces == "call@b;to-tag=1;from-tag=2"
    assert party.call.referral.destination == CAROL


def test_a_call_that_is_made_and_answered_is_reported_to_its_end():
    party = asked()
    party.do(AcceptTransfer())
    party.do(ReferralProgressed(180, "Ringing"))
    party.do(ReferralProgressed(180, "Ringing"))
    party.do(ReferralProgressed(200, "OK"))
    party.do(ReferralProgressed(487, "too late"))
    assert reports(party)[1:] == [
        ("180 Ringing", "active;expires=180"),
        ("200 OK", "terminated;reason=noresource"),
    ]
    assert party.transfers == ["NewIncoming", "DidStart", "GotProgress 180", "DidEnd"]
    assert party.state is State.ESTABLISHED


def test_progress_of_a_call_says_that_it_is_being_made():
    party = asked()
    party.do(ReferralProgressed(200, "OK"))
    assert party.transfers == ["NewIncoming", "DidStart", "DidEnd"]


def test_a_call_that_fails_is_reported_with_its_status():
    party = asked()
    party.do(AcceptTransfer())
    party.do(ReferralProgressed(486, "Busy Here"))
    assert reports(party)[-1] == ("486 Busy Here", "terminated;reason=noresource")
    assert party.transfers[-1] == "DidFail 486"


def test_the_application_rejects():
    party = asked()
    party.do(RejectTransfer(480))
    party.do(AcceptTransfer())
    assert reports(party)[-1] == ("480 Temporarily Unavailable", "terminated;reason=noresource")
    assert party.transfers == ["NewIncoming", "DidFail 480"]


def test_a_decision_without_a_question_changes_nothing():
    party = established()
    for command in (AcceptTransfer(), RejectTransfer(), ReferralProgressed(200)):
        assert party.do(command) == []


def test_what_nobody_decides_in_a_minute_is_rejected():
    party = asked()
    assert party.running["referral"] == 60.0
    party.fire("referral")
    assert reports(party)[-1] == ("603 nobody decided in time", "terminated;reason=noresource")
    assert party.transfers[-1] == "DidFail 603"


def test_a_call_that_rings_for_too_long_is_reported_no_more():
    party = asked()
    party.do(AcceptTransfer())
    party.do(ReferralProgressed(180))
    assert party.running["referral"] == 180.0
    party.fire("referral")
    assert reports(party)[-1] == ("180 Ringing", "terminated;reason=timeout")
    assert party.transfers[-1] == "DidFail 408"


def test_a_second_refer_while_one_runs_gets_491_and_after_it_202_with_an_id():
    party = asked()
    party.receive(refer(party, cseq=6))
    party.do(RejectTransfer())
    party.receive(refer(party, cseq=7))
    assert party.statuses("REFER") == [202, 491, 202]
    assert [each for each, _ in reports(party)] == ["100 Trying", "603 Decline", "100 Trying"]
    assert [each.get("event") for each in party.requests("NOTIFY")] == ["refer", "refer", "refer;id=7"]


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (None, 400),
        ("", 400),
        ("<<", 400),
        (f"<{CAROL}>, <sip:dave@example.org>", 400),
        ("<tel:+3161234>", 416),
        ("<mailto:carol@example.org>", 416),
        (f"<{CAROL};method=SUBSCRIBE>", 403),
        (f"<{CAROL}?Replaces=a%40b>", 400),
        (f"<{CAROL}?Replaces=a%3Bto-tag%3D%221%0D%0AX%3A1%22%3Bfrom-tag%3D2>", 400),
        (f"<{CAROL}?Replaces={REPLACES}&Replaces={REPLACES}>", 400),
    ],
)
def test_a_refer_that_cannot_be_followed_is_refused_and_asks_nobody(value, status):
    party = established()
    party.receive(refer(party, value))
    assert party.statuses("REFER") == [status]
    assert party.transfers == []
    assert not party.requests("NOTIFY")


def test_two_refer_to_are_one_too_many():
    party = established()
    party.receive(refer(party, f"<{CAROL}>", 5, ("Refer-To", "<sip:dave@example.org>")))
    assert party.statuses("REFER") == [400]


@pytest.mark.parametrize("values", [("<<",), ("<sip:a@b>", "<sip:c@d>"), ("<sip:a@b>, <sip:c@d>",)])
def test_a_referred_by_that_names_no_single_party_is_not_passed_on(values):
    party = asked(established, *[("Referred-By", each) for each in values])
    assert party.told[-1].data["referred_by"] is None


def test_who_wants_no_reports_gets_none():
    party = asked(established, ("Refer-Sub", "false"), ("Require", "norefersub"))
    assert party.last.get("refer-sub") == "false"
    party.do(AcceptTransfer())
    party.do(ReferralProgressed(200))
    assert not party.requests("NOTIFY")
    assert party.transfers == ["NewIncoming", "DidStart", "DidEnd"]


@pytest.mark.parametrize("status", [481, 489, 500])
def test_a_peer_that_refuses_a_report_gets_no_more_of_them(status):
    party = asked()
    party.receive(response_to(party.last, status))
    party.do(AcceptTransfer())
    party.do(ReferralProgressed(200))
    assert len(party.requests("NOTIFY")) == 1
    assert party.transfers[-1] == "DidEnd"


def test_a_peer_that_answers_no_report_gets_no_more_of_them():
    party = asked()
    key = next(each for each in party.call.transactions.entries if each[-1] == "NOTIFY")
    party.fire((key, "F"))
    party.do(ReferralProgressed(180))
    assert len(party.requests("NOTIFY")) == 1


@pytest.mark.parametrize("how", ["bye", "terminate", "abandoned"])
@pytest.mark.parametrize("is_taken", [True, False])
def test_the_end_of_the_call_ends_what_is_open(is_taken, how):
    party = asked()
    if is_taken:
        party.do(AcceptTransfer())
    if how == "bye":
        party.receive(in_dialog(party, "BYE", 7))
    elif how == "terminate":
        party.do(events.Terminate())
        party.do(ReferralProgressed(200))
        party.receive(response_to(party.requests("BYE")[0], 200))
    else:
        party.do(events.Abandoned("crashed"))
    assert party.state is State.TERMINATED
    assert party.transfers[-1] == "DidFail 487"
    assert len(party.requests("NOTIFY")) == 1


@pytest.mark.parametrize("make", [calling, ringing, answering])
def test_there_is_no_transfer_before_there_is_a_session(make):
    party = make()
    party.receive(refer(party))
    assert party.statuses("REFER") == [491]


def test_there_is_no_transfer_of_a_session_that_ends():
    party = established()
    party.do(events.Terminate())
    party.receive(refer(party))
    assert party.statuses("REFER") == [481]
