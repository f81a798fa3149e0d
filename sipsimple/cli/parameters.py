"""The program's options, as several of its commands have them, and what their texts mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sipsimple.api.audio.sound_files import playable
from sipsimple.api.audio.tones import checked_digit
from sipsimple.cli.endpoint import TRANSPORTS
from sipsimple.cli.refusal import Refused, refusing

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

OUTGOING = (*TRANSPORTS, "tls")
"""What requests can go by; TLS needs no port of ours."""

ANONYMOUS = "sip:anonymous@anonymous.invalid"

Host = Annotated[str | None, typer.Option(help="Numeric address to use; by default the one that leads to the target.")]
T1 = Annotated[float, typer.Option(min=0.001, help="T1 of SIP in seconds, which all its timers follow from.")]
MSRPTLS = Annotated[bool, typer.Option("--msrp-tls/--no-msrp-tls", help="Offer MSRP over TLS.")]
Trace = Annotated[Path | None, typer.Option(help="Write the structured log, with the SIP messages, to this file.")]
Target = Annotated[str, typer.Argument(help="Whom to call: sip:bob@host:port.")]
Asked = Annotated[str, typer.Argument(help="Whom to ask: sip:bob@host:port.")]
Transport = Annotated[str | None, typer.Option(help="Transport for SIP; by default what the target says.")]
Caller = Annotated[str, typer.Option("--from", help="Your own address, where no account is named.")]
OwnAddress = Annotated[str | None, typer.Option("--from", help="Your own address, where it is no account's.")]
BodyTo = Annotated[
    Path | None, typer.Option("--body-file", dir_okay=False, help="Write the body of the last NOTIFY to this file.")
]
BodyFrom = Annotated[
    Path | None,
    typer.Option("--body-file", exists=True, dir_okay=False, readable=True, help="Publish this document."),
]
Event = Annotated[str, typer.Option(help="The event package.")]
Expires = Annotated[int, typer.Option(min=1, help="Seconds to ask for; it is refreshed before they are over.")]
Seconds = Annotated[float | None, typer.Option("--for", min=0.0, help="So many seconds; by default until SIGTERM.")]
Timeout = Annotated[float, typer.Option(min=0.0, help="Seconds to wait for an answer, and for what is to arrive.")]
ToPlay = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, readable=True, help="Play this WAV file.")]
RecordTo = Annotated[
    Path | None, typer.Option(exists=True, file_okay=False, writable=True, help="Record into this directory.")
]
ToSend = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file to send.")]
SaveTo = Annotated[
    Path | None,
    typer.Option(file_okay=False, help="Take the files that callers send, whatever --accept says, into here."),
]
AccountName = Annotated[
    str | None, typer.Option("--account", help="Of the settings file; by default the one that it means by default.")
]
OnBehalf = Annotated[str | None, typer.Option("--account", help="Do it as this account of the settings file.")]
Config = Annotated[
    Path | None, typer.Option("--config", help="The settings file; by default ~/.config/sipsimple/config.toml.")
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def known_transport(text: str) -> str:
    """Return a transport by its name, or refuse."""
    if text.lower() not in TRANSPORTS:
        raise Refused(f"the transport is one of {', '.join(TRANSPORTS)}, not {text!r}")
    return text.lower()


def known_transports(text: str) -> tuple[str, ...]:
    """Return the transports of a list with commas."""
    chosen = {known_transport(each.strip()) for each in text.split(",")}
    return tuple(each for each in TRANSPORTS if each in chosen)


def utf8(text: str | None) -> str | None:
    """Return text that can be sent, or refuse."""
    if text is not None and any("\ud800" <= each <= "\udfff" for each in text):
        raise Refused("the message is not valid UTF-8")
    return text


def digits(text: str) -> str:
    """Return DTMF digits, or refuse."""
    with refusing():
        return "".join([checked_digit(each) for each in text])


def wav(file: Path | None) -> Path | None:
    """Return a file that can be played, or refuse; None for none."""
    with refusing():
        return None if file is None else Path(playable(file))


def chosen(transport: str | None) -> str | None:
    """Return the transport that was chosen for requests, or refuse; None when none was."""
    if transport is None or transport.lower() in OUTGOING:
        return transport and transport.lower()
    raise Refused(f"the transport is one of {', '.join(OUTGOING)}, not {transport!r}")
