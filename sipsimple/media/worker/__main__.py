"""`python -m sipsimple.media.worker --control FD` is one worker; `--zygote FD` forks them on request."""

from __future__ import annotations

import argparse
import socket


def main() -> None:
    """Read the arguments and be what they say."""
    parser = argparse.ArgumentParser(prog="python -m sipsimple.media.worker", description=__doc__)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--control", type=int, metavar="FD", help="be one worker on this stream socket")
    which.add_argument("--zygote", type=int, metavar="FD", help="fork workers on the requests of this socket")
    arguments = parser.parse_args()
    if arguments.zygote is not None:
        from sipsimple.media.worker import zygote

        zygote.serve(socket.socket(fileno=arguments.zygote))
    else:
        from sipsimple.media.worker import loop

        loop.run(socket.socket(fileno=arguments.control))


if __name__ == "__main__":
    main()
