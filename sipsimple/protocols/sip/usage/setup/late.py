"""A 2xx to an INVITE of ours that comes when its call is over: it is acknowledged, and the session that it makes ended.

Without the ACK the peer would repeat its 2xx for 64*T1; without the BYE it would have a session with nobody. Nothing is
left of the call but its transactions, so all that is needed is read off the 2xx.

RFC: 3261 9.1, 12.2.1.1, 13.2.2.4, 15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.protocols.sip import dialog as dialogs
from sipsimple.protocols.sip.ids import stateless_tag
from sipsimple.protocols.sip.message import Request
from sipsimple.protocols.sip.next_hop import next_hop, towards
from sipsimple.protocols.sip.transaction import layer
from sipsimple.protocols.sip.transaction.invite_client import InviteClient, State
from sipsimple.protocols.sip.transaction.matching import client_key
from sipsimple.protocols.sip.transaction.outputs import Send
from sipsimple.protocols.sip.transport import via_value
from sipsimple.protocols.sip.usage.setup.prack import MOST_FORKS
from sipsimple.protocols.values import replace

if TYPE_CHECKING:
    from sipsimple.protocols.sip.dialog import Dialog
    from sipsimple.protocols.sip.message import Response
    from sipsimple.protocols.sip.transaction.layer import Transactions
    from sipsimple.protocols.sip.transaction.matching import Key
    from sipsimple.protocols.sip.transport import Flow
    from sipsimple.protocols.sip.usage.within.exchange import Outputs


PRACKS = 1000
"""Numbers that the early dialog may have used for PRACK: nothing is known of them any more, and none may come again."""


def withdrawn(transactions: Transactions) -> dict[Key, bool]:
    """Return the INVITEs that nobody waits for, and whether they would make a session: inside a dialog, they do not."""
    return {
        key: each.request is not None and each.request.to.tag is None
        for key, each in transactions.entries.items()
        if isinstance(each, InviteClient) and each.state is State.WITHDRAWN
    }


def taken(transactions: Transactions, key: Key, response: Response, *, hangs_up: bool) -> tuple[Transactions, Outputs]:
    """Acknowledge a 2xx, and end the session that it makes.

    Args:
        transactions: Those of the call that is over.
        key: Of the INVITE.
        response: The 2xx, or a repeat of it, or that of another fork.
        hangs_up: It makes a session; of so many that one answer cannot have made them, no more are ended.

    Raises:
        RemoteProtocolError: It cannot be read.
    """
    txn = transactions.entries.get(key)
    if not isinstance(txn, InviteClient):
        return transactions, ()
    if hangs_up and sum([each[-1] == "BYE" for each in transactions.entries]) >= MOST_FORKS:
        return transactions, ()
    dialog = _dialog(response)
    flow = towards(txn.flow, next_hop(dialog)) or txn.flow
    ack = dialogs.ack_for_success(dialog, response.cseq.number, _via(flow, key, "a", dialog))
    acknowledged = Send(ack, flow)
    if not hangs_up:
        return transactions, (acknowledged,)
    dialog = replace(dialog, local_cseq=dialog.local_cseq + PRACKS)
    _, bye = dialogs.request(dialog, "BYE", _via(flow, key, "b", dialog))
    if client_key(bye) in transactions.entries:
        return transactions, (acknowledged,)
    transactions, sent = layer.send_request(transactions, bye, flow)
    return transactions, (acknowledged, *sent)


def _dialog(response: Response) -> Dialog:
    contact = response.contact
    uri = str(response.to.uri if contact is None else contact.uri)
    lines = [(name, response.get(name) or "") for name in ("From", "Call-ID", "CSeq")]
    return dialogs.from_response(Request("INVITE", uri, lines), response)


def _via(flow: Flow, key: Key, letter: str, dialog: Dialog) -> str:
    """The same branch for the same fork, so that the same ACK is sent again, and no second BYE."""
    return via_value(flow, f"{key[0]}{letter}{stateless_tag(dialog.remote_tag)}")
