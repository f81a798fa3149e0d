"""The command line: `sipsimple listen`, `call`, `chat`, `send` and `demo`."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from sipsimple.cli.answers import chosen_answers
from sipsimple.cli.endpoint import TRANSPORTS, EndpointOptions
from sipsimple.cli.refusal import EXIT_STATUS, Refused, sip_uri

app = typer.Typer(
    help="SIP sessions with audio, MSRP chat and file transfer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ANONYMOUS = "sip:anonymous@anonymous.invalid"

Host = Annotated[str | None, typer.Option(help="Numeric address to use; by default the one that leads to the target.")]
T1 = Annotated[float, typer.Option(min=0.001, help="T1 of SIP in seconds, which all its timers follow from.")]
MSRPTLS = Annotated[bool, typer.Option("--msrp-tls/--no-msrp-tls", help="Offer MSRP over TLS.")]
Trace = Annotated[Path | None, typer.Option(help="Write the structured log, with the SIP messages, to this file.")]
Target = Annotated[str, typer.Argument(help="Whom to call: sip:bob@host:port.")]
Transport = Annotated[str | None, typer.Option(help="Transport for SIP; by default what the target says.")]
Caller = Annotated[str, typer.Option("--from", help="Who calls.")]
Timeout = Annotated[float, typer.Option(min=0.0, help="Seconds to wait for the answer, and for delivery.")]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.command("listen")
def listen_command(
    host: Annotated[str, typer.Option(help="Numeric address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 5060,
    transport: Annotated[str, typer.Option(help="Transports for SIP.")] = "udp,tcp",
    accept: Annotated[str | None, typer.Option(help="Accept calls with these streams: audio,chat.")] = None,
    reject: Annotated[int | None, typer.Option(help="Refuse calls with this status, 300 to 699.")] = None,
    answers: Annotated[
        str | None, typer.Option(help="One answer for each call in turn: accept, ring or a status, with commas.")
    ] = None,
    play: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, readable=True, help="Play this WAV file to each caller, over and over."
        ),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, writable=True, help="Record each call into this directory."),
    ] = None,
    echo_audio: Annotated[bool, typer.Option("--echo-audio", help="Send callers their own audio.")] = False,
    save_dir: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Take the files that callers send, whatever --accept says, into here."),
    ] = None,
    t1: T1 = 0.5,
    msrp_tls: MSRPTLS = True,
    trace: Trace = None,
) -> None:
    """Answer calls and echo what they send, until SIGTERM.

    Prints the ports, then each notification, as lines of JSON. Without --accept, --reject and --answers calls ring.
    """
    from sipsimple.cli.listen import Hosting, listen

    options = EndpointOptions(host, port, _transports(transport), t1, msrp_tls, trace)
    listen(options, chosen_answers(accept, reject, answers), Hosting(play, record, echo_audio, save_dir))


@app.command("call")
def call_command(
    target: Target,
    chat: Annotated[bool, typer.Option("--chat", help="Propose a chat beside the audio.")] = False,
    message: Annotated[str | None, typer.Option(help="Say this in the chat.")] = None,
    play: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, readable=True, help="Play this WAV file; the call ends with it."),
    ] = None,
    record: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, writable=True, help="Record the call into this directory."),
    ] = None,
    dtmf: Annotated[str, typer.Option(help="Digits to send: 0-9 * # A-D.")] = "",
    duration: Annotated[
        float | None, typer.Option(min=0.0, help="Hang up after these seconds; by default when the file is over.")
    ] = None,
    transport: Transport = None,
    caller: Caller = ANONYMOUS,
    timeout: Timeout = 60.0,
    as_json: AsJSON = False,
    host: Host = None,
    t1: T1 = 0.5,
    msrp_tls: MSRPTLS = True,
    trace: Trace = None,
) -> None:
    """Place an audio call; the exit status is 0 only if it was answered and did not fail.

    At the end it says what the stream was like: codec, packets, loss, jitter.
    """
    from sipsimple.cli.call import Sound, call
    from sipsimple.cli.chat import Errand

    chosen = None if transport is None else _transport(transport)
    errand = Errand(sip_uri(target), sip_uri(caller), chosen, _utf8(message), timeout)
    options = EndpointOptions(host, t1=t1, msrp_tls=msrp_tls, trace=trace)
    sound = Sound(play, record, dtmf, duration)
    is_fine = call(options, errand, sound, chat=chat or message is not None, as_json=as_json)
    raise typer.Exit(0 if is_fine else 1)


@app.command("chat")
def chat_command(
    target: Target,
    transport: Transport = None,
    message: Annotated[str | None, typer.Option(help="Say this and hang up; without it, say what is typed.")] = None,
    caller: Caller = ANONYMOUS,
    timeout: Timeout = 60.0,
    cancel_after: Annotated[
        float | None, typer.Option(min=0.0, help="Cancel the call if it is not answered within these seconds.")
    ] = None,
    as_json: AsJSON = False,
    host: Host = None,
    t1: T1 = 0.5,
    msrp_tls: MSRPTLS = True,
    trace: Trace = None,
) -> None:
    """Call somebody and chat; the exit status is 0 only if all messages were delivered."""
    from sipsimple.cli.chat import Errand, chat

    chosen = None if transport is None else _transport(transport)
    errand = Errand(sip_uri(target), sip_uri(caller), chosen, _utf8(message), timeout, cancel_after)
    options = EndpointOptions(host, t1=t1, msrp_tls=msrp_tls, trace=trace)
    raise typer.Exit(0 if chat(options, errand, as_json) else 1)


@app.command("send")
def send_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to send.")],
    target: Target,
    transport: Transport = None,
    caller: Caller = ANONYMOUS,
    timeout: Timeout = 60.0,
    resume: Annotated[
        bool, typer.Option("--resume", help="If it breaks, call again and go on where it broke, for TIMEOUT seconds.")
    ] = False,
    as_json: AsJSON = False,
    host: Host = None,
    t1: T1 = 0.5,
    msrp_tls: MSRPTLS = True,
    trace: Trace = None,
) -> None:
    """Send somebody a file; the exit status is 0 only if it arrived as it is here.

    What an attempt before has left at the far end is not sent again.
    """
    from sipsimple.cli.chat import Errand
    from sipsimple.cli.send import send

    chosen = None if transport is None else _transport(transport)
    errand = Errand(sip_uri(target), sip_uri(caller), chosen, None, timeout)
    options = EndpointOptions(host, t1=t1, msrp_tls=msrp_tls, trace=trace)
    raise typer.Exit(0 if send(options, errand, file, resume=resume, as_json=as_json) else 1)


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


def _transport(text: str) -> str:
    if text.lower() not in TRANSPORTS:
        raise Refused(f"the transport is one of {', '.join(TRANSPORTS)}, not {text!r}")
    return text.lower()


def _transports(text: str) -> tuple[str, ...]:
    chosen = {_transport(each.strip()) for each in text.split(",")}
    return tuple(each for each in TRANSPORTS if each in chosen)


def _utf8(text: str | None) -> str | None:
    if text is not None and any("\ud800" <= each <= "\udfff" for each in text):
        raise Refused("the message is not valid UTF-8")
    return text


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
