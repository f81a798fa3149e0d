"""The commands without calls: `sipsimple subscribe`, `publish` and `message`."""

from __future__ import annotations

from typing import Annotated

import typer

from sipsimple.cli.parameters import (
    ANONYMOUS,
    AccountName,
    AsJSON,
    Asked,
    BodyFrom,
    BodyTo,
    Caller,
    Config,
    Event,
    Expires,
    Host,
    OnBehalf,
    OwnAddress,
    Seconds,
    Timeout,
    Trace,
    Transport,
    app,
    chosen,
    utf8,
)
from sipsimple.cli.refusal import Refused, sip_uri


@app.command("subscribe")
def subscribe_command(
    target: Asked,
    event: Event = "presence",
    account: OnBehalf = None,
    config: Config = None,
    caller: Caller = ANONYMOUS,
    transport: Transport = None,
    expires: Expires = 300,
    seconds: Seconds = None,
    fetch: Annotated[bool, typer.Option("--fetch", help="Ask for what the state is now, and end.")] = False,
    body_file: BodyTo = None,
    timeout: Timeout = 30.0,
    as_json: AsJSON = False,
    host: Host = None,
    trace: Trace = None,
) -> None:
    """Subscribe to the state of somebody, say what is told, and unsubscribe at the end.

    The exit status is 0 only if the notifier agreed and told something.
    """
    from sipsimple.cli.asker import Choices, asker
    from sipsimple.cli.subscribe import Wish, subscribe

    if fetch and seconds is not None:
        raise Refused("give either --fetch or --for")
    wish = Wish(sip_uri(target), event, 0 if fetch else expires, seconds, body_file)
    who = asker(Choices(caller, account, config, chosen(transport), host, trace), wish.target)
    raise typer.Exit(0 if subscribe(who, wish, timeout, as_json) else 1)


@app.command("publish")
def publish_command(
    event: Event = "presence",
    status: Annotated[str | None, typer.Option(help="Of a presence document: open or closed.")] = None,
    note: Annotated[str | None, typer.Option(help="Of a presence document: text for people.")] = None,
    body_file: BodyFrom = None,
    content_type: Annotated[str | None, typer.Option(help="Of that document.")] = None,
    account: AccountName = None,
    config: Config = None,
    caller: OwnAddress = None,
    transport: Transport = None,
    expires: Expires = 300,
    seconds: Seconds = None,
    timeout: Timeout = 30.0,
    as_json: AsJSON = False,
    host: Host = None,
    trace: Trace = None,
) -> None:
    """Publish the state of an account, keep it published, and take it back at the end.

    The exit status is 0 only if the server accepted it.
    """
    from dataclasses import replace

    from sipsimple.cli.asker import Choices, asker, content_type_of
    from sipsimple.cli.publish import chosen_leaflet, publish

    leaflet = chosen_leaflet(event, status, utf8(note), body_file, content_type)
    content_type_of(leaflet.content_type)
    who = asker(Choices(caller, account, config, chosen(transport), host, trace))
    is_fine = publish(who, replace(leaflet, expires=expires, seconds=seconds), timeout, as_json)
    raise typer.Exit(0 if is_fine else 1)


@app.command("message")
def message_command(
    target: Asked,
    text: Annotated[str, typer.Argument(help="What to say; - for what comes on stdin.")],
    content_type: Annotated[str, typer.Option(help="What it is.")] = "text/plain",
    account: OnBehalf = None,
    config: Config = None,
    caller: Caller = ANONYMOUS,
    transport: Transport = None,
    timeout: Timeout = 40.0,
    as_json: AsJSON = False,
    host: Host = None,
    trace: Trace = None,
) -> None:
    """Send a message outside of any call; the exit status is 0 only if it was accepted."""
    from sipsimple.cli.asker import Choices, asker
    from sipsimple.cli.message import Letter, body_from, message

    letter = Letter(sip_uri(target), content_type, body_from(text, content_type))
    who = asker(Choices(caller, account, config, chosen(transport), host, trace), letter.target)
    raise typer.Exit(0 if message(who, letter, timeout, as_json) else 1)
