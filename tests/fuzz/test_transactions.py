"""Whatever happens in whatever order: tables are complete, a machine ends at most once, no timer is left."""

from __future__ import annotations

import functools
import heapq
import itertools
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipsimple.protocols.outputs import StartTimer, StopTimer
from sipsimple.protocols.sip.message import Request, parse
from sipsimple.protocols.sip.transaction import client, invite_client, invite_server, layer, server
from sipsimple.protocols.sip.transaction.derived import make_cancel
from sipsimple.protocols.sip.transaction.layer import Transactions
from sipsimple.protocols.sip.transaction.outputs import (
    Deliver,
    RequestReceived,
    ResponseReceived,
    Send,
    Terminated,
    TransactionEnded,
)
from sipsimple.protocols.sip.transaction.timing import DEFAULT_TIMING
from tests.protocols.sip.transaction.messages import TCP, UDP, request, response


def make_ack(*_):
    return b"ACK"


def make_trying(_):
    return b"100"


BEGIN = {
    invite_client: lambda flow: invite_client.start(
        invite_client.InviteClient(b"INVITE", make_ack, flow, DEFAULT_TIMING)
    ),
    client: lambda flow: client.start(client.Client(b"BYE", flow, DEFAULT_TIMING)),
    invite_server: lambda flow: invite_server.start(
        invite_server.InviteServer(b"INVITE", make_trying, flow, DEFAULT_TIMING)
    ),
    server: lambda flow: server.start(server.Server(flow, DEFAULT_TIMING), b"BYE"),
}
MACHINES = pytest.mark.parametrize("machine", BEGIN, ids=lambda machine: machine.__name__.rpartition(".")[2])
FLOWS = pytest.mark.parametrize("flow", [UDP, TCP], ids=lambda flow: flow.transport)
CHOICES = st.lists(st.integers(0, 2**16), max_size=40)


def walk(machine, flow, choices):
    """Yield (state before, stimulus, transaction after, outputs) for the stimuli that `choices` pick."""
    stimuli = list(machine.Stimulus)
    txn, _ = BEGIN[machine](flow)
    for choice in choices:
        stimulus, before = stimuli[choice % len(stimuli)], txn.state
        txn, outputs = machine.step(txn, stimulus, b"message")
        yield SimpleNamespace(before=before, stimulus=stimulus, txn=txn, outputs=outputs)


@MACHINES
def test_every_state_can_be_reached_and_left(machine):
    first = BEGIN[machine](UDP)[0].state
    targets = {state for rows in machine.TRANSITIONS.values() for state, _ in rows.values()}
    assert targets | {first} == set(machine.State)
    for state, rows in machine.TRANSITIONS.items():
        leaves = any(target is not state for target, _ in rows.values())
        assert leaves == (state is not machine.State.TERMINATED)


@MACHINES
@FLOWS
@given(choices=CHOICES)
def test_any_sequence_ends_at_most_once(machine, flow, choices):
    ends, state = 0, None
    for step in walk(machine, flow, choices):
        ends += sum(isinstance(each, Terminated) for each in step.outputs)
        state = step.txn.state
    assert ends == (state is machine.State.TERMINATED)


@MACHINES
@FLOWS
@given(choices=CHOICES)
def test_a_step_goes_where_the_table_says_and_an_ignored_stimulus_changes_nothing(machine, flow, choices):
    before, _ = BEGIN[machine](flow)
    for step in walk(machine, flow, choices):
        row = machine.TRANSITIONS[step.before].get(step.stimulus)
        if row is None:
            assert (step.txn, step.outputs) == (before, ())
        else:
            assert step.txn.state is row[0]
        before = step.txn


@MACHINES
@FLOWS
@given(choices=CHOICES)
def test_the_timers_that_run_are_those_that_the_state_names(machine, flow, choices):
    """A model of the clock: started, stopped and fired timers leave exactly `timers(txn)`, none at the end."""
    txn, outputs = BEGIN[machine](flow)
    running = {each.name for each in outputs if isinstance(each, StartTimer)}
    for choice in choices:
        others = [each for each in machine.Stimulus if not each.name.startswith("TIMER_")]
        stimuli = [*others, *map(machine.Stimulus, sorted(running))]  # a timer fires only while it runs
        stimulus = stimuli[choice % len(stimuli)]
        running.discard(stimulus.value)
        txn, outputs = machine.step(txn, stimulus, b"message")
        for each in outputs:
            if isinstance(each, StartTimer):
                running.add(each.name)
            elif isinstance(each, StopTimer):
                running.discard(each.name)
        assert running == {each.name for each in machine.timers(txn)}


@MACHINES
@given(choices=CHOICES)
def test_a_final_response_is_delivered_or_sent_before_a_completed_end(machine, choices):
    answered = False
    for step in walk(machine, UDP, choices):
        answered = answered or (
            step.stimulus.value in {"2xx", "3xx-6xx", "2xx-6xx"}
            and any(isinstance(each, Deliver | Send) for each in step.outputs)
        )
        assert answered or Terminated("completed") not in step.outputs


INVITE, BYE = request(), request("BYE", "z9hG4bKbye", cseq=2)
CANCEL = make_cancel(INVITE)
OWN = request("INVITE", "z9hG4bKown"), request("OPTIONS", "z9hG4bKopt")
STRAY = response(request("INFO", "z9hG4bKstray"), 200)
MESSAGES = st.sampled_from([INVITE, BYE, CANCEL, request("ACK"), request("ACK", "z9hG4bKack")])
STATUSES = st.sampled_from([100, 180, 200, 302, 487, 600])


