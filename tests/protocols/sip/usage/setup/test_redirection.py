"""3xx to an INVITE that we sent: RFC 3261 8.1.3.4."""

import pytest

from sipsimple.protocols.sip.authorization import Account
from sipsimple.protocols.sip.message import response_to
from sipsimple.protocols.sip.usage import events, outputs
from sipsimple.protocols.sip.usage.state import State
from tests.protocols.sip.usage.party import ALICE, BOB, CALL_ID, TOKEN, UDP, Party
from tests.protocols.sip.usage.scenes import answer_to

FIRST, SECOND = "sip:first@192.0.2.3", "sip:second@192.0.2.4"
BOTH = ("Contact", f"<{SECOND}>;q=0.3, <{FIRST}>;q=0.9")


def calling(redirects: int = 5, target: str = "sip:bob@192.0.2.2", **options) -> Party:
    """Return a party whose INVITE is out, and may be redirected so often."""
    party = Party()
    party.do(events.Connect(ALICE, BOB, target, ("chat",), redirects=redirects, **options))
    party.do(events.TargetResolved(UDP))
    party.prepare()
    return party


def redirect(party: Party, status: int = 302, *headers) -> None:
    """Let the INVITE that is out get a 3xx; its target has an address."""
    party.receive(answer_to(party, status, *(headers or (BOTH,))))


def resolved(party: Party) -> str:
    """Give the next hop that is looked for an address, and return it."""
    hop = party.asked[-1]
    assert isinstance(hop, outputs.Resolve)
    party.do(events.TargetResolved(UDP))
    return hop.uri


def refuse(party: Party, status: int = 486) -> None:
    party.receive(answer_to(party, status))


def targets(party: Party) -> list[str]:
    return [each.uri for each in party.requests("INVITE")]


def test_without_leave_a_redirection_is_a_failure_that_names_the_contacts():
    party = calling(0)
    redirect(party)
    assert party.names[-2:] == ["SCSessionDidFail", "SCSessionDidEnd"]
    assert "SCSessionGotRedirect" not in party.names
    told = {each.name: each.data for each in party.told}
    assert told["SCSessionDidFail"] == {
        "originator": "remote",
        "code": 302,
        "reason": "Moved Temporarily",
        "redirect_identities": (FIRST, SECOND),
    }
    assert len(targets(party)) == 1


def test_with_leave_the_likeliest_is_called_by_the_same_call():
    party = calling()
    redirect(party)
    assert party.told[-1].data == {"code": 302, "contacts": (FIRST, SECOND)}
    assert resolved(party) == FIRST
    invites = party.requests("INVITE")
    assert [each.uri for each in invites] == ["sip:bob@192.0.2.2", FIRST]
    assert {each.call_id for each in invites} == {CALL_ID}
    assert {each.from_.tag for each in invites} == {TOKEN}
    assert {each.get("to") for each in invites} == {BOB}
    assert [each.cseq.number for each in invites] == [1, 2]
    assert invites[0].body == invites[1].body
    party.receive(answer_to(party))
    assert party.state is State.ESTABLISHED
    assert party.names.count("SCSessionGotRedirect") == 1
    assert [each.cseq.number for each in party.requests("ACK")] == [1, 2]


def test_when_the_first_refuses_the_next_is_called_and_the_last_refusal_counts():
    party = calling()
    redirect(party)
    resolved(party)
    refuse(party, 486)
    assert resolved(party) == SECOND
    refuse(party, 404)
    assert targets(party)[1:] == [FIRST, SECOND]
    assert party.failure == ("remote", 404, "Not Found")


@pytest.mark.parametrize("preference", ["0.95", "2", "much", "-1"])
def test_a_contact_whose_preference_cannot_be_read_comes_last(preference):
    party = calling()
    redirect(party, 302, ("Contact", f"<{SECOND}>;q={preference}, <{FIRST}>;q=0.9"))
    assert resolved(party) == (SECOND if preference == "0.95" else FIRST)


def test_a_6xx_ends_the_search():
    party = calling()
    redirect(party)
    resolved(party)
    refuse(party, 603)
    assert party.failure[1] == 603


