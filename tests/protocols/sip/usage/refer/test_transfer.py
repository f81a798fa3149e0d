"""REFER as the one who sends it: RFC 3515 2.4, RFC 6665 4.1."""

import pytest

from sipsimple.protocols.sip.authorization import Account
from sipsimple.protocols.sip.message import Request, response_to
from sipsimple.protocols.sip.usage import events
from sipsimple.protocols.sip.usage.refer.events import Refer
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import ALICE, TOKEN, Party
from tests.protocols.sip.usage.scenes import answer_to, answered, calling, established, in_dialog

CAROL = "sip:carol@example.org"
REFER = Refer(CAROL, f"<{CAROL}>")
SIPFRAG = ("Content-Type", "message/sipfrag;version=2.0")
ACTIVE = ("Subscription-State", "active;expires=60")
OVER = ("Subscription-State", "terminated;reason=noresource")
EVENT = ("Event", "refer")


def referred(make=established) -> Party:
    """Return a call whose REFER is out."""
    party = make()
    party.do(REFER)
    return party


def accepted(make=established) -> Party:
    """Return a call whose peer will try."""
    party = referred(make)
    party.receive(response_to(party.last, 202))
    return party


def report(party: Party, line: str, cseq: int = 5, *headers, body: bytes | None = None) -> Request:
    """Return a NOTIFY of the peer."""
    given = {name for name, _ in headers}
    state = OVER if line[:1] not in "1" else ACTIVE
    lines = [each for each in (EVENT, SIPFRAG, state) if each[0] not in given]
    wanted = [each for each in headers if each[1]]
    content = f"SIP/2.0 {line}\r\n".encode() if body is None else body
    return in_dialog(party, "NOTIFY", cseq, *lines, *wanted, body=content)


@pytest.mark.parametrize("make", [established, answered])
def test_the_refer_says_whom_to_call_and_who_asks_for_it(make):
    party = referred(make)
    refer = party.last
    assert (refer.method, refer.from_.tag) == ("REFER", TOKEN)
    assert refer.get_all("refer-to") == [f"<{CAROL}>"]
    assert refer.get("referred-by") == (ALICE if make is established else party.call.local)
    assert refer.contact is not None
    assert refer.get("allow-events") == "refer"
    assert party.transfers == ["NewOutgoing"]
    assert party.told[-1].data == {"transfer_destination": CAROL}


def test_2xx_means_that_the_peer_will_try_and_nothing_more():
    party = accepted()
    assert party.transfers == ["NewOutgoing", "DidStart"]
    assert party.state is State.ESTABLISHED


def test_progress_then_success_then_this_side_hangs_up():
    party = accepted()
    for cseq, line in enumerate(("100 Trying", "180 Ringing"), 5):
        party.receive(report(party, line, cseq))
    party.receive(report(party, "200 OK", 9))
    assert party.statuses("NOTIFY") == [200, 200, 200]
    assert party.transfers == ["NewOutgoing", "DidStart", "GotProgress 100", "GotProgress 180", "DidEnd"]
    assert party.state is State.TERMINATING
    assert party.last.method == "BYE"
    party.receive(response_to(party.last, 200))
    assert party.names[-3:] == ["SCSessionTransferDidEnd", "SCSessionWillEnd", "SCSessionDidEnd"]


def test_a_bye_of_the_peer_that_crosses_ours_changes_nothing():
    party = accepted()
    party.receive(report(party, "200 OK"))
    party.receive(in_dialog(party, "BYE", 6))
    assert party.transfers[-1] == "DidEnd"
    assert party.told[-1].data == {"originator": "local"}


def test_failure_is_told_with_its_status_and_the_call_goes_on():
    party = accepted()
    party.receive(report(party, "486 Busy Here"))
    assert party.transfers[-1] == "DidFail 486"
    assert party.told[-1].data["reason"] == "Busy Here"
    assert party.state is State.ESTABLISHED
    party.do(REFER)
    assert party.transfers[-1] == "NewOutgoing"
    assert party.last.method == "REFER"


def test_a_notify_may_overtake_the_2xx():
    party = referred()
    refer = party.last
    party.receive(report(party, "100 Trying"))
    party.receive(response_to(refer, 202))
    assert party.transfers == ["NewOutgoing", "DidStart", "GotProgress 100"]


def test_a_peer_that_will_not_report_has_said_all_with_its_2xx():
    party = referred()
    party.receive(response_to(party.last, 200, headers=[("Refer-Sub", "false")]))
    assert party.transfers == ["NewOutgoing", "DidStart", "DidEnd"]
    assert party.last.method == "BYE"


@pytest.mark.parametrize("status", [302, 403, 405, 481, 491, 501, 603])
def test_a_refer_that_is_refused_fails_and_the_call_goes_on(status):
    party = referred()
    party.receive(response_to(party.last, status, headers=[("Warning", '399 peer "not to her"')]))
    assert party.transfers == ["NewOutgoing", f"DidFail {status}"]
    assert party.told[-1].data["reason"].endswith("(not to her)")
    assert party.state is State.ESTABLISHED


def test_a_refer_that_nobody_answers_fails_with_408():
    party = referred()
    key = next(each for each in party.call.transactions.entries if each[-1] == "REFER")
    party.fire((key, "F"))
    assert party.transfers[-1] == "DidFail 408"


def test_a_refer_that_cannot_be_sent_fails_with_503_and_says_why():
    party = referred()
    party.refuse(party.last, "broken pipe")
    assert party.transfers[-1] == "DidFail 503"
    assert "broken pipe" in party.told[-1].data["reason"]


