"""Which data each notification of a core bears that asks a server for something: all of it, always, and no more.

An application reads them by name, so an absent one would be an error there; what there is nothing to say of is None.
"""

from __future__ import annotations

_WHY = frozenset({"code", "reason"})
_CHANGED = _WHY | {"prev_state", "state"}
_BOUND = frozenset({"contact_uri", "expires", "contact_uri_list"})
_FAILED = _WHY | {"originator", "retry_after"}
_ENDED = _WHY | {"expired"}
_ANSWERED = _WHY | {"headers", "body"}
_NONE: frozenset[str] = frozenset()

FIELDS: dict[str, frozenset[str]] = {
    "SCRegistrationChangedState": _CHANGED | _BOUND,
    "SCRegistrationDidSucceed": _WHY | _BOUND,
    "SCRegistrationDidFail": _FAILED,
    "SCRegistrationWillEnd": _NONE,
    "SCRegistrationDidEnd": _ENDED,
    "SCSubscriptionChangedState": _CHANGED,
    "SCSubscriptionDidSucceed": _WHY | {"expires"},
    "SCSubscriptionDidFail": _FAILED,
    "SCSubscriptionGotNotify": frozenset({"state", "reason", "headers", "content_type", "content_subtype", "body"}),
    "SCSubscriptionWillEnd": _NONE,
    "SCSubscriptionDidEnd": _ENDED,
    "SCPublicationChangedState": _CHANGED,
    "SCPublicationDidSucceed": _WHY | {"expires"},
    "SCPublicationDidFail": _FAILED,
    "SCPublicationWillEnd": _NONE,
    "SCPublicationDidEnd": _ENDED,
    "SCIncomingSubscriptionChangedState": _CHANGED,
    "SCIncomingSubscriptionGotRefresh": frozenset({"expires"}),
    "SCIncomingSubscriptionNotifyDidSucceed": _WHY,
    "SCIncomingSubscriptionNotifyDidFail": _WHY | {"originator"},
    "SCIncomingSubscriptionDidEnd": _ENDED,
    "SCRequestGotProvisionalResponse": _ANSWERED,
    "SCRequestDidSucceed": _ANSWERED,
    "SCRequestDidFail": _ANSWERED,
    "SCRequestWillExpire": frozenset({"expires"}),
    "SCRequestDidEnd": _NONE,
}
