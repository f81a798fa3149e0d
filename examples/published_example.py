"""The example of the published API, ported to Python 3: place a call, press enter to end it.

python published_example.py sip:alice@example.com p4ssw0rd sip:bob@192.0.2.1 192.0.2.1:5060
"""

import sys
from threading import Event

from zope.interface import implementer

from sipsimple import *
from sipsimple.notification import IObserver, NotificationCenter


@implementer(IObserver)
class SimpleOutboundCall:
    def __init__(self, local_uri, password, remote_uri, route):
        # setup a threading.Event to signal that the Engine has stopped
        self.engine_ended_event = Event()
        # start the Engine with default parameters
        Engine().start(local_ip=None if route.address != "127.0.0.1" else "127.0.0.1")
        # Set up an outbound ringtone on the session manager
        SessionManager().ringtone_config.outbound_ringtone = "ringtone.wav"
        # create a new Session
        self.session = Session()
        # listen for the notification that the Engine stopped
        NotificationCenter().add_observer(self, "SCEngineDidEnd", Engine())
        # listen for the notification that the Session ended
        NotificationCenter().add_observer(self, "SCSessionDidEnd", self.session)
        # setup sipsimple.core.Credentials object
        cred = Credentials(local_uri, password)
        # start a new outbound session
        self.session.new(remote_uri, cred, route, audio=True)

    def end(self):
        # if the Session is still active, terminate it
        self.session.terminate()
        # wait for the engine to stop, processed in handle_notification
        self.engine_ended_event.wait()
        # quit the progam, as this can only be done from the main thread
        sys.exit()

    def handle_notification(self, notification):
        if notification.name == "SCSessionDidEnd":
            # if for whatever reason the session ended, stop the Engine
            print("Session ended", flush=True)
            Engine().stop()
        elif notification.name == "SCEngineDidEnd":
            # once the Engine has stopped, signal the (possibly) waiting main
            # thread through a threading.Event
            self.engine_ended_event.set()


if __name__ == "__main__":
    local, password, remote, proxy = sys.argv[1:5]
    address, _, port = proxy.rpartition(":")
    call = SimpleOutboundCall(SIPURI.parse(local), password, SIPURI.parse(remote), Route(address, int(port)))
    # block waiting for user input
    print("Placing call, press enter to quit program", flush=True)
    input()
    # block in end() until the Engine has stopped
    call.end()