@pytest.mark.parametrize("timer", ["next NOTIFY", "outcome"])
def test_a_peer_that_tells_no_outcome_in_time_has_failed_with_408(timer):
    party = accepted()
    assert {name: seconds for name, seconds in party.running.items() if isinstance(name, str)} == {
        "next NOTIFY": 32.0,
        "outcome": 300.0,
    }
    party.fire(timer)
    assert party.transfers[-1] == "DidFail 408"
    assert not [name for name in party.running if isinstance(name, str)]
    party.receive(report(party, "200 OK"))
    assert party.statuses("NOTIFY") == [481]
    assert party.state is State.ESTABLISHED


@pytest.mark.parametrize(("expires", "seconds"), [("120", 120.0), ("5", 32.0), ("soon", 32.0)])
def test_the_next_notify_is_due_when_the_last_one_says_so_but_not_at_once(expires, seconds):
    party = accepted()
    party.receive(report(party, "180 Ringing", 5, ("Subscription-State", f"active;expires={expires}")))
    assert party.running["next NOTIFY"] == seconds


@pytest.mark.parametrize(
    ("why", "code"), [("noresource", 500), ("timeout", 408), ("rejected", 603), ("giveup", 503), ("", 500)]
)
def test_reports_that_end_without_an_outcome_are_a_failure(why, code):
    party = accepted()
    state = ("Subscription-State", f"terminated;reason={why}" if why else "terminated")
    party.receive(report(party, "100 Trying", 5, state))
    assert party.transfers[-1] == f"DidFail {code}"
    assert party.statuses("NOTIFY") == [200]


def test_a_notify_without_a_body_is_answered_and_tells_nothing():
    party = accepted()
    party.receive(report(party, "1", 5, ("Content-Type", ""), body=b""))
    assert party.statuses("NOTIFY") == [200]
    assert party.transfers == ["NewOutgoing", "DidStart"]


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ([("Event", "presence")], None, 489),
        ([("Event", "")], None, 400),
        ([("Event", "refer;id=1")], None, 481),
        ([("Event", "refer;id=x")], None, 481),
        ([("Content-Type", "text/plain")], None, 415),
        ([("Subscription-State", "")], None, 400),
        ([], b"garbage", 400),
        ([], b"SIP/2.0 999 what\r\n", 400),
    ],
)
def test_a_notify_that_cannot_be_taken_is_refused_and_changes_nothing(headers, body, status):
    party = accepted()
    party.receive(report(party, "200 OK", 5, *headers, body=body))
    assert party.statuses("NOTIFY") == [status]
    assert party.transfers == ["NewOutgoing", "DidStart"]
    party.receive(report(party, "200 OK", 6, ("Event", "refer;id=2")))
    assert party.transfers[-1] == "DidEnd"


def test_489_says_which_events_there_are():
    party = accepted()
    party.receive(report(party, "200 OK", 5, ("Event", "dialog")))
    assert party.last.get("allow-events") == "refer"


def test_a_notify_nobody_asked_for_gets_481():
    party = established()
    party.receive(report(party, "200 OK"))
    assert party.statuses("NOTIFY") == [481]


def test_a_second_transfer_fails_at_once_and_leaves_the_first_alone():
    party = accepted()
    party.do(Refer("sip:dave@example.org", "<sip:dave@example.org>"))
    assert party.transfers[-2:] == ["NewOutgoing", "DidFail 491"]
    assert party.told[-1].data["transfer_destination"] == "sip:dave@example.org"
    assert len(party.requests("REFER")) == 1
    party.receive(report(party, "200 OK"))
    assert party.transfers[-1] == "DidEnd"


@pytest.mark.parametrize("how", ["bye", "terminate", "abandoned"])
@pytest.mark.parametrize("make", [referred, accepted])
def test_a_call_that_ends_before_the_outcome_is_known_has_not_been_transferred(make, how):
    party = make()
    if how == "bye":
        party.receive(in_dialog(party, "BYE", 7))
    elif how == "terminate":
        party.do(events.Terminate())
        party.receive(response_to(party.last, 200))
    else:
        party.do(events.Abandoned("crashed"))
    assert party.state is State.TERMINATED
    assert party.transfers[-1] == "DidFail 487"
    assert party.names.index("SCSessionTransferDidFail") < party.names.index("SCSessionDidEnd")


def test_an_outcome_that_comes_while_the_call_ends_is_told():
    party = accepted()
    party.do(events.Terminate())
    party.receive(report(party, "200 OK"))
    assert party.transfers[-1] == "DidEnd"
    assert len(party.requests("BYE")) == 1


def test_repeats_of_a_notify_are_told_once():
    party = accepted()
    for _ in range(3):
        party.receive(report(party, "180 Ringing"))
    assert party.transfers.count("GotProgress 180") == 1
    assert party.statuses("NOTIFY") == [200, 200, 200]


def test_a_challenged_refer_is_one_transfer_and_its_reports_may_name_either_number():
    party = calling(accounts=(Account("alice", "s3cret"),))
    party.receive(answer_to(party))
    party.do(REFER)
    asked = ("WWW-Authenticate", 'Digest realm="one", nonce="n1", qop="auth", algorithm=SHA-256')
    party.receive(response_to(party.last, 401, headers=[asked]))
    again = party.last
    assert (again.method, again.cseq.number) == ("REFER", 3)
    assert again.get("authorization")
    party.receive(response_to(again, 202))
    party.receive(report(party, "180 Ringing", 5, ("Event", "refer;id=3")))
    party.receive(report(party, "200 OK", 6, ("Event", "refer;id=2")))
    assert party.transfers == ["NewOutgoing", "DidStart", "GotProgress 180", "DidEnd"]
