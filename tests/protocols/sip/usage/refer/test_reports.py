"""One NOTIFY after the other about a referral, so that none comes too late: RFC 3261 12.2.2, RFC 3515 2.4.4."""

import pytest

from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.refer.events import ReferralProgressed, RejectTransfer
from sipsimple.protocols.sip.usage.refer.reports import MOST_WAITING
from tests.protocols.sip.usage.party import Party
from tests.protocols.sip.usage.refer.test_referral import asked, reports
from tests.protocols.sip.usage.scenes import in_dialog


def bodies(party: Party) -> list[str]:
    """What was told so far."""
    return [each.body.decode().strip()[8:] for each in party.requests("NOTIFY")]


def test_the_next_one_goes_out_when_the_one_before_is_answered():
    party = asked()
    for code in (180, 183, 200):
        party.do(ReferralProgressed(code))
    for told in (["100"], ["100", "180"], ["100", "180", "183"], ["100", "180", "183", "200"]):
        assert [each[:3] for each in bodies(party)] == told
        party.receive(response_to(party.last, 200))
    numbers = [each.cseq.number for each in party.requests("NOTIFY")]
    assert numbers == list(range(numbers[0], numbers[0] + 4))


def test_one_that_is_lost_and_sent_again_holds_up_the_next_and_silences_nothing():
    party = asked()
    party.do(ReferralProgressed(200))
    key = next(each for each in party.call.transactions.entries if each[-1] == "NOTIFY")
    party.fire((key, "E"))
    assert bodies(party) == ["100 Trying", "100 Trying"]
    party.receive(response_to(party.last, 200))
    assert bodies(party)[-1] == "200 OK"


def test_the_answer_to_a_repeat_sends_nothing_twice():
    party = asked()
    party.do(ReferralProgressed(180))
    first = party.last
    party.receive(response_to(first, 200))
    party.receive(response_to(first, 200))
    assert bodies(party) == ["100 Trying", "180 Ringing"]


@pytest.mark.parametrize("end", [events.Terminate(), events.Abandoned("crashed")])
def test_an_outcome_that_waits_is_told_before_the_bye(end):
    party = asked()
    party.do(ReferralProgressed(180))
    party.do(RejectTransfer(480))
    party.do(ReferralProgressed(200))
    party.do(end)
    assert [each.method for each in party.sent[-2:]] == ["NOTIFY", "BYE"]
    assert bodies(party) == ["100 Trying", "200 OK"]


def test_nothing_is_told_after_the_bye_of_the_peer():
    party = asked()
    party.do(ReferralProgressed(200))
    party.receive(in_dialog(party, "BYE", 7))
    assert bodies(party) == ["100 Trying"]


def test_so_many_wait_and_the_outcome_is_among_them():
    party = asked()
    for number in range(3 * MOST_WAITING):
        party.do(ReferralProgressed(180 + number % 2))
    party.do(ReferralProgressed(486, "Busy Here"))
    assert len(party.call.referral.waiting) == MOST_WAITING
    assert reports(party)[-1] == ("486 Busy Here", "terminated;reason=noresource")


def test_a_peer_that_refuses_one_hears_no_more():
    party = asked()
    party.do(ReferralProgressed(180))
    party.do(ReferralProgressed(200))
    party.receive(response_to(party.last, 481))
    assert bodies(party) == ["100 Trying"]
    assert party.call.referral.waiting == ()
