"""Kamailio as a presence server: it keeps PUBLISHed documents in a database of its own, and notifies watchers.

It grants `max_expires` seconds at the most and answers 423 below `min_expires`. Its database is in the folder that it
is given: whoever wants it to forget everything deletes that between two runs.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.interop.kamailio import FOLDERS, HOST, KAMAILIO, run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.actors.wire.authority import Issued

SCHEMES = Path("/usr/share/kamailio/db_sqlite")
NEEDED = ("tls", "presence", "presence_xml", "db_sqlite")
HAS_PRESENCE = any(all(Path(folder, f"{name}.so").exists() for name in NEEDED) for folder in FOLDERS)

needs_presence = pytest.mark.skipif(
    KAMAILIO is None or not HAS_PRESENCE or not SCHEMES.exists(),
    reason="Kamailio or its presence modules are not installed (`make peers` installs them as root on Debian)",
)

_MODULES = (
    "tm sl rr pv maxfwd textops siputils xlog tls db_sqlite presence presence_xml presence_dialoginfo presence_mwi"
)

_CONFIGURATION = """
modparam("presence", "db_url", "sqlite:///{database}")
modparam("presence_xml", "db_url", "sqlite:///{database}")
modparam("presence_xml", "force_active", 1)
modparam("presence_xml", "integrated_xcap_server", 1)
modparam("presence", "server_address", "sip:{host}:{udp}")
modparam("presence", "min_expires", {min_expires})
modparam("presence", "min_expires_action", 1)
modparam("presence", "max_expires", {max_expires})
modparam("presence", "send_fast_notify", 1)

request_route {{
    if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
    if (!is_method("PUBLISH|SUBSCRIBE")) {{ sl_send_reply("405", "Not Here"); exit; }}
    if (!t_newtran()) {{ sl_reply_error(); exit; }}
    if (is_method("PUBLISH")) handle_publish(); else handle_subscribe();
    t_release();
}}
"""


@contextlib.contextmanager
def presence(
    folder: Path, certificate: Issued, ports: dict[str, int], min_expires: int = 0, max_expires: int = 3600
) -> Iterator[Path]:
    """Run Kamailio on these ports for the length of the block, which gets the file of its database."""
    database = folder / "presence.db"
    if not database.exists():
        with contextlib.closing(sqlite3.connect(database)) as connection:
            for name in ("standard", "presence"):
                connection.executescript((SCHEMES / f"{name}-create.sql").read_text(encoding="utf-8"))
    text = _CONFIGURATION.format(
        host=HOST,
        database=database,
        min_expires=min_expires,
        max_expires=max_expires,
        udp=ports["udp"],
    )
    with run(folder, _MODULES, text, certificate, ports):
        yield database
