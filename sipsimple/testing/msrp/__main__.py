"""`python -m sipsimple.testing.msrp`: the conformance suite against a peer of one's choice."""

from __future__ import annotations

import argparse
import fnmatch
import sys
from typing import TYPE_CHECKING

from sipsimple.testing.msrp.calls import Calls
from sipsimple.testing.msrp.cases import CASES
from sipsimple.testing.msrp.printing import as_json, exit_status, write_table
from sipsimple.testing.msrp.session import AtRelay, GivenPaths
from sipsimple.testing.msrp.suite import Peer, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipsimple.testing.msrp.case import Case
    from sipsimple.testing.msrp.session import Source

OWN = "msrp://127.0.0.1:9/conformance0123456789;tcp"

EPILOG = """The session with the peer is one of
  --sip sip:x@host:port            a call is placed for each case (all cases)
  --path URI [--own URI]           every case connects to this path (no cases about SDP)
  --peer host:port                 the same, for a peer that takes any session id
  --relay URI --user NAME:PASSWORD cases for relays; two users, or one twice

The exit status is 0 when every MUST was kept, 1 when not, 2 when there was no verdict."""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m sipsimple.testing.msrp",
        description="MSRP conformance: RFC 4975, 4976, 5547, 6135, 6714, 7701, 3862, 3994, 5438.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--sip", metavar="URI", help="whom to call for each case")
    way.add_argument("--path", help="the peer's path, as in a=path")
    way.add_argument("--peer", metavar="HOST:PORT", help="a peer that takes any session id")
    way.add_argument("--relay", metavar="URI", help="a relay, such as msrps://example.com;tcp")
    parser.add_argument("--own", default=OWN, metavar="URI", help="our path, as the peer was told it")
    parser.add_argument("--host", default="127.0.0.1", help="our address, for --sip")
    parser.add_argument("--tls", action="store_true", help="MSRP over TLS, for --sip and --peer")
    parser.add_argument("--relay-address", metavar="URI", help="where the relay is, if not where its URI says")
    parser.add_argument("--user", action="append", default=[], metavar="NAME:PASSWORD", help="at the relay")
    parser.add_argument("--echo", action="store_true", help="the peer sends back what it is sent")
    parser.add_argument("--no-cpim", action="store_true", help="the peer takes no message/cpim")
    parser.add_argument("--max-size", action="store_true", help="the peer refuses messages above 10 MiB")
    parser.add_argument("--imdn", action="store_true", help="the peer answers requests for delivery notifications")
    parser.add_argument("--cema", action="store_true", help="the peer knows msrp-cema")
    parser.add_argument("--limit", type=float, default=5.0, metavar="SECONDS", help="to wait for what must come")
    parser.add_argument("--settle", type=float, default=0.1, metavar="SECONDS", help="to wait for what must not come")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="cases, such as '4975-7*'")
    parser.add_argument("--list", action="store_true", help="list the cases and end")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def source_of(options: argparse.Namespace) -> Source | None:
    """How to get sessions; None when the command line does not say."""
    if options.sip:
        return Calls(options.sip, options.host, tls=options.tls)
    if options.relay:
        return AtRelay(options.relay, options.relay_address)
    if options.peer:
        scheme = "msrps" if options.tls else "msrp"
        return GivenPaths(f"{scheme}://{options.peer}/conformance9876543210;tcp", options.own)
    return GivenPaths(options.path, options.own) if options.path else None


def chosen(patterns: Sequence[str]) -> list[Case]:
    """The cases whose ids match one of the patterns; all without patterns."""
    return [each for each in CASES if not patterns or any(fnmatch.fnmatch(each.id, one) for one in patterns)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return the exit status."""
    parsing = parser()
    options = parsing.parse_args(arguments)
    cases = chosen(options.only)
    if options.list:
        sys.stdout.writelines(f"{each.id:40} {each.level:6} {each.role:8} {each.rule}\n" for each in cases)
        return 0
    source = source_of(options)
    if source is None:
        parsing.error("one of --sip, --path, --peer and --relay is needed")
    users = tuple((name, password) for name, _, password in (each.partition(":") for each in options.user))
    if options.relay and not users:
        parsing.error("--relay needs --user")
    wishes = {
        "echo": options.echo,
        "cpim": not options.no_cpim,
        "max_size": options.max_size,
        "imdn": options.imdn,
        "cema": options.cema,
        "relay": bool(options.relay),
    }
    abilities = frozenset(name for name, has in wishes.items() if has)
    peer = Peer(source, abilities, options.limit, options.settle, (*users, *users)[:2])
    results = list(run(cases, peer))
    if options.json:
        sys.stdout.write(as_json(results) + "\n")
    else:
        write_table(results)
    return exit_status(results)


if __name__ == "__main__":
    sys.exit(main())
