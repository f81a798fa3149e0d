"""The commands that call somebody: `sipsimple call`, `chat` and `send`."""

from __future__ import annotations

from typing import Annotated

import typer

from sipsimple.cli.endpoint import EndpointOptions
from sipsimple.cli.parameters import (
    ANONYMOUS,
    MSRPTLS,
    T1,
    AsJSON,
    Caller,
    Config,
    Host,
    OnBehalf,
    RecordTo,
    Target,
    Timeout,
    ToPlay,
    ToSend,
    Trace,
    Transport,
    app,
    chosen,
    digits,
    utf8,
    wav,
)
from sipsimple.cli.refusal import sip_uri


@app.command("call")
def call_command(
    target: Target,
    chat: Annotated[bool, typer.Option("--chat", help="Propose a chat beside the audio.")] = False,
    message: Annotated[str | None, typer.Option(help="Say this in the chat.")] = None,
    play: ToPlay = None,
    record: RecordTo = None,
    dtmf: Annotated[str, typer.Option(help="Digits to send: 0-9 * # A-D.")] = "",
    duration: Annotated[
        float | None, typer.Option(min=0.0, help="Hang up after these seconds; by default when the file is over.")
    ] = None,
    transport: Transport = None,
    caller: Caller = ANONYMOUS,
    account: OnBehalf = None,
    config: Config = None,
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
    from sipsimple.cli.accounts import on_behalf
    from sipsimple.cli.call import Sound, call
    from sipsimple.cli.errand import Errand

    task = Errand(sip_uri(target), sip_uri(caller), chosen(transport), utf8(message), timeout)
    errand, options = on_behalf(task, EndpointOptions(host, t1=t1, msrp_tls=msrp_tls, trace=trace), account, config)
    sound = Sound(wav(play), record, digits(dtmf), duration)
    is_fine = call(options, errand, sound, chat=chat or message is not None, as_json=as_json)
    raise typer.Exit(0 if is_fine else 1)


@app.command("chat")
def chat_command(
    target: Target,
    transport: Transport = None,
    message: Annotated[str | None, typer.Option(help="Say this and hang up; without it, say what is typed.")] = None,
    caller: Caller = ANONYMOUS,
    account: OnBehalf = None,
    config: Config = None,
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
    from sipsimple.cli.accounts import on_behalf
    from sipsimple.cli.chat import chat
    from sipsimple.cli.errand import Errand

    task = Errand(sip_uri(target), sip_uri(caller), chosen(transport), utf8(message), timeout, cancel_after)
    errand, options = on_behalf(task, EndpointOptions(host, t1=t1, msrp_tls=msrp_tls, trace=trace), account, config)
    raise typer.Exit(0 if chat(options, errand, as_json) else 1)


@app.command("send")
def send_command(
    file: ToSend,
    target: Target,
    transport: Transport = None,
    caller: Caller = ANONYMOUS,
    account: OnBehalf = None,
    config: Config = None,
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
    from sipsimple.cli.accounts import on_behalf
    from sipsimple.cli.errand import Errand
    from sipsimple.cli.send import send

    task = Errand(sip_uri(target), sip_uri(caller), chosen(transport), None, timeout)
    errand, options = on_behalf(task, EndpointOptions(host, t1=t1, msrp_tls=msrp_tls, trace=trace), account, config)
    raise typer.Exit(0 if send(options, errand, file, resume=resume, as_json=as_json) else 1)
