"""A worker process for tests: it speaks the wire format, makes no sound, and misbehaves when it is asked to.

`fake_worker.py [OPTION ...] --control FD | --zygote FD`. Options: `capacity=N`, `version=N`, and
`die` (before it is ready), `mute` (never ready), `sterile` (a zygote that refuses to fork).
What `SendDigit` makes it do stands in `DEEDS`. Every other command for a leg is told back as
`Refused(leg, command, "")`.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time

from sipsimple.media import wire


class Worker:
    def __init__(self, control: socket.socket, options: dict[str, str]) -> None:
        self.control = control
        self.options = options
        self.frames = wire.Frames(wire.COMMANDS)
        self.legs: set[str] = set()

    def tell(self, event: wire.Event) -> None:
        try:
            self.control.sendall(wire.frame(event))
        except OSError:  # the engine has given this worker up
            os._exit(0)

    def run(self) -> None:
        if "die" in self.options:
            os._exit(3)
        if "mute" in self.options:
            time.sleep(600)
        sip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sip.bind(("127.0.0.1", 0))
        version = int(self.options.get("version", wire.VERSION))
        capacity = int(self.options.get("capacity", 4))
        self.tell(wire.Ready(version, os.getpid(), sip.getsockname()[1], capacity, ("PCMU",)))
        try:
            while data := self.control.recv(65536):
                for command in self.frames.feed(data):
                    self.obey(command)
        finally:
            os._exit(0)

    def obey(self, command: wire.Command) -> None:
        if isinstance(command, wire.Ping):
            self.tell(wire.Pong(command.number, tuple(wire.Statistics(leg) for leg in self.legs)))
        elif isinstance(command, wire.SendDigit):
            DEEDS[command.digit](self)
        elif isinstance(command, wire.Configure):
            self.tell(wire.Said(3, f"configured for {command.codecs}"))
        else:
            if isinstance(command, wire.Open):
                self.legs.add(command.leg)
            self.tell(wire.Refused(command.leg, type(command).__name__, ""))

    def exit(self) -> None:
        os._exit(1)

    def hang(self) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def garbage(self) -> None:
        self.control.sendall(b"\0\0\0\5hello")
        time.sleep(600)

    def huge(self) -> None:
        self.control.sendall(b"\xff" * 64)
        time.sleep(600)

    def deaf(self) -> None:
        time.sleep(600)

    def ready_twice(self) -> None:
        self.tell(wire.Ready(wire.VERSION, os.getpid(), 5060, 4, ()))

    def chatter(self) -> None:
        for number in range(5000):
            self.tell(wire.Said(1, f"line {number}"))
            self.tell(wire.GotDigit("nobody", "1"))
            self.tell(wire.Pong(10_000 + number))


DEEDS = {
    "x": Worker.exit,
    "h": Worker.hang,
    "g": Worker.garbage,
    "G": Worker.huge,
    "d": Worker.deaf,
    "r": Worker.ready_twice,
    "c": Worker.chatter,
}


def serve(requests: socket.socket, options: dict[str, str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        data, descriptors, _, _ = socket.recv_fds(requests, 64, 4)
        if not data:
            os._exit(0)
        if "sterile" in options:
            requests.send(b"no more processes")
        elif pid := os.fork():
            requests.send(b"%d" % pid)
        else:
            requests.close()
            Worker(socket.socket(fileno=descriptors[0]), options).run()
        for descriptor in descriptors:
            os.close(descriptor)


def main() -> None:
    *words, mode, descriptor = sys.argv[1:]
    options = dict((*word.split("="), "")[:2] for word in words)
    control = socket.socket(fileno=int(descriptor))
    if mode == "--zygote":
        serve(control, options)
    else:
        Worker(control, options).run()


if __name__ == "__main__":
    main()
