"""The bound of an audio call: pjsua2 and nothing else, with the settings of our audio processes.

As `answer` it takes up to four calls and says its port; as `call PORT` it places
four. Either says lines of JSON and ends with its standard input.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pjsua2 as pj
from processes import say

CALLS = 4
POLL_MS = 200


class Call(pj.Call):
    pass


class Account(pj.Account):
    calls: list[Call] = []

    def onIncomingCall(self, prm):  # noqa: N802
        call = Call(self, prm.callId)
        answer = pj.CallOpParam(True)
        answer.statusCode = 200
        call.answer(answer)
        self.calls.append(call)


def endpoint():
    ep, config = pj.Endpoint(), pj.EpConfig()
    ep.libCreate()
    config.uaConfig.threadCnt, config.uaConfig.mainThreadOnly, config.uaConfig.maxCalls = 0, True, CALLS
    media = config.medConfig
    media.clockRate, media.ecTailLen, media.noVad, media.audioFramePtime = 8000, 0, True, 20
    media.sndAutoCloseTime, media.hasIoqueue, media.threadCnt = -1, True, 1
    config.logConfig.level = config.logConfig.consoleLevel = 0
    ep.libInit(config)
    transport = pj.TransportConfig()
    transport.port, transport.boundAddress = 0, "127.0.0.1"
    number = ep.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
    ep.libStart()
    ep.audDevManager().setNullDev()
    for codec in ep.codecEnum2():
        if not codec.codecId.startswith("PCM"):
            ep.codecSetPriority(codec.codecId, 0)
    return ep, int(ep.transportGetInfo(number).localAddress.rpartition(":")[2])


def account(port):
    config = pj.AccountConfig()
    config.idUri = f"sip:bare@127.0.0.1:{port}"
    config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
    config.mediaConfig.lockCodecEnabled = config.mediaConfig.streamKaEnabled = False
    config.mediaConfig.transportConfig.boundAddress = "127.0.0.1"
    made = Account()
    made.create(config)
    return made


def run(role, *words):
    sys.stdout = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the library prints
    ep, port = endpoint()
    mine = account(port)
    if role == "call":
        for _ in range(CALLS):
            call = Call(mine)
            call.makeCall(f"sip:bare@127.0.0.1:{words[0]}", pj.CallOpParam(True))
            mine.calls.append(call)
            for _ in range(10):
                ep.libHandleEvents(10)
    say(port=port, pid=os.getpid())
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    while True:
        ep.libHandleEvents(POLL_MS)


run(*sys.argv[1:])
