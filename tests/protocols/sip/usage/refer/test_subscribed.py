"""SUBSCRIBE of who sent REFER: RFC 3515 2.4.4, 2.4.6."""

import pytest

from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.usage.refer.events import AcceptTransfer, ReferralProgressed
from sipsimple.protocols.sip.usage.refer.state import REFERRAL
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import Party
from tests.protocols.sip.usage.refer.test_referral import CONTACT, asked, refer, reports
from tests.protocols.sip.usage.scenes import calling, established, in_dialog, ringing


def subscribe(party: Party, expires: str = "0", event: str = "refer", cseq: int = 9) -> Request:
    """Return a SUBSCRIBE of the peer; an empty value leaves its header out."""
    given = [(name, value) for name, value in (("Event", event), ("Expires", expires)) if value]
    return in_dialog(party, "SUBSCRIBE", cseq, CONTACT, *given)


@pytest.mark.parametrize("event", ["refer", "refer;id=5"])
def test_who_sent_refer_ends_the_reports_and_the_transfer_goes_on(event):
    party = asked()
    party.do(AcceptTransfer())
    assert reports(party) == [("100 Trying", "active;expires=180")]
    party.receive(subscribe(party, event=event))
    assert (party.statuses("SUBSCRIBE"), party.sent[-2].get("expires")) == ([200], "0")
    assert reports(party)[1:] == [("100 Trying", "terminated;reason=timeout")]
    party.do(ReferralProgressed(200, "OK"))
    assert len(party.requests("NOTIFY")) == 2
    assert party.names[-1] == "SCSessionTransferDidEnd"
    party.receive(subscribe(party, cseq=10))
    assert party.statuses("SUBSCRIBE") == [200, 481]


def test_the_last_report_waits_for_the_answer_to_the_one_before():
    party = asked()
    party.receive(subscribe(party))
    assert len(party.requests("NOTIFY")) == 1
    assert [state for _, state in reports(party)] == ["active;expires=180", "terminated;reason=timeout"]


@pytest.mark.parametrize(("expires", "granted"), [("60", "60"), ("4000", "180"), ("", "180")])
def test_a_refresh_is_granted_and_told_how_far_it_has_come(expires, granted):
    party = asked()
    party.do(AcceptTransfer())
    party.do(ReferralProgressed(180, "Ringing"))
    reports(party)
    party.running.pop(REFERRAL)
    party.receive(subscribe(party, expires))
    assert party.sent[-2].get("expires") == granted
    assert party.running[REFERRAL] == 180.0
    assert reports(party)[-1] == ("180 Ringing", "active;expires=180")
    party.do(ReferralProgressed(200, "OK"))
    assert reports(party)[-1] == ("200 OK", "terminated;reason=noresource")


def test_a_later_refer_is_known_by_its_number():
    party = asked()
    party.do(ReferralProgressed(200, "OK"))
    reports(party)
    party.receive(refer(party, cseq=6))
    party.receive(subscribe(party, event="refer;id=5"))
    assert party.statuses("SUBSCRIBE") == [481]
    party.receive(subscribe(party, event="refer;id=6", cseq=10))
    assert party.statuses("SUBSCRIBE") == [481, 200]


@pytest.mark.parametrize(("event", "status"), [("presence", 489), ("", 400), ("refer", 481)])
@pytest.mark.parametrize("make", [established, calling, ringing])
def test_no_other_subscription_lives_in_a_session(make, event, status):
    party = make()
    party.receive(subscribe(party, event=event))
    assert party.statuses("SUBSCRIBE") == [status]
    assert (party.last.get("allow-events") == "refer") is (status == 489)


def test_reports_that_were_not_wanted_cannot_be_ended():
    party = asked(established, ("Refer-Sub", "false"))
    party.receive(subscribe(party))
    assert (party.statuses("SUBSCRIBE"), party.state) == ([481], State.ESTABLISHED)
