"""A plain script with threads: call, say something, wait for the answer, hang up.

    python threaded_script.py sip:bob@127.0.0.1:5060 "how do you do?"

Nothing is patched, so the engine runs its hub in a thread of its own and observers in others; the
main thread waits as any thread does.
"""

import sys
from queue import Queue

from sipsimple import SIPURI, Credentials, Engine, Session, SessionManager
from sipsimple.notification import NotificationCenter


class Observer:
    def __init__(self):
        self.told = Queue()

    def handle_notification(self, notification):
        self.told.put(notification)

    def wait_for(self, *names):
        while True:
            notification = self.told.get(timeout=30)
            if notification.name in names:
                return notification


def main():
    callee = SIPURI.parse(sys.argv[1])
    observer = Observer()
    NotificationCenter().add_observer(observer)
    SessionManager().msrp_config.local_use_tls = "--tls" in sys.argv
    Engine().start(local_ip=callee.host)
    session = Session()
    session.connect(callee, Credentials(SIPURI("example.com", "alice")), chat=True)
    outcome = observer.wait_for("SCSessionDidStart", "SCSessionDidFail")
    if outcome.name == "SCSessionDidStart":
        session.send_message(sys.argv[2])
        print(observer.wait_for("SCSessionGotMessage").data.content)
    else:
        print(outcome.data.reason)
    Engine().stop()
    return 0 if outcome.name == "SCSessionDidStart" else 1


if __name__ == "__main__":
    sys.exit(main())
