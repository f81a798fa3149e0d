"""An INVITE that takes the place of a session: which one, and with which streams.

Who knows Call-ID and both tags of a dialog is taken for a party of it; our tag
has 64 random bits.

RFC: 3891 3, 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipsimple.api.session.manager import SessionManager
from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.sip.dialog import State as DialogState
from sipsimple.protocols.sip.headers.replaces import Replaces
from sipsimple.protocols.sip.usage.call import Call
from sipsimple.protocols.sip.usage.state import State
from sipsimple.protocols.sip.usage.within.exchange import warning

if TYPE_CHECKING:
    from sipsimple.actors.sip.router import Router
    from sipsimple.api.session.session import Session
    from sipsimple.protocols.sip.message import Request
    from sipsimple.protocols.sip.usage.events import Invited

_OVER = (State.TERMINATING, State.TERMINATED)


def replaced_by(request: Request, router: Router) -> Session | None:
    """Return the session whose place an INVITE wants to take; None where it wants none.

    Raises:
        RemoteProtocolError: 400, 481, 486, 603: the header is malformed, or there is nothing to be replaced.
    """
    wanted = Replaces.of(request.get_all("replaces"))
    if wanted is None:
        return None
    ref = router.named(wanted.to_tag)
    call = None if ref is None else ref.state
    if ref is not None and not isinstance(call, Call):  # the keeper of what is left of finished calls
        raise _refusal(603, "the dialog to be replaced has ended")
    if not isinstance(call, Call) or call.identity.call_id != wanted.call_id:
        raise _refusal(481, "no dialog to be replaced")
    _check(call, wanted)
    session = next((each for each in SessionManager().sessions if each.call is call), None)
    if session is None:
        raise _refusal(481, "no session to be replaced")
    return session


def _check(call: Call, wanted: Replaces) -> None:
    """Refuse what does not match, or may not be replaced as it is.

    Raises:
        RemoteProtocolError: 481, 486, 603.
    """
    dialog = call.dialog
    if dialog is None:
        pending = call.pending
        if call.state is State.CALLING and pending is not None and wanted.from_tag in pending.tags:
            return  # an early dialog of ours
        raise _refusal(481, "no dialog to be replaced")
    if dialog.remote_tag != wanted.from_tag:
        raise _refusal(481, "no dialog to be replaced")
    if call.state in _OVER:
        raise _refusal(603, "the dialog to be replaced has ended")
    if dialog.state is not DialogState.CONFIRMED:
        raise _refusal(481, "an early dialog that this side did not begin")
    if wanted.early_only:
        raise _refusal(486, "the dialog to be replaced is not early any more")


def kinds_of(event: Invited, session: Session) -> tuple[str, ...]:
    """Return the kinds of stream that the new session is accepted with: those of the old one, as far as proposed.

    Raises:
        RemoteProtocolError: 488: there is none.
    """
    call = session.call
    kinds = tuple([each.kind for each in event.streams if call is not None and call.has(each.kind)])
    if not kinds:
        raise _refusal(488, "no stream of the session to be replaced is proposed")
    return kinds


def _refusal(status: int, text: str) -> RemoteProtocolError:
    return RemoteProtocolError(text, status, warning(text))
