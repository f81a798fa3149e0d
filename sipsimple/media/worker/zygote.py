"""A process that has everything loaded and nothing started, and forks workers on request.

A fork takes a tenth of the time and of the memory of a fresh process. Workers survive the zygote: what ends them is
the end of their own control socket.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

from sipsimple.media.worker import loop
from sipsimple.media.worker.library import pj

if TYPE_CHECKING:
    from types import FrameType

REQUEST = b"fork"
REQUEST_BYTES = 64


def serve(requests: socket.socket) -> None:
    """Fork a worker for each request, until the engine closes the socket.

    A request is `fork` with the descriptor of the worker's control socket; its answer is the number of the process in
    ASCII, or a text that is no number: the reason why there is none.
    """
    requests.setblocking(True)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, _reap)
    _ = pj.Endpoint  # loads the C part of the package, so that children share its pages
    gc.collect()
    gc.freeze()
    while True:
        try:
            data, descriptors, _, _ = socket.recv_fds(requests, REQUEST_BYTES, 4)
        except OSError:
            return
        if not data:
            return
        _answer(requests, data, descriptors)


def _answer(requests: socket.socket, data: bytes, descriptors: list[int]) -> None:
    answer = b"not a request"
    if data == REQUEST and len(descriptors) == 1:
        answer = _fork(requests, descriptors[0])
    for descriptor in descriptors:
        os.close(descriptor)
    try:
        requests.send(answer)
    except OSError:
        return  # the engine has gone; the next read ends this process


def _fork(requests: socket.socket, descriptor: int) -> bytes:
    """Return the number of the new process, or why there is none; does not return in the child."""
    try:
        pid = os.fork()
    except OSError as error:
        return str(error).encode()
    if pid:
        return b"%d" % pid
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    requests.close()
    loop.run(socket.socket(fileno=descriptor))
    raise AssertionError("a worker returned")


def _reap(_number: int, _frame: FrameType | None) -> Any:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return
