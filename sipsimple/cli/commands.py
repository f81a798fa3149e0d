"""The command line, whole: what listens, what calls, what an account is for, and the demo."""

from __future__ import annotations

import sys
from dataclasses import replace
from io import TextIOWrapper
from typing import Annotated

import typer

from sipsimple.cli import account_commands, asking_commands, call_commands
from sipsimple.cli.answers import chosen_answers
from sipsimple.cli.endpoint import EndpointOptions
from sipsimple.cli.parameters import MSRPTLS, T1, AsJSON, Config, RecordTo, SaveTo, ToPlay, Trace, app, known_transports
from sipsimple.cli.refusal import EXIT_STATUS, Refused
from sipsimple.version import __version__

LOOPBACK = "127.0.0.1"
ORDER = ("demo", "listen", "call", "chat", "send", "message", "register", "subscribe", "publish", "doctor")
"""Of the commands in the help: what a newcomer tries comes first."""

__all__ = ["account_commands", "app", "asking_commands", "call_commands", "run"]


@app.command("listen")
def listen_command(
    host: Annotated[
        str | None,
        typer.Option(help="Numeric address to listen on; by default 127.0.0.1, or what leads to the account."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 5060,
    transport: Annotated[str, typer.Option(help="Transports for SIP.")] = "udp,tcp",
    accept: Annotated[str | None, typer.Option(help="Accept calls with these streams: audio,chat.")] = None,
    reject: Annotated[int | None, typer.Option(help="Refuse calls with this status, 300 to 699.")] = None,
    answers: Annotated[
        str | None,
        typer.Option(help="Of calls in turn, with commas: accept, accept=audio+chat, ring or a status."),
    ] = None,
    play: ToPlay = None,
    record: RecordTo = None,
    echo_audio: Annotated[bool, typer.Option("--echo-audio", help="Send callers their own audio.")] = False,
    save_dir: SaveTo = None,
    t1: T1 = 0.5,
    msrp_tls: MSRPTLS = True,
    account: Annotated[
        str | None, typer.Option("--account", help="Register this account of the settings file meanwhile.")
    ] = None,
    config: Config = None,
    trace: Trace = None,
) -> None:
    """Answer calls and echo what they send, until SIGTERM; messages outside of calls are printed, too.

    Prints the ports, then each notification, as lines of JSON. Without --accept, --reject and --answers calls ring.
    With --account calls for its address come here; the exit status is 1 if the registrar refuses it.
    """
    from sipsimple.cli.accounts import endpoint_for, mandate
    from sipsimple.cli.listen import Hosting, listen

    options = EndpointOptions(host or LOOPBACK, port, known_transports(transport), t1, msrp_tls, trace)
    given = None if account is None and config is None else mandate(account, config)
    if given is not None:
        options = replace(options, host=endpoint_for(given, host, trace).host, engine=given.engine)
    hosting = Hosting(play, record, echo_audio, save_dir)
    registered = None if given is None else given.account
    is_fine = listen(options, chosen_answers(accept, reject, answers), hosting, registered)
    raise typer.Exit(0 if is_fine else 1)


@app.command("demo")
def demo_command(
    as_json: AsJSON = False,
    timeout: Annotated[float, typer.Option(min=0.0, help="Seconds for all of it.")] = 60.0,
) -> None:
    """Let alice and bob, two processes on this machine, talk and chat, refuse a call and cancel one.

    Each plays a tone and records the other; digits are dialled, the call is held and taken off hold,
    and the process that has alice's audio is killed in mid-call, which costs a moment of audio and no call.
    Then alice sends a file of 64 MiB, whose connection is cut in the middle; she resumes.

    The exit status is 0 only if all of it happened.
    """
    from sipsimple.cli.demo.scenario import demo

    raise typer.Exit(0 if demo(as_json, timeout) else 1)


app.registered_commands.sort(key=lambda command: ORDER.index(command.name or ""))


@app.callback(invoke_without_command=True)
def common_options(
    version: Annotated[bool, typer.Option("--version", help="Say which version this is, and end.")] = False,
) -> None:
    """SIP sessions with audio, MSRP chat and file transfer."""
    if version:
        typer.echo(f"sipsimple {__version__}")
        raise typer.Exit


def run() -> None:
    """Run a command; what it refuses is one line on stderr and exit status 2."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may not have all letters that people write
    try:
        app()
    except Refused as refusal:
        typer.echo(f"sipsimple: {refusal}", err=True)
        sys.exit(EXIT_STATUS)
    except KeyboardInterrupt:
        sys.exit(130)  # as the shell calls the end by SIGINT
