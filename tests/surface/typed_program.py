"""A program as users write it, for `mypy --strict`: `make check` reads it, nobody runs it.

What has to be an error is ignored as that error; strict mypy refuses an ignore that nothing needs.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import assert_type

from sipsimple import SIPURI, Credentials, Engine, Registration, Route, Session, SessionManager, send_message
from sipsimple.account import Account, load_settings
from sipsimple.core import AdmissionLimits, Demand, IncomingRequest, Patience
from sipsimple.msrp import MSRPChat, MSRPFileTransfer
from sipsimple.notification import Notification, NotificationCenter, signals


class Observer:
    """Takes notifications, whose data has attributes of any type."""

    def handle_notification(self, notification: Notification) -> None:
        session: Session = notification.sender
        if notification.name == "SCSessionNewIncoming":
            session.accept(audio=notification.data.has_audio, chat=notification.data.has_chat)
        elif notification.name == "MSRPFileTransferGotProgress":
            self.seen = notification.sender.rate, notification.data.transferred_bytes


def echo(session: Session, notification: Notification) -> None:
    assert_type(session.send_message(notification.data.content), str)


def ask(request: IncomingRequest) -> Demand | None:
    return None if request.method == "OPTIONS" else Demand("example.com", lambda name, _realm, _algorithm: name)


def start() -> None:
    NotificationCenter().add_observer(Observer(), "SCSessionNewIncoming")
    NotificationCenter().add_observer(print)  # type: ignore[arg-type]
    signals.SCSessionGotMessage.connect(echo)
    SessionManager().msrp_config.save_directory = "/srv/inbox"
    limits = AdmissionLimits(patience=Patience(burst=0.05))
    Engine().start(hub="own", served_events=["presence"], rtp_port_range=(10_000, 20_000), admission=limits)
    Engine().start(local_udp_port=5060, session_expires=None, codecs=["g711"], authenticate=ask)
    Engine().start(**load_settings().engine)
    Engine().start(local_udp_prot=5060)  # type: ignore[call-arg]
    Engine().start(local_udp_port="5060")  # type: ignore[arg-type]
    Engine().start(hub="mine")  # type: ignore[arg-type]
    AdmissionLimits(patience=0.05)  # type: ignore[arg-type]
    assert_type([each.restarts for each in Engine().tree().children], list[int])


def call() -> None:
    film = Path("film.mkv")
    account = Account.load("work", path="/etc/sipsimple.toml")
    bob = SIPURI.parse("sip:bob@example.com")
    transfer = MSRPFileTransfer(account.uri, bob, True, file_path=film)
    session = Session()
    session.connect(bob, Credentials(account.uri, "secret"), Route("192.0.2.1", 5061, "tls"), audio=True)
    session.connect(bob, account=account, files=[transfer], follow_redirects=3)
    session.connect("sip:bob@example.com")  # type: ignore[arg-type]
    assert_type(session.state, str)
    assert_type(session.start_time, datetime | None)
    assert_type(session.chat_transport, MSRPChat | None)
    assert_type(session.start_playing(film), int)
    assert_type(session.accept_transfer(), Session)
    assert_type(session.files, list[MSRPFileTransfer])
    assert_type(transfer.eta, float | None)
    assert_type(account.registration, Registration)
    assert_type(send_message(account.credentials, bob, "text", "plain", "hello"), str)
