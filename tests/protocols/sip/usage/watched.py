"""What holds for every call, whatever a test is about: checked with each output of it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sipsimple.protocols.sip.message import Request, Response
from sipsimple.protocols.sip.usage import outputs
from sipsimple.protocols.sip.usage.state import State

if TYPE_CHECKING:
    from sipsimple.protocols.sip.usage.call import Call


class Watched:
    """What one call has said, told and asked for, and the rules of it."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.sent: list[Request | Response] = []
        self.told: list[outputs.Notify] = []
        self.asked: list[object] = []
        self.media: dict[str, outputs.StartStream] = {}
        self.muted: dict[str, bool] = {}
        self.unprepared: list[outputs.Prepare] = []

    # ------------------------------------------------------------- reading

    @property
    def state(self) -> State:
        return self.call.state

    @property
    def names(self) -> list[str]:
        """The notifications without the changes of state."""
        return [each.name for each in self.told if each.name != "SCSessionChangedState"]

    @property
    def states(self) -> list[str]:
        """The states that were told."""
        return [each.data["state"] for each in self.told if each.name == "SCSessionChangedState"]

    @property
    def failure(self) -> tuple[str, int, str]:
        """Originator, code and reason of the failure that was told."""
        (data,) = [each.data for each in self.told if each.name == "SCSessionDidFail"]
        return data["originator"], data["code"], data["reason"]

    @property
    def last(self) -> Request | Response:
        """What was sent last."""
        return self.sent[-1]

    def requests(self, method: str) -> list[Request]:
        return [each for each in self.sent if isinstance(each, Request) and each.method == method]

    def statuses(self, method: str = "INVITE") -> list[int]:
        answers = [each for each in self.sent if isinstance(each, Response)]
        return [each.status for each in answers if (each.get("cseq") or "").endswith(f" {method}")]

    @property
    def transfers(self) -> list[str]:
        """What was told of transfers: names, and the codes that go with them."""
        told = [each for each in self.told if each.name.startswith("SCSessionTransfer")]
        return [f"{each.name[17:]} {each.data.get('code', '')}".strip() for each in told]

    @property
    def open_transfers(self) -> int:
        """How many have begun and were not told the outcome of."""
        names = [each.split()[0] for each in self.transfers]
        begun, over = ("NewOutgoing", "NewIncoming"), ("DidEnd", "DidFail")
        return sum(each in begun for each in names) - sum(each in over for each in names)

    # ------------------------------------------------------------- rules

    def _compare(self) -> None:
        """Say what was told and asked for is what the call remembers."""
        call = self.call
        assert self._is_held("local") == call.held_by_local
        assert self._is_held("remote") == call.held_by_remote
        opened = self.names.count("SCSessionGotStreamProposal")
        closed = [name for name in self.names if name.endswith("edStreamProposal")]
        is_open = self.state in {State.PROPOSING, State.PROPOSED}
        assert bool(call.proposal) == is_open
        assert opened - len(closed) == is_open or self.state is State.TERMINATING
        for kind, start in self.media.items():
            assert kind.startswith("audio") is (kind in self.muted), "only what can be heard is muted"
            if not start.early and call.runs(kind):
                assert self.muted.get(kind, False) == (kind == "audio" and call.on_hold)

    def _is_held(self, originator: str) -> bool:
        told = [each.name for each in self.told if "HoldRequest" in each.name or "UnholdRequest" in each.name]
        by = [
            each.name == "SCSessionGotHoldRequest"
            for each in self.told
            if each.name in told and each.data["originator"] == originator
        ]
        assert all(a != b for a, b in pairwise(by)), "a hold is told twice"
        return bool(by) and by[-1]

    def _hear(self, output: outputs.Notify) -> None:
        names = self.names
        assert "SCSessionDidEnd" not in names, f"{output} after the end"
        assert "SCSessionDidFail" not in names or output.name == "SCSessionDidEnd"
        data = output.data
        if output.name == "SCSessionChangedState":
            assert data["prev_state"] == (self.states[-1] if self.states else "NULL")
            assert data["state"] != data["prev_state"]
        elif output.name == "SCSessionDidStart":
            assert "SCSessionWillStart" in names
        elif output.name == "SCSessionDidFail":
            assert self.states[-1] == "TERMINATED"
            assert data["originator"] in {"local", "remote"}
            assert data["reason"].strip()
        elif output.name == "SCSessionDidEnd":
            assert self.states[-1] == "TERMINATED"
            assert names[-1:] != ["SCSessionDidFail"] or self.told[-1].data["originator"] == data["originator"]
        self.told.append(output)

    def _conduct(self, output: object) -> None:
        """Be the streams."""
        match output:
            case outputs.Prepare(kind):
                self.unprepared = [*[each for each in self.unprepared if each.kind != kind], output]
            case outputs.StartStream(kind):
                self.media[kind] = output
                if kind.startswith("audio"):
                    self.muted.setdefault(kind, False)
            case outputs.StopStream(kind):
                self.media.pop(kind, None)
                self.muted.pop(kind, None)
                self.unprepared = [each for each in self.unprepared if each.kind != kind]
