"""The states are the published ones."""

from sipsimple.protocols.sip.usage.state import State, Stimulus


def test_a_state_is_the_text_that_users_see():
    assert [str(each) for each in State] == [
        *(
            "NULL",
            "CALLING",
            "INCOMING",
            "ACCEPTING",
            "ESTABLISHED",
            "PROPOSING",
            "PROPOSED",
            "TERMINATING",
            "TERMINATED",
        ),
    ]


def test_each_stimulus_has_words_of_its_own():
    assert len({each.value for each in Stimulus}) == len(Stimulus)