def feed(txns, choice, running, asked):
    """Let one thing happen, of those that the world can do in this moment."""
    kind, message, status, flow, index = choice
    if kind == "request":
        return layer.receive_request(txns, message, flow)
    if kind == "respond" and asked:
        key, to = asked[index % len(asked)]
        code = 100 if status == 180 and to.method != "INVITE" else status
        return layer.respond(txns, key, response(to, code))
    if kind == "response":
        return layer.receive_response(txns, response(OWN[index % 2], status) if index % 5 else STRAY)
    if kind == "timer" and running:
        timer = sorted(running)[index % len(running)]
        running.discard(timer)
        return layer.timer_fired(txns, timer)
    if kind == "flow":
        return layer.flow_failed(txns, flow)
    return txns, ()


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["request", "respond", "response", "timer", "flow"]),
        MESSAGES,
        STATUSES,
        st.sampled_from([UDP, TCP]),
        st.integers(0, 99),
    ),
    max_size=60,
)
ANSWERED_CALL = [("request", INVITE, 200, UDP, 0), ("respond", INVITE, 200, UDP, 0), ("timer", INVITE, 200, UDP, 0)]


@given(HAPPENINGS, st.sampled_from([UDP, TCP]))
@example(ANSWERED_CALL, UDP)
def test_whatever_happens_the_layer_keeps_its_books(happenings, flow):
    """Running timers are those that the states need, each transaction ends once, the user hears one final response."""
    txns, running, asked, finals = Transactions(), set(), [], []
    opened, ended = 0, 0
    steps = [functools.partial(layer.send_request, request=each, flow=flow) for each in OWN]
    steps += [lambda txns, each=each: feed(txns, each, running, asked) for each in happenings]
    for step in steps:
        before = set(txns.entries)
        txns, outputs = step(txns)
        opened += len(set(txns.entries) - before)
        for output in outputs:
            match output:
                case StartTimer(name, seconds):
                    assert seconds > 0
                    running.add(name)
                case StopTimer(name):
                    running.discard(name)
                case RequestReceived(key, message, _) if message.method != "ACK":
                    asked.append((key, message))
                case ResponseReceived(key, message) if message.status >= 300 or message.cseq.method != "INVITE":
                    finals += [key] if message.is_final else []
                case TransactionEnded():
                    ended += 1
        assert running == {each.name for each in layer.timers(txns)}
    assert opened - ended == len(txns.entries)
    assert len(finals) == len(set(finals))


@given(HAPPENINGS)
def test_when_all_timers_have_fired_only_unanswered_requests_of_the_peer_are_left(happenings):
    """No transaction leaks: what stays waits for our own response."""
    txns, running, asked = Transactions(), set(), []
    steps = [functools.partial(layer.send_request, request=OWN[1], flow=UDP)]
    steps += [lambda txns, each=each: feed(txns, each, running, asked) for each in happenings]
    for step in steps:
        txns, outputs = step(txns)
        asked += [(each.key, each.request) for each in outputs if isinstance(each, RequestReceived)]
        running = {each.name for each in layer.timers(txns)}
    for _ in range(200):
        for timer in layer.timers(txns):
            txns, _ = layer.timer_fired(txns, timer.name)
    assert {txn.state.value for txn in txns.entries.values()} <= {"trying", "proceeding"}
    assert all(isinstance(txn, server.Server | invite_server.InviteServer) for txn in txns.entries.values())


def converse(req, status, lost):
    """Let one side send `req` and the other answer `status`; `lost` numbers the messages that the network drops."""
    ends = {"caller": Transactions(), "callee": Transactions()}
    events, heard, number = [], [], itertools.count()

    def carry(end, step):
        ends[end], outputs = step
        for each in outputs:
            if isinstance(each, Send):
                if next(number) not in lost:
                    other = "callee" if end == "caller" else "caller"
                    message = parse(bytes(each.message))
                    heapq.heappush(events, (now + 0.01, next(order), other, "message", message))
            elif isinstance(each, StartTimer):
                heapq.heappush(events, (now + each.seconds, next(order), end, "timer", each.name))
            elif isinstance(each, StopTimer):
                events[:] = [event for event in events if event[2:] != (end, "timer", each.name)]
                heapq.heapify(events)
            elif isinstance(each, RequestReceived):
                heard.append((end, each.request.method))
                carry(end, layer.respond(ends[end], each.key, response(each.request, status)))
            elif isinstance(each, ResponseReceived):
                heard.append((end, each.response.status))
            elif isinstance(each, TransactionEnded):
                heard.append((end, each.why))

    order, now = itertools.count(), 0.0
    carry("caller", layer.send_request(ends["caller"], req, UDP))
    while events:
        now, _, end, kind, what = heapq.heappop(events)
        if kind == "timer":
            carry(end, layer.timer_fired(ends[end], what))
        elif isinstance(what, Request):
            carry(end, layer.receive_request(ends[end], what, UDP))
        else:
            carry(end, layer.receive_response(ends[end], what))
    assert ends == {"caller": Transactions(), "callee": Transactions()}
    return heard


@pytest.mark.parametrize(("req", "status"), [(INVITE, 486), (BYE, 200)], ids=["INVITE", "BYE"])
@given(lost=st.sets(st.integers(0, 12), max_size=5))
@example(lost={0, 1, 2, 3, 4})
@example(lost={1, 3, 5, 7, 9})
def test_five_lost_messages_hinder_no_transaction(req, status, lost):
    """Each side hears the other exactly once, and both end in good order."""
    assert sorted(converse(req, status, lost), key=str) == sorted(
        [("callee", req.method), ("caller", status), ("callee", "completed"), ("caller", "completed")], key=str
    )


@pytest.mark.parametrize("req", [INVITE, BYE], ids=["INVITE", "BYE"])
def test_a_dead_network_ends_in_timeout(req):
    assert converse(req, 200, set(range(100))) == [("caller", "timeout")]
