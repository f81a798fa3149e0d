"""What the pages name exists: files, links, commands with their options, names of the API, notifications, defaults."""

from __future__ import annotations

import ast
import re

import pytest
import typer

from sipsimple.api.engine.options import EngineOptions
from sipsimple.cli.commands import app
from sipsimple.testing.msrp.cases import CASES
from tests.surface.pages import GUIDES, PAGES, ROOT, anchors, code, commands, name, prose, snippets
from tests.surface.public import PUBLIC, VARIABLES, check_call, has, is_of_ours, kind_of
from tests.watch import NAMES

TOPS = ("sipsimple", "tests", "bench", "docs", "examples")
FILES = [f"/{path.relative_to(ROOT)}" for top in TOPS for path in (ROOT / top).rglob("*") if path.suffix != ".pyc"]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "sipsimple").rglob("*.py"))
PROGRAM = typer.main.get_command(app).commands
SUITE = (ROOT / "sipsimple/testing/msrp/__main__.py").read_text(encoding="utf-8")

GONE = {"SCRTPTransportDidInitialize", "SCRTPTransportDidFail", "SCEngineDetectedNATType", "SCEngineGotException"}
"""Of 2009: the pages say that they are no more."""

_PATH = re.compile(r"(?:[\w.]+/)+(?:\w+\.(?:py|md|wav|sh))?|\w+\.(?:py|md)")
_POSTED = re.compile(
    r"\b(SC(?:Session(?:Transfer|Media|Info)?|Engine|Registration|Subscription|IncomingSubscription|Publication|Request|"
    r"RTPTransport|AudioTransport|WaveFile|RecordingWaveFile)|MSRPChat|MSRPFileTransfer)"
    r"((?:Did|Will|Got|New|Changed|Accepted|Rejected|Detected)[A-Z]\w+)"
)
_DOTTED = re.compile(r"(\w+)(?:\(\))?((?:\.\w+)+)(?:\(\))?")
_LOGGED = re.compile(r'(?:\b_?log\.(?:debug|info|warning|error)|\bNote)\(\s*"([a-z_]+\.[a-z_]+)"')
_OPTION = re.compile(r"(?<![\w-])--[a-z][\w-]+")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)]+)\)", prose(page)):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            aim = (page.parent / path).resolve() if path else page
            assert aim.exists(), target
            assert not anchor or anchor in anchors(aim), target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_each_file_that_is_named_exists(page):
    for text in (each.removeprefix("python ").partition(" ")[0] for each in code(page)):
        if _PATH.fullmatch(text):
            ending = f"/{text.rstrip('/')}"
            assert any(each.endswith(ending) for each in FILES) or (ROOT / text).exists(), text


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_each_dotted_name_exists(page):
    for text in code(page):
        dotted = _DOTTED.fullmatch(text)
        if dotted is None or _PATH.fullmatch(text):
            continue
        kind = PUBLIC.get(dotted[1], VARIABLES.get(dotted[1]))
        if dotted[1] == "sipsimple":
            assert is_of_ours(text.removesuffix("()")), text
        elif isinstance(kind, type):
            assert has(kind, dotted[2].split(".")[1]) or f'"{text}"' in SOURCES, text  # it may be a log event


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_each_call_and_signature_is_one_of_the_code(page):
    for text in code(page):
        try:
            shown = ast.parse(text, mode="eval").body
        except SyntaxError:
            continue
        if isinstance(shown, ast.Call):
            check_call(shown)


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_each_snippet_uses_what_there_is(page):
    for snippet in snippets(page):
        for node in ast.walk(snippet):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sipsimple"):
                assert all(each.name == "*" or is_of_ours(f"{node.module}.{each.name}") for each in node.names)
            elif isinstance(node, ast.Attribute) and (kind := kind_of(node.value)) is not None:
                assert has(kind, node.attr), ast.unparse(node)
            elif isinstance(node, ast.Call):
                check_call(node)


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_each_command_can_be_typed_as_it_stands(page):
    for line in commands(page):
        words = line.split()
        options = _OPTION.findall(line)
        if "sipsimple" in words[:1] or ("sipsimple" in words and "|" in words):
            known = {option for each in PROGRAM[words[words.index("sipsimple") + 1]].params for option in each.opts}
            assert set(options) <= known, line
        elif words[:3] == ["python", "-m", "sipsimple.testing.msrp"]:
            assert all(f'"{option}"' in SUITE for option in options), line
        elif words[:1] == ["make"] and len(words) > 1:
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE) or words[1].startswith("bench-"), line


def test_each_option_of_the_program_that_its_page_names_exists():
    page = ROOT / "docs" / "cli.md"
    known = {
        option
        for command in PROGRAM.values()
        for each in command.params
        for option in (*each.opts, *each.secondary_opts)
    }
    assert {option for text in code(page) for option in _OPTION.findall(text)} - {"--help", "--version"} <= known
    assert set(PROGRAM) == set(re.findall(r"^## `sipsimple (\w+)`$", page.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_each_notification_that_is_named_is_posted(page):
    for prefix, rest in _POSTED.findall(prose(page)):
        whole = prefix + rest
        assert whole in (*NAMES, *GONE) or f'"{whole}"' in SOURCES or f'"{rest}"' in SOURCES, whole


def test_each_log_event_stands_in_a_page():
    """Those whose name is written out where they are logged."""
    told = {text for page in PAGES for text in code(page)}
    logged = set(_LOGGED.findall(SOURCES))
    assert len(logged) > 100
    assert sorted(logged - told) == []


def test_the_defaults_of_options_are_those_of_the_code():
    """In each table of options of `Engine.start()`."""
    defaults = EngineOptions.defaults()
    rows = [row for page in GUIDES for row in re.findall(r"^\| `(\w+)` \| ([^|`]+) \|", prose(page), re.MULTILINE)]
    told = [(word, value) for word, value in rows if word in defaults]
    assert len(told) >= 10
    for word, value in told:
        default = defaults[word]
        assert value in (str(default), ", ".join(default) if isinstance(default, tuple) else None), word


def test_each_option_of_the_engine_stands_in_a_page():
    text = "\n".join(page.read_text(encoding="utf-8") for page in GUIDES if page.parent.name == "docs")
    assert [word for word in EngineOptions.defaults() if f"`{word}`" not in text and f"{word}=" not in text] == []


def test_the_suite_has_as_many_cases_as_its_page_says():
    text = (ROOT / "docs" / "msrp-conformance.md").read_text(encoding="utf-8").replace("\n", " ")
    total, musts = re.search(r"There are (\d+) cases, (\d+) of a MUST", text).groups()
    assert (int(total), int(musts)) == (len(CASES), sum(case.level == "MUST" for case in CASES))
    for count, rfc in re.findall(r"(\d+) of RFC (\d+)", text):
        assert int(count) == sum(case.id.startswith(f"{rfc}-") for case in CASES), rfc
    assert f"{len(CASES)} cases" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
