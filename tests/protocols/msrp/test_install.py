import sys
from types import ModuleType

import pytest

from sipsimple.errors import LocalProtocolError
from sipsimple.protocols import msrp


@pytest.fixture(autouse=True)
def no_msrplib(monkeypatch):
    """Leave `sys.modules` as it was."""
    for name in ("msrplib", "msrplib.protocol"):
        monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, name)


def test_imports_written_for_msrplib_give_our_classes():
    msrp.install_as_msrplib()
    msrp.install_as_msrplib()

    import msrplib.protocol
    from msrplib.protocol import URI, ContentTypeHeader, MSRPData, ToPathHeader

    assert MSRPData is msrp.MSRPData
    assert URI is msrp.URI
    assert MSRPData("tid1", "SEND", headers={"Content-Type": ContentTypeHeader("a/b")}).content_type == "a/b"
    assert ToPathHeader([URI("h")]).encoded == "msrp://h;tcp"
    assert msrplib.protocol.MSRPHeader("Status", "000 200 OK").decoded.code == 200
    assert msrplib.protocol.parse_uri("msrp://h:1/s;tcp").session_id == "s"
    assert issubclass(msrplib.protocol.ParsingError, msrplib.MSRPError)


def test_a_real_msrplib_is_not_replaced(monkeypatch):
    real = ModuleType("msrplib")
    monkeypatch.setitem(sys.modules, "msrplib", real)

    with pytest.raises(LocalProtocolError):
        msrp.install_as_msrplib()
    assert sys.modules["msrplib"] is real
