"""What a REGISTER says of us: RFC 3261 10.2, RFC 5626 4.2, RFC 5627 4.1."""

from __future__ import annotations

import pytest

from sipsimple.protocols.sip.registration.terms import draft
from sipsimple.protocols.values import replace
from tests.protocols.sip.registration.registrar import INSTANCE, TERMS


def drafted(expires=600, **changes):
    return draft(replace(TERMS, **changes), "tag", "call-1", expires, is_outbound=True, outdated=None)


@pytest.mark.parametrize(
    ("without", "parameters"),
    [({"reg_id": None}, (("+sip.instance", f'"<{INSTANCE}>"'),)), ({"instance": None}, ())],
)
def test_a_flow_is_named_only_where_instance_and_flow_are_known(without, parameters):
    made = drafted(**without)
    assert made.contact.parameters == parameters
    assert dict(made.headers)["Supported"] == "path, gruu"


def test_parameters_of_the_contact_that_were_asked_for_stand_before_ours():
    made = drafted(contact=replace(TERMS.contact, parameters=(("q", "0.5"),)))
    assert [name for name, _ in made.contact.parameters] == ["q", "+sip.instance", "reg-id"]


def test_a_uri_of_the_application_is_bound_in_place_of_our_address():
    made = drafted(contact_uri="sip:alice@public.example.org")
    assert made.contact is None
    assert made.headers[0] == ("Contact", f'<sip:alice@public.example.org>;+sip.instance="<{INSTANCE}>";reg-id=1')


def test_lines_and_routes_of_the_application_are_in_each_register():
    made = drafted(headers=(("X-Tenant", "7"),), routes=("<sip:proxy;lr>",))
    assert made.headers[-1] == ("X-Tenant", "7")
    assert made.routes == ("<sip:proxy;lr>",)
