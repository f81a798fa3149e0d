"""`sipsimple subscribe`, `publish` and `message` as processes, against a presence server here."""

from __future__ import annotations

import json
from signal import SIGINT, SIGTERM
from typing import TYPE_CHECKING

import gevent
import pytest
from gevent import ssl
from gevent.event import Event as Flag

from sipsimple.protocols.payloads.pidf import Presence
from tests.actors.wire.authority import Authority
from tests.cli.running import SECONDS, lines_until, outcome, started
from tests.network.presence_server import PresenceServer
from tests.network.registrar import Registrar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

DOCUMENT = b"""<?xml version="1.0"?>
<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:bob@example.com">
<tuple id="a"><status><basic>open</basic></status><note>in the garden</note></tuple></presence>"""
DIGEST = ("WWW-Authenticate", 'Digest realm="example.com", nonce="n", algorithm=SHA-256, qop="auth"')


@pytest.fixture
def server() -> Iterator[PresenceServer]:
    with PresenceServer() as server:
        server.document = DOCUMENT
        yield server


def settings(directory: Path, server: PresenceServer) -> list[str]:
    path = directory / "config.toml"
    path.write_text(
        '[engine]\nlocal_ip = "127.0.0.1"\n[accounts.work]\nuri = "sip:alice@example.com"\npassword = "secret"\n'
        f'outbound_proxy = "sip:127.0.0.1:{server.port}"\n'
    )
    path.chmod(0o600)
    return ["--config", str(path)]


# subscribe


def test_a_fetch_tells_what_the_document_says_and_ends(server: PresenceServer) -> None:
    status, out, err = outcome("subscribe", str(server.uri()), "--fetch")

    assert status == 0, err
    assert "active: application/pidf+xml" in out or "terminated (timeout): application/pidf+xml" in out
    assert '  a: open, "in the garden"' in out
    assert "subscribed" not in out
    assert server.methods() == ["SUBSCRIBE 0"]


def test_a_subscription_lasts_until_sigterm_and_is_taken_back(server: PresenceServer, tmp_path: Path) -> None:
    kept = tmp_path / "body.xml"
    options = ["--json", "--body-file", str(kept), *settings(tmp_path, server)]
    server.statuses.append((401, (DIGEST,)))
    with started("subscribe", "sip:bob@example.com", "--expires", "120", *options) as process:
        lines_until(process, "SCSubscriptionGotNotify")
        server.notify(body=DOCUMENT.replace(b"garden", b"cellar"))
        told = lines_until(process, "SCSubscriptionGotNotify")[-1]
        process.send_signal(SIGTERM)
        rest = [json.loads(line)["event"] for line in process.stdout]
        status = process.wait(SECONDS)

    assert status == 0
    assert "cellar" in told["body"]
    assert "SCSubscriptionDidEnd" in rest
    assert server.methods() == ["SUBSCRIBE 120", "SUBSCRIBE 120", "SUBSCRIBE 0"]
    assert 'username="alice"' in (server.requests[1].get("authorization") or "")
    assert kept.read_bytes().startswith(b"<?xml")


def test_a_subscription_that_is_refused_is_the_exit_status(server: PresenceServer) -> None:
    server.statuses.append((403, ()))

    status, out, err = outcome("subscribe", str(server.uri()), "--for", "0")

    assert status == 1
    assert "not subscribed: 403 Forbidden" in err
    assert "subscribed to" not in out


def test_a_subscription_that_the_notifier_ends_for_good_is_over(server: PresenceServer) -> None:
    server.notifies = False
    server.on_request = lambda request: request.method == "SUBSCRIBE" and gevent.spawn(reject)

    def reject() -> None:
        server.notify("terminated;reason=rejected")

    status, out, err = outcome("subscribe", str(server.uri()))

    assert status == 1
    assert "terminated (rejected)" in out
    assert "rejected" in err


# publish


def test_a_status_is_published_and_taken_back(server: PresenceServer, tmp_path: Path) -> None:
    status, out, err = outcome(
        "publish", "--status", "closed", "--note", "on a ship", "--for", "0", *settings(tmp_path, server)
    )

    assert status == 0, err
    assert [line.split(" for ")[0] for line in out.splitlines()] == [
        "published presence of sip:alice@example.com",
        "unpublished",
    ]
    assert server.methods() == ["PUBLISH 300", "PUBLISH 0"]
    assert server.entity_tag is None
    published = Presence.parse(server.requests[0].body)
    assert (published.entity, published.tuples[0].basic) == ("sip:alice@example.com", "closed")
    assert [note.text for note in published.tuples[0].notes] == ["on a ship"]


def test_any_document_is_published_as_it_is_until_sigint(server: PresenceServer, tmp_path: Path) -> None:
    document = tmp_path / "calendar"
    document.write_bytes(b"\x00busy")
    options = ["--event", "x-calendar", "--body-file", str(document), "--content-type", "application/x-calendar"]
    with started("publish", "--from", str(server.uri("alice")), "--json", *options) as process:
        lines_until(process, "SCPublicationDidSucceed")
        held = server.entity_tag
        process.send_signal(SIGINT)
        rest = [json.loads(line)["event"] for line in process.stdout]
        status = process.wait(SECONDS)

    assert (status, held) == (0, "tag1")
    assert "SCPublicationDidEnd" in rest
    assert server.entity_tag is None
    assert server.requests[0].body == b"\x00busy"
    assert str(server.requests[0].content_type) == "application/x-calendar"
    assert server.requests[0].get("event") == "x-calendar"


