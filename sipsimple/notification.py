"""Import path of the published API: notifications, on both buses."""

from sipsimple.api.notification.application_bridge import install_bridge, remove_bridge
from sipsimple.api.notification.notification import (
    Any,
    IObserver,
    Notification,
    NotificationCenter,
    NotificationData,
    ObserverWeakrefProxy,
    UnknownSender,
    signals,
)

__all__ = [
    "Any",
    "IObserver",
    "Notification",
    "NotificationCenter",
    "NotificationData",
    "ObserverWeakrefProxy",
    "UnknownSender",
    "install_bridge",
    "remove_bridge",
    "signals",
]
