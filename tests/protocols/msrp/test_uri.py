import pytest

from sipsimple.errors import RemoteProtocolError
from sipsimple.protocols.msrp.uri import URI, format_path, own_session_id, parse_path, same_uri, session_id_of


def test_every_part_is_read():
    uri = URI.parse("msrps://alice@[2001:db8::1]:7654/s1D;tcp;lr;x=y")

    assert (uri.use_tls, uri.scheme, uri.user, uri.host, uri.port) == (True, "msrps", "alice", "2001:db8::1", 7654)
    assert (uri.session_id, uri.transport, dict(uri.parameters)) == ("s1D", "tcp", {"lr": None, "x": "y"})


@pytest.mark.parametrize(
    "text",
    [
        "msrp://192.0.2.1:2855/abc;tcp",
        "msrps://relay.example.com;tcp",
        "msrp://alice@[::1]:1/a=b;ws;p=1;q",
        "msrp://example.com:9/iau39soe2843z;tcp",
    ],
)
def test_text_survives_a_round_trip(text):
    assert str(URI.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sip:a@b",
        "msrp://",
        "msrp://host",
        "msrp://host/x",
        "msrp://host/;tcp",
        "msrp://host:99999/x;tcp",
        "msrp://host:1x/x;tcp",
        "msrp://a b/x;tcp",
        "msrp://[::1/x;tcp",
        "msrp://host/x;",
        "msrp://a@b@c/x;tcp",
    ],
)
def test_what_is_no_uri_is_refused(text):
    with pytest.raises(RemoteProtocolError):
        URI.parse(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("msrp://Host:1/x;tcp", "MSRP://hOST:1/x;TCP"),
        ("msrp://a@h:1/x;tcp", "msrp://b@h:1/x;tcp"),
        ("msrp://h:1/x;tcp;a=b", "msrp://h:1/x;tcp"),
        ("msrp://[2001:db8:0::1]:1/x;tcp", "msrp://[2001:DB8::1]:1/x;tcp"),
        ("msrp://ex%61mple:1/x;tcp", "msrp://example:1/x;tcp"),
    ],
)
def test_equal_by_rfc_4975_section_6_1(one, other):
    assert same_uri(one, other)
    assert hash(URI.parse(one)) == hash(URI.parse(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("msrp://h:1/x;tcp", "msrps://h:1/x;tcp"),
        ("msrp://h:1/x;tcp", "msrp://g:1/x;tcp"),
        ("msrp://h:2855/x;tcp", "msrp://h/x;tcp"),
        ("msrp://h:1/x;tcp", "msrp://h:1/X;tcp"),
        ("msrp://h:1/x;tcp", "msrp://h:1;tcp"),
        ("msrp://h:1/x;tcp", "msrp://h:1/x;ws"),
        ("msrp://h:1/x;tcp", "no uri"),
    ],
)
def test_not_equal_by_rfc_4975_section_6_1(one, other):
    assert not same_uri(one, other)


def test_a_path_is_a_list_of_uris():
    text = "msrp://r:1/a;tcp msrp://h:2/b;tcp"

    assert [uri.host for uri in parse_path(text)] == ["r", "h"]
    assert format_path(parse_path(text)) == text


def test_credentials_are_not_printed():
    assert "hunter2" not in repr(URI("h", credentials="hunter2"))


def test_a_uri_is_only_equal_to_uris():
    assert URI("h") != "msrp://h;tcp"


@pytest.mark.parametrize(
    ("path", "session_id"),
    [
        ("msrp://a.example:7000/s1;tcp", "s1"),
        ("msrps://relay.example;tcp msrps://b.example:9/s2;tcp", "s2"),
        ("msrps://relay.example;tcp", ""),
        ("http://a.example/s1", ""),
        ("", ""),
    ],
)
def test_the_session_of_a_path_is_that_of_its_last_uri(path, session_id):
    assert session_id_of(path) == session_id


@pytest.mark.parametrize("host", ["192.0.2.1:2855", "[2001:db8::1]:2855"])
def test_the_session_of_a_uri_of_ours_is_the_same_without_reading_it(host):
    uri = f"msrps://{host}/6a5b4c3d2e1f;tcp"
    assert own_session_id(uri) == session_id_of(uri) == "6a5b4c3d2e1f"
