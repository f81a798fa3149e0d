"""A gevent server that takes every chat call and answers each message, until its standard input ends.

    python gevent_server.py 127.0.0.1 5060

It prints the UDP port that it listens on. The engine finds the patched `threading` and lives on
the hub of this thread, beside whatever else the server does.
"""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402

import gevent  # noqa: E402
from gevent.fileobject import FileObject  # noqa: E402

from sipsimple import Engine, SessionManager  # noqa: E402
from sipsimple.notification import signals  # noqa: E402


def answer(session, notification):
    if notification.data.has_chat:
        session.accept(chat=True)
    else:
        session.reject(488)


def echo(session, notification):
    gevent.sleep(0)  # an observer may wait: no other session waits with it
    session.send_message(f"you said: {notification.data.content}")


def main():
    signals.SCSessionNewIncoming.connect(answer)
    signals.SCSessionGotMessage.connect(echo)
    SessionManager().msrp_config.local_use_tls = "--tls" in sys.argv
    Engine().start(local_ip=sys.argv[1], local_udp_port=int(sys.argv[2]))
    print(Engine().local_udp_port, flush=True)
    FileObject(sys.stdin).read()
    Engine().stop()


if __name__ == "__main__":
    main()
