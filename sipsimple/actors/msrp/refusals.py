"""What is refused of a peer's messages stands in the log: nobody else is told of it here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipsimple.actors.runtime import Logger
    from sipsimple.protocols.msrp.message import MSRPData

_SUCCESS = "000 200"


def log_refusal(log: Logger, answer: MSRPData) -> None:
    """Log what we answer or report, if it is a refusal. RFC: 4975 7.2, 7.1.2."""
    if answer.method == "REPORT":
        status = answer.status
        if status is not None and not answer.fields["Status"].startswith(_SUCCESS):
            log.info("message.refused", message_id=answer.message_id, code=status.code, reason=status.comment)
    elif answer.code is not None and answer.code >= 300:
        log.info("message.refused", transaction=answer.transaction_id, code=answer.code, reason=answer.comment)
