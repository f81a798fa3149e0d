"""The command line of the conformance suite, and what it prints."""

from __future__ import annotations

import json

import pytest

from sipsimple.testing.msrp import __main__ as command
from sipsimple.testing.msrp import printing
from sipsimple.testing.msrp.calls import Calls
from sipsimple.testing.msrp.case import Case, Result, Verdict
from sipsimple.testing.msrp.cases import CASES
from sipsimple.testing.msrp.session import AtRelay, GivenPaths
from tests.interop.msrp_peer import PassivePeer
from tests.interop.msrp_relay import Relay


def result(verdict, reason=""):
    return Result(Case(f"4975-{verdict.lower()}", "A rule [of] three"), verdict, reason, 0.5)


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([Verdict.PASS, Verdict.WARN, Verdict.SKIP], 0),
        ([Verdict.PASS, Verdict.ERROR], 2),
        ([Verdict.PASS, Verdict.ERROR, Verdict.FAIL], 1),
        ([Verdict.SKIP], 2),
        ([], 2),
    ],
)
def test_the_exit_status_tells_whether_every_must_was_kept(verdicts, status):
    assert printing.exit_status([result(each) for each in verdicts]) == status


def test_the_plain_table_has_a_line_for_each_case_and_its_reason():
    text = printing.plain_table([result(Verdict.PASS), result(Verdict.FAIL, "it did not")])
    assert text.splitlines() == [
        "PASS   4975-pass  A rule [of] three",
        "FAIL   4975-fail  A rule [of] three",
        "       it did not",
        "1 pass, 1 fail",
    ]


def test_json_has_every_case():
    document = json.loads(printing.as_json([result(Verdict.WARN, "well")]))
    assert document["summary"] == {"WARN": 1}
    [told] = document["cases"]
    assert (told["id"], told["verdict"], told["reason"], told["level"]) == ("4975-warn", "WARN", "well", "MUST")


def test_the_fine_table_shows_what_looks_like_markup(capsys):
    printing.write_table([result(Verdict.FAIL, "got [red] instead")])
    assert "got [red] instead" in capsys.readouterr().out


def source(*arguments):
    return command.source_of(command.parser().parse_args(arguments))


def test_the_way_to_a_session_is_chosen_by_the_options():
    assert isinstance(source("--sip", "sip:a@b"), Calls)
    assert isinstance(source("--relay", "msrps://a;tcp"), AtRelay)
    assert isinstance(source("--path", "msrp://a/b;tcp"), GivenPaths)
    assert source("--peer", "h:99", "--tls").path.startswith("msrps://h:99/")
    assert source() is None


def test_cases_are_chosen_by_patterns(capsys):
    assert command.main(["--list", "--only", "5547-*"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == sum(each.id.startswith("5547") for each in CASES)


@pytest.mark.parametrize("arguments", [[], ["--relay", "msrp://a;tcp"], ["--sip", "sip:a@b", "--path", "x"]])
def test_a_command_line_that_says_too_little_or_too_much_is_refused(arguments, capsys):
    with pytest.raises(SystemExit) as refusal:
        command.main(arguments)
    assert refusal.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_a_peer_is_judged_by_its_address(tmp_path, capsys):
    with PassivePeer(tmp_path) as peer:
        status = command.main(["--peer", f"127.0.0.1:{peer.port}", "--only", "4975-7.1-pipelined", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert (status, document["summary"]) == (0, {"PASS": 2})


def test_a_peer_that_is_not_there_is_no_verdict(capsys):
    assert command.main(["--peer", "127.0.0.1:1", "--only", "4975-7.1-pipelined", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["summary"] == {"ERROR": 1}


def test_a_relay_is_judged_with_one_user_twice(capsys):
    with Relay() as relay:
        arguments = ["--relay", relay.uri, "--user", "alice:secret", "--only", "4976-6.4-paths", "--json"]
        assert command.main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["summary"] == {"PASS": 2}