def test_a_publication_that_is_refused_is_the_exit_status(server: PresenceServer, tmp_path: Path) -> None:
    server.statuses.append((489, ()))

    status, _out, err = outcome("publish", "--status", "open", *settings(tmp_path, server))

    assert status == 1
    assert "not published: 489" in err


# message


def test_a_message_that_is_accepted_is_the_exit_status(server: PresenceServer) -> None:
    status, out, err = outcome("message", str(server.uri()), "grüß dich", "--from", "sip:alice@example.com")

    assert (status, out, err) == (0, "sent: 200 OK\n", "")
    assert server.requests[0].body.decode() == "grüß dich"
    assert str(server.requests[0].content_type.essence) == "text/plain"
    assert "sip:alice@example.com" in (server.requests[0].get("from") or "")


def test_a_message_may_come_from_stdin_and_be_anything(server: PresenceServer) -> None:
    options = ["--content-type", "application/octet-stream", "--json"]
    status, out, _err = outcome("message", str(server.uri()), "-", *options, typed=b"\xff\x00")

    told = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [each["code"] for each in told if each["event"] == "SCEngineGotMessageResponse"] == [200]
    assert server.requests[0].body == b"\xff\x00"


def test_a_message_that_is_not_accepted_is_told(server: PresenceServer) -> None:
    server.statuses.append((404, ()))

    status, out, err = outcome("message", str(server.uri()), "hello")

    assert (status, out, err) == (1, "", "not sent: 404 Not Found\n")


def test_a_message_may_go_by_tls_to_whom_an_authority_of_ours_vouches_for(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with Registrar() as registrar:
        registrar.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        registrar.tls.load_cert_chain(authority.issue(ip=["127.0.0.1"]).both)
        config = tmp_path / "config.toml"
        config.write_text(
            f'[engine]\nlocal_ip = "127.0.0.1"\ntls_ca_file = "{authority.file}"\n'
            '[accounts.work]\nuri = "sip:alice@example.com"\n'
        )
        target, options = f"sip:bob@127.0.0.1:{registrar.port}", ["--transport", "tls", "--config", str(config)]
        status, out, err = outcome("message", target, "hello", *options)
        config.write_text(config.read_text().replace(f'tls_ca_file = "{authority.file}"', ""))
        status_of_stranger, _, why = outcome("message", target, "hello", *options)

    assert (status, out, err) == (0, "sent: 200 OK\n", "")
    assert [each.body for each in registrar.requests] == [b"hello"]
    assert status_of_stranger == 1
    assert "certificate" in why


# What all of them have alike


WAITING = {
    "subscribe": ("subscribe", "{}"),
    "publish": ("publish", "--from", "{}", "--status", "open"),
    "message": ("message", "{}", "hello"),
}


@pytest.mark.parametrize("command", WAITING.values(), ids=WAITING)
def test_sigterm_ends_what_nobody_answers(server: PresenceServer, command: tuple[str, ...]) -> None:
    server.statuses.extend([None] * 1000)
    asked = Flag()
    server.on_request = lambda _request: asked.set()
    with started(*[each.format(server.uri()) for each in command]) as process:
        assert asked.wait(SECONDS)
        process.send_signal(SIGTERM)
        out, err = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert out == b""
    assert err.endswith(b": interrupted\n")


@pytest.mark.parametrize("command", WAITING.values(), ids=WAITING)
def test_silence_is_told(server: PresenceServer, command: tuple[str, ...]) -> None:
    server.statuses.extend([None] * 1000)

    status, out, err = outcome(*[each.format(server.uri()) for each in command], "--timeout", "0.6")

    assert (status, out) == (1, "")
    assert err.endswith(": no answer within 0.6 s\n")


@pytest.mark.parametrize(
    ("arguments", "blamed"),
    [
        (("subscribe", "bob", "--fetch"), "'bob'"),
        (("subscribe", "sip:bob@127.0.0.1", "--fetch", "--for", "1"), "--fetch or --for"),
        (("subscribe", "sip:bob@127.0.0.1", "--event", "no event"), "no event"),
        (("publish", "--from", "sip:alice@127.0.0.1"), "--status"),
        (("publish", "--status", "away", "--from", "sip:alice@127.0.0.1"), "'away'"),
        (("publish", "--status", "open", "--event", "dialog"), "--body-file"),
        (("publish", "--body-file", __file__), "--content-type"),
        (("publish", "--body-file", __file__, "--content-type", "text"), "'text'"),
        (("message", "sip:bob@127.0.0.1", "hi", "--content-type", "text"), "'text'"),
        (("message", "sip:bob@127.0.0.1", "-"), "UTF-8"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(arguments: tuple[str, ...], blamed: str) -> None:
    status, out, err = outcome(*arguments, typed=b"\xff")

    assert (status, out) == (2, "")
    assert err.startswith("sipsimple: ")
    assert blamed in err
    assert err.count("\n") == 1
