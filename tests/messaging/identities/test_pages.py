"""The page of senders."""

import pytest

from clinic.messaging.senders import chosen
from tests.messaging.identities.test_identities import NUMBER, code_sent
from tests.pages import soup, text_of

PAGE = "/admin/senders/"


@pytest.fixture(autouse=True)
def fresh(app):
    with app.app_context():
        chosen.senders().forget()
    yield
    with app.app_context():
        chosen.senders().forget()


def test_a_sender_is_added_proven_and_used_on_the_page(app, signed_in, cast):
    client = signed_in(cast.amir)
    assert "No senders yet" in text_of(client.get(PAGE))
    form = {"kind": "long_code", "value": "+44 20 7946 0142", "display_name": "Front desk"}
    page = client.post(PAGE, data=form, follow_redirects=True)
    assert "Not verified" in text_of(page)
    (one,) = [f["action"] for f in soup(page).find_all("form") if f["action"].endswith("/verify")]
    sent = client.post(one, follow_redirects=True)
    assert "A code is on its way there" in text_of(sent)
    refused = client.post(one, data={"code": "12"})
    assert refused.status_code == 422
    assert "That code is not right" in text_of(refused)
    with app.app_context():
        code = code_sent()
    assert "Verified" in text_of(client.post(one, data={"code": code}, follow_redirects=True))
    done = client.post(one.replace("verify", "default"), follow_redirects=True)
    assert f"Your SMS messages go from {NUMBER} now." in text_of(done)
    gone = client.post(one.replace("verify", "remove"), follow_redirects=True)
    assert "Nothing goes from it any more." in text_of(gone)


def test_what_is_wrong_is_said_at_its_field(signed_in, cast):
    client = signed_in(cast.amir)
    refused = client.post(PAGE, data={"kind": "long_code", "value": "HARBOUR"})
    assert refused.status_code == 422
    assert "Enter a number such as" in text_of(refused)
    client.post(PAGE, data={"kind": "alphanumeric", "value": "HARBOUR"})
    (one,) = [
        f["action"]
        for f in soup(client.get(PAGE)).find_all("form")
        if f["action"].endswith("/verify")
    ]
    assert client.post(one.replace("verify", "default")).status_code == 409


def test_the_settings_lead_there(signed_in, cast):
    assert soup(signed_in(cast.amir).get("/admin/settings")).find("a", href=PAGE)
