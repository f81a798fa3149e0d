"""The log of subscriptions, publications and messages: every change with its names, no body and no secret."""

from __future__ import annotations

from sipsimple.core import Engine, Publication, Subscription, send_message
from tests.network.presence_server import serving

DIGEST = ("WWW-Authenticate", 'Digest realm="example.com", nonce="unrepeatable", algorithm=SHA-256, qop="auth"')


def test_every_change_is_logged_and_no_body_or_secret(logs):
    with serving(trace_sip=True) as (server, watch):
        server.document = b"<presence>whisper</presence>"
        server.statuses.append((401, (DIGEST,)))
        bob = Subscription(server.alice, server.uri(), "presence")
        mine = Publication(server.alice, "presence", server.route)
        bob.subscribe()
        watch.wait_for("SCSubscriptionGotNotify", bob)
        mine.publish("application", "pidf+xml", "<presence>murmur</presence>")
        watch.wait_for("SCPublicationDidSucceed", mine)
        send_message(server.alice, server.uri(), "text", "plain", "hush")
        watch.wait_for("SCEngineGotMessageResponse", Engine())
        tree = repr(Engine().tree())
        states = repr((bob.core, mine.core))
        bob.unsubscribe()
        mine.unpublish()
        watch.wait_for("SCSubscriptionDidEnd", bob)
        watch.wait_for("SCPublicationDidEnd", mine)

    events = [each["event"] for each in logs]
    for noun, whats in (
        ("subscription", "changed succeeded notified ending ended"),
        ("publication", "changed succeeded ending ended"),
        ("request", "challenged succeeded ended"),
    ):
        for what in whats.split():
            assert f"{noun}.{what}" in events
    changed = next(each for each in logs if each["event"] == "subscription.changed")
    assert changed["package"] == "presence"
    assert {"request", "local", "remote", "prev_state", "state"} <= changed.keys()
    for text in (repr(logs), tree, states):
        for secret in ("whisper", "murmur", "hush", "'secret'", 'response="'):
            assert secret not in text, secret
