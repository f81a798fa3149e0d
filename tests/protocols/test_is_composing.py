import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipsimple.errors import LocalProtocolError, RemoteProtocolError
from sipsimple.protocols import is_composing
from sipsimple.protocols.is_composing import (
    IDLE_TIMER,
    MAX_WATCHED,
    REFRESH_TIMER,
    TRANSITIONS,
    Composer,
    Show,
    State,
    Status,
    Stimulus,
    Watch,
    build,
    parse,
    silenced,
    step,
    told,
    watch_timer,
    write,
)
from sipsimple.protocols.outputs import StartTimer, StopTimer

HEAD = b'<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing">'
MOMENT = "2026-01-02T03:04:05+00:00"


def shown(outputs):
    return [each.status for each in outputs if isinstance(each, Show)]


@pytest.mark.parametrize(
    "status",
    [
        Status(State.IDLE),
        Status(State.ACTIVE, 90, "text/plain", MOMENT),
        Status(State.IDLE, None, "audio", MOMENT),
    ],
)
def test_what_is_written_is_read_again(status):
    assert parse(build(status)) == status


def test_the_elements_stand_in_the_order_of_the_schema():
    """Interoperability: a common peer refuses another order."""
    data = build(Status(State.ACTIVE, 90, "text/plain", MOMENT))
    places = [data.index(each) for each in (b"<state", b"<lastactive", b"<contenttype", b"<refresh")]
    assert places == sorted(places)


@pytest.mark.parametrize("state", [b"gone", b"ACTIVE", b"pondering"])
def test_a_state_that_is_not_known_counts_as_idle(state):
    """RFC 3994 section 3.1."""
    assert parse(HEAD + b"<state>" + state + b"</state></isComposing>").state is State.IDLE


def test_elements_that_are_not_known_are_passed_over():
    data = HEAD + b'<state>active</state><x xmlns="urn:x">1</x></isComposing>'
    assert parse(data) == Status(State.ACTIVE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        HEAD + b"</isComposing>",
        HEAD + b"<state>active</state><state>idle</state></isComposing>",
        HEAD + b"<state>active</state><refresh>0</refresh></isComposing>",
        HEAD + b"<state>active</state><refresh>-5</refresh></isComposing>",
        HEAD + b"<state>active</state><refresh>1e3</refresh></isComposing>",
        HEAD + b"<state>active</state><refresh>9999999999</refresh></isComposing>",
        HEAD + b"<state>active</state><lastactive>noon</lastactive></isComposing>",
        b"<isComposing><state>active</state></isComposing>",
        b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + HEAD + b"<state>&a;</state></isComposing>",
    ],
)
def test_what_is_no_document_is_refused(data):
    with pytest.raises(RemoteProtocolError) as refused:
        parse(data)
    assert refused.value.code == 400


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    try:
        parse(HEAD + data)
    except RemoteProtocolError:
        return


def test_the_first_key_is_told_and_those_after_it_only_go_on():
    """RFC 3994 section 3.2."""
    composer, outputs = write(Composer(), content_type="text/plain", last_active=MOMENT)
    assert shown(outputs) == [Status(State.ACTIVE, 120, "text/plain", MOMENT)]
    assert outputs[1:] == (StartTimer(IDLE_TIMER, 15.0), StartTimer(REFRESH_TIMER, 108.0))

    composer, outputs = write(composer)
    assert outputs == (StartTimer(IDLE_TIMER, 15.0),)
    assert composer.state is State.ACTIVE


@pytest.mark.parametrize("silence", [Stimulus.IDLE_TIMEOUT, Stimulus.PAUSED])
def test_silence_is_told_once(silence):
    composer, _ = write(Composer())
    composer, outputs = step(composer, silence)
    assert [each.state for each in shown(outputs)] == [State.IDLE]
    assert StopTimer(IDLE_TIMER) in outputs
    assert StopTimer(REFRESH_TIMER) in outputs
    assert step(composer, silence) == (composer, ())


def test_a_message_that_is_sent_says_itself_that_its_writing_is_over():
    composer, _ = write(Composer())
    composer, outputs = step(composer, Stimulus.MESSAGE_SENT)
    assert composer.state is State.IDLE
    assert outputs == (StopTimer(IDLE_TIMER), StopTimer(REFRESH_TIMER))


def test_who_goes_on_writing_tells_it_again_before_it_is_forgotten():
    composer, _ = write(Composer(), refresh=60)
    composer, outputs = step(composer, Stimulus.REFRESH_DUE)
    assert [(each.state, each.refresh) for each in shown(outputs)] == [(State.ACTIVE, 60)]
    assert outputs[1:] == (StartTimer(REFRESH_TIMER, 54.0),)


@pytest.mark.parametrize("refresh", [0, 59, 24 * 3600 + 1])
def test_a_refresh_that_is_too_short_or_too_long_is_refused(refresh):
    """RFC 3994 section 3.2: not below 60 seconds."""
    with pytest.raises(LocalProtocolError):
        write(Composer(), refresh=refresh)


@given(st.lists(st.sampled_from(list(Stimulus)), max_size=30))
def test_the_peer_never_hears_the_same_news_twice_but_refreshes(stimuli):
    composer, last = Composer(), State.IDLE
    for stimulus in stimuli:
        before = composer.state
        composer, outputs = step(composer, stimulus)
        assert composer.state is TRANSITIONS[before].get(stimulus, before)
        for status in shown(outputs):
            assert status.state is not last or stimulus is Stimulus.REFRESH_DUE
            last = status.state
        if stimulus is Stimulus.MESSAGE_SENT:
            last = State.IDLE
        assert composer.state is last


@pytest.mark.parametrize(("refresh", "seconds"), [(None, 120.0), (90, 90.0), (999_999, 24 * 3600.0)])
def test_active_holds_as_long_as_it_says(refresh, seconds):
    """RFC 3994 section 3.3."""
    watch, outputs = told(Watch(), "a", Status(State.ACTIVE, refresh))
    assert outputs == (StartTimer(("composing", "a"), seconds),)
    assert told(watch, "a", Status(State.ACTIVE, refresh))[1] == outputs


def test_each_sender_is_watched_by_itself():
    watch, _ = told(Watch(), "a", Status(State.ACTIVE))
    watch, _ = told(watch, "b", Status(State.ACTIVE))
    watch, was_active, outputs = silenced(watch, "a")
    assert (was_active, outputs) == (True, (StopTimer(watch_timer("a")),))
    assert silenced(watch, "a")[1:] == (False, ())
    assert silenced(watch, "b")[1] is True


def test_idle_forgets_the_sender():
    watch, _ = told(Watch(), "a", Status(State.ACTIVE))
    watch, outputs = told(watch, "a", Status(State.IDLE))
    assert outputs == (StopTimer(watch_timer("a")),)
    assert told(watch, "a", Status(State.IDLE)) == (watch, ())


def test_a_flood_of_senders_is_not_remembered():
    watch = Watch()
    for number in range(MAX_WATCHED + 10):
        watch, _ = told(watch, f"s{number}", Status(State.ACTIVE))
    assert len(watch.active) == MAX_WATCHED


def test_the_table_names_every_state():
    assert set(TRANSITIONS) == set(State)
    assert is_composing.CONTENT_TYPE == "application/im-iscomposing+xml"
