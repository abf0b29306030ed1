"""`/privacy` and `/terms`: whose they are, their versions, and who writes them."""

import pytest

from clinic.access.actor import THE_SYSTEM
from clinic.organisations import service as organisations
from clinic.organisations.policies import queries, service
from clinic.organisations.policies.service import WrittenMeanwhile
from tests.pages import fields, soup, text_of

OWN = "# Ours\n\nWe keep <b>little</b>.\n\n- one\n- two"


def url_of(cast, kind="privacy"):
    return f"/admin/organisations/{cast.harbour}/policies/{kind}"


@pytest.mark.parametrize(("kind", "said"), [("privacy", "Who we are"), ("terms", "Texts from us")])
def test_until_it_has_its_own_our_words_name_the_organisation(app, client, cast, kind, said):
    with app.app_context():
        changes = {"email": "hello@harbour.example", "phone": "+442079460142"}
        organisations.update(cast.harbour, changes, THE_SYSTEM)
    page = client.get(f"/{kind}?organisation={cast.harbour}")
    assert page.status_code == 200
    assert said in [one.text for one in soup(page).select("article h2")]
    text = text_of(page)
    assert all(one in text for one in ("Harbour Clinic", "hello@harbour.example", "020 7946 0142"))
    assert "Quay Street" in text
    assert "None" not in text
    # And so do the top and the foot.
    assert soup(page).select_one(".brand").text.strip() == "Harbour Clinic"
    assert soup(page).select_one(f"footer a[href='/{kind}?organisation={cast.harbour}']")


def test_without_saying_whose_a_visitor_chooses_and_a_patient_reads_their_clinics(
    client, signed_in, cast
):
    page = soup(client.get("/privacy"))
    links = [one["href"] for one in page.select("main li a")]
    assert f"/privacy?organisation={cast.harbour}" in links
    assert f"/privacy?organisation={cast.elsewhere}" in links
    assert "Harbour Clinic" in text_of(signed_in(cast.amir).get("/terms"))


@pytest.mark.parametrize(
    "asked",
    [
        "organisation=7",
        "organisation=00000000-0000-0000-0000-000000000001",
        "organisation={0}&version=2",
        "organisation={0}&version=0",
        "organisation={0}&version=x",
        "organisation={0}&version=99999999999999999999",
    ],
)
def test_what_there_is_not_is_not_found(client, cast, asked):
    assert client.get(f"/privacy?{asked.format(cast.harbour)}").status_code == 404


def test_an_administrator_writes_their_own_and_earlier_versions_stay(signed_in, client, cast):
    admin, url = signed_in(cast.amir), url_of(cast)
    before = text_of(client.get(f"/privacy?organisation={cast.harbour}"))
    given = fields(admin.get(url), url) | {"text": OWN}
    assert admin.post(url, data=given).status_code == 303
    page = soup(client.get(f"/privacy?organisation={cast.harbour}"))
    assert [one.text for one in page.select("article h2")] == ["Ours"]
    assert [one.text for one in page.select("article li")] == ["one", "two"]
    assert page.select("article b") == []
    assert "We keep <b>little</b>." in page.text
    first = client.get(f"/privacy?organisation={cast.harbour}&version=1")
    assert "Nobody follows you" in text_of(first)
    assert "Nobody follows you" in before
    assert "This one counts no more" in text_of(first)
    assert "Version 2" in text_of(admin.get(url))
    # The terms are another text.
    assert "Texts from us" in text_of(client.get(f"/terms?organisation={cast.harbour}"))


def test_the_same_text_again_is_no_version(app, signed_in, cast):
    admin, url = signed_in(cast.amir), url_of(cast)
    for _ in range(2):
        assert admin.post(url, data={"text": OWN.replace("\n", "\r\n")}).status_code == 303
    assert admin.post(url, data={"text": " \n"}).status_code == 422
    assert admin.post(url, data={"text": "x" * 20_001}).status_code == 422
    with app.app_context():
        found = queries.versions(cast.harbour, "privacy")
    assert [one.version for one in found] == [2, 1]


def test_of_two_who_write_at_once_the_second_reads_the_first(app, signed_in, cast):
    admin, url = signed_in(cast.amir), url_of(cast, "terms")
    given = fields(admin.get(url), url)
    with app.app_context():
        service.publish(cast.harbour, "terms", "Theirs", cast.amir.actor)
    answer = admin.post(url, data=given | {"text": "Mine"})
    assert answer.status_code == 409
    assert "Somebody has saved another version meanwhile" in text_of(answer)
    assert soup(answer).textarea.text.strip() == "Mine"
    assert admin.post(url, data=fields(answer, url)).status_code == 303
    with app.app_context():
        assert queries.policy(cast.harbour, "terms").text == "Mine"
        with pytest.raises(WrittenMeanwhile):
            service.publish(cast.harbour, "terms", "Late", cast.amir.actor, after=2)