@pytest.mark.parametrize("how", ["unknown", "timeout", "unsent"])
def test_a_target_that_is_not_reached_is_passed_over(how):
    party = calling()
    redirect(party)
    if how == "unknown":
        party.do(events.TargetFailed("no address"))
    else:
        resolved(party)
        key = party.call.pending.key
        party.fire((key, "B")) if how == "timeout" else party.refuse(party.last)
    assert resolved(party) == SECOND
    party.receive(answer_to(party))
    assert party.state is State.ESTABLISHED


def test_only_so_many_targets_are_tried_as_are_allowed():
    party = calling(1)
    redirect(party)
    resolved(party)
    refuse(party)
    assert party.state is State.TERMINATED
    assert targets(party)[1:] == [FIRST]


def test_a_redirection_of_a_redirection_is_followed_and_a_loop_is_not():
    party = calling()
    redirect(party, 302, ("Contact", f"<{FIRST}>"))
    resolved(party)
    redirect(party, 301, ("Contact", f"<sip:bob@192.0.2.2>, <{FIRST};x=1>, <{SECOND}>"))
    assert resolved(party) == SECOND
    redirect(party, 302, ("Contact", f"<{FIRST}>"))
    assert party.state is State.TERMINATED
    assert targets(party)[1:] == [FIRST, SECOND]


@pytest.mark.parametrize("contact", ["<tel:+3161234>", "<mailto:a@b>", "*", "<<", "<sip:bob@192.0.2.2>", ""])
def test_what_cannot_be_called_is_not_followed(contact):
    party = calling()
    redirect(party, 302, ("Contact", contact))
    assert party.state is State.TERMINATED
    assert party.failure[1] == 302


def test_sips_is_never_left_for_sip():
    party = calling(target="sips:bob@example.org")
    redirect(party, 302, ("Contact", f"<{FIRST}>;q=1, <sips:second@example.org>;q=0.1"))
    assert resolved(party) == "sips:second@example.org"


def test_what_stands_in_a_contact_goes_nowhere_but_its_way():
    party = calling()
    redirect(party, 302, ("Contact", "<sip:first:pw@192.0.2.3;method=BYE?Route=%3Csip:evil%3E&Subject=x>"))
    resolved(party)
    assert party.last.uri == FIRST
    assert not party.last.get_all("route")
    assert party.last.get("subject") is None


def test_the_way_out_stays_the_proxy():
    party = calling(routes=("<sip:192.0.2.9;lr>",))
    redirect(party)
    assert resolved(party) == "<sip:192.0.2.9;lr>"
    assert party.last.uri == FIRST


def test_305_puts_the_proxy_on_the_way_to_the_same_target():
    party = calling()
    redirect(party, 305, ("Contact", "<sip:proxy@192.0.2.9>"))
    assert resolved(party) == "<sip:proxy@192.0.2.9;lr>"
    assert party.last.uri == "sip:bob@192.0.2.2"
    assert party.last.get_all("route") == ["<sip:proxy@192.0.2.9;lr>"]


def test_who_hangs_up_meanwhile_is_not_redirected():
    party = calling()
    party.receive(answer_to(party, 180))
    party.do(events.Terminate())
    party.receive(response_to(party.last, 200))
    redirect(party)
    assert party.state is State.TERMINATED
    assert len(targets(party)) == 1


def test_who_hangs_up_while_the_next_target_is_looked_for_sends_nothing():
    party = calling()
    redirect(party)
    party.do(events.Terminate())
    assert party.state is State.TERMINATED
    assert len(targets(party)) == 1


def test_credentials_for_one_server_are_not_shown_to_whom_it_names():
    party = calling(accounts=(Account("alice", "s3cret"),))
    asked = ("WWW-Authenticate", 'Digest realm="one", nonce="n1", qop="auth", algorithm=SHA-256')
    party.receive(answer_to(party, 401, asked))
    assert party.last.get("authorization")
    redirect(party)
    resolved(party)
    assert party.last.uri == FIRST
    assert party.last.get("authorization") is None
    party.receive(answer_to(party, 401, asked))
    assert party.last.get("authorization")
    assert [each.cseq.number for each in party.requests("INVITE")] == [1, 2, 3, 4]
