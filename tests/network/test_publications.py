"""Publications against a server over a real socket."""

from __future__ import annotations

from sipsimple.core import Publication
from tests.network.presence_server import PIDF, serving


def publication(server):
    return Publication(server.alice, "presence", server.route)


def test_a_publication_is_told_of_from_the_beginning_to_the_end():
    with serving() as (server, watch):
        mine = publication(server)
        assert mine.state == "unpublished"
        mine.unpublish()  # silent
        mine.publish("application", "pidf+xml", "<presence>one</presence>")
        assert mine.state == "publishing"
        watch.wait_for("SCPublicationDidSucceed", mine)
        mine.publish("application", "pidf+xml", b"<presence>two</presence>")
        watch.wait_for("SCPublicationDidSucceed", mine, 2)
        assert server.document == b"<presence>two</presence>"
        assert str(server.requests[0].content_type) == PIDF
        mine.unpublish()
        watch.wait_for("SCPublicationDidEnd", mine)

        assert server.entity_tag is None
        assert {str(each.data.route) for each in watch.of(mine)} == {str(server.route)}
        assert watch.names(mine) == [
            *["unpublished>publishing", "publishing>published", "SCPublicationDidSucceed", "SCPublicationDidSucceed"],
            *["published>unpublishing", "SCPublicationWillEnd", "unpublishing>unpublished", "SCPublicationDidEnd"],
        ]


def test_of_many_documents_the_last_is_published_in_the_end():
    with serving() as (server, watch):
        mine = publication(server)
        for number in range(50):
            mine.publish("application", "pidf+xml", f"<presence>{number}</presence>")
        watch.until(lambda: server.document == b"<presence>49</presence>", "the last document")

        assert len(server.requests) < 10
        bodies = [request.body for request in server.requests]
        assert bodies == sorted(bodies, key=lambda body: int(body[10:-11]))


def test_a_publication_that_the_server_lost_is_published_anew():
    with serving() as (server, watch):
        server.expires = 2
        mine = publication(server)
        mine.publish("application", "pidf+xml", "<presence/>")
        watch.wait_for("SCPublicationDidSucceed", mine)
        server.entity_tag = "another"
        watch.wait_for("SCPublicationDidSucceed", mine, 2)

        assert [request.get("sip-if-match") for request in server.requests] == [None, "tag1", None]
        assert server.requests[-1].body == b"<presence/>"


def test_what_is_published_while_it_is_removed_is_published_after_it():
    with serving() as (server, watch):
        mine = publication(server)
        mine.publish("application", "pidf+xml", "<presence>one</presence>")
        watch.wait_for("SCPublicationDidSucceed", mine)
        mine.unpublish()
        mine.publish("application", "pidf+xml", "<presence>two</presence>")
        watch.wait_for("SCPublicationDidSucceed", mine, 2)

        assert server.methods() == ["PUBLISH 300", "PUBLISH 0", "PUBLISH 300"]
        assert server.document == b"<presence>two</presence>"
