"""The commands for an account of the settings file: `sipsimple register` and `doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from sipsimple.cli.parameters import AccountName, AsJSON, Config, Host, Timeout, Trace, app


@app.command("register")
def register_command(
    account: AccountName = None,
    config: Config = None,
    seconds: Annotated[
        float | None, typer.Option("--for", min=0.0, help="Stay registered so many seconds; by default until SIGTERM.")
    ] = None,
    timeout: Timeout = 30.0,
    as_json: AsJSON = False,
    host: Host = None,
    trace: Trace = None,
) -> None:
    """Register an account of the settings file, and unregister at the end.

    The exit status is 0 only if the registrar accepted it.
    """
    from sipsimple.cli.accounts import endpoint_for, mandate
    from sipsimple.cli.register import register

    given = mandate(account, config)
    is_fine = register(endpoint_for(given, host, trace), given.account, seconds, timeout, as_json)
    raise typer.Exit(0 if is_fine else 1)


@app.command("doctor")
def doctor_command(
    account: AccountName = None,
    config: Config = None,
    timeout: Annotated[float, typer.Option(min=1.0, help="Seconds that each check may take.")] = 20.0,
    name_servers: Annotated[
        list[str] | None, typer.Option("--name-server", help="Ask this one, 192.0.2.1:53, in place of the system's.")
    ] = None,
    as_json: AsJSON = False,
    trace: Trace = None,
) -> None:
    """Say what is wrong with the installation, the settings and the way to the server, and what to do.

    The exit status is 0 if nothing is wrong; there may be warnings.
    """
    from sipsimple.cli.doctor.visit import Order, doctor, name_server

    servers = tuple([name_server(each) for each in name_servers]) if name_servers else None
    raise typer.Exit(0 if doctor(Order(account, config, timeout, servers, trace), as_json) else 1)
