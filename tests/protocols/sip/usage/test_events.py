"""Commands keep what must not reach a log out of their text."""

from sipsimple.protocols.sip.usage import events, outputs


def test_a_password_is_not_printed():
    assert "secret" not in repr(events.Accept(("chat",), "secret"))
    assert "secret" not in repr(outputs.Prepare("chat", False, None, "secret"))


def test_a_notification_without_data_has_an_empty_mapping_of_its_own():
    assert outputs.Notify("a").data == {}
    assert outputs.Notify("a").data is not outputs.Notify("b").data
