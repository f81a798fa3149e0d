"""What `SCSessionDidFail` says is never empty."""

import pytest

from sipsimple.protocols.sip.usage.ending.failure import Failure


@pytest.mark.parametrize("make", [Failure.local, Failure.remote])
@pytest.mark.parametrize("code", [0, 408, 487, 503, 799])
@pytest.mark.parametrize("reason", ["", "  \t"])
def test_a_failure_without_a_reason_gets_the_phrase_of_its_code(make, code, reason):
    assert make(code, reason).reason.strip()
    assert make(408, reason).reason == "Request Timeout"


def test_a_failure_blames_the_side_that_it_is_named_after():
    assert (Failure.local(488, "no").originator, Failure.remote(486, "busy").originator) == ("local", "remote")
