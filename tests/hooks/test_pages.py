"""The pages of webhooks, as an administrator uses them."""

import re

import pytest

from clinic.hooks import catalogue, jobs, words
from tests.fakes.receiver import Receiver
from tests.pages import fields, soup, text_of

ALL = "/admin/webhooks/"


@pytest.fixture
def amir(signed_in, cast):
    return signed_in(cast.amir)


def opened(amir, **more):
    """The page that shows the secret, and the path of the webhook."""
    sent = fields(amir.get(f"{ALL}new"), f"{ALL}new")
    sent |= {"url": "https://hooks.example/x", "types": ["appointment.*", "patient.registered"]}
    answer = amir.post(f"{ALL}new", data=sent | more)
    assert answer.status_code == 200, text_of(answer)
    return answer, soup(answer).select_one("main a.btn-primary")["href"]


def test_every_group_and_every_event_can_be_chosen(amir):
    page = soup(amir.get(f"{ALL}new"))
    offered = {one["value"] for one in page.select("input[name=types]")}
    groups = {f"{group}.*" for group in catalogue.groups()}
    assert offered == {"*", "appointment.updated", *groups, *catalogue.names()}
    assert offered == catalogue.known().keys()  # what a program chose is not lost when it is saved
    assert words.GROUPS.keys() <= catalogue.groups().keys()
    assert all(title[0].isupper() for title, _ in words.choices())


def test_the_secret_is_shown_once(amir):
    answer, path = opened(amir)
    secret = soup(answer).select_one("#secret").text
    assert secret.startswith("whsec_")
    page = amir.get(path)
    assert secret not in page.text
    assert "whsec_" not in page.text
    renewed = amir.post(f"{path}/secret")
    other = soup(renewed).select_one("#secret").text
    assert other != secret
    assert "sign with both" in text_of(renewed)
    assert other not in amir.get(path).text


def test_two_taps_open_one_and_both_show_the_secret(amir):
    sent = fields(amir.get(f"{ALL}new"), f"{ALL}new")
    sent |= {"url": "https://hooks.example/x", "types": ["*"]}
    first, second = (amir.post(f"{ALL}new", data=sent) for _ in range(2))
    assert soup(first).select_one("#secret").text == soup(second).select_one("#secret").text
    assert len(soup(amir.get(ALL)).select("tbody tr")) == 1


@pytest.mark.parametrize(
    ("changes", "field", "words_of_it"),
    [
        ({"url": ""}, "url", "Enter an address"),
        ({"url": "http://hooks.example/"}, "url", "Begin with https://"),
        ({"url": "https://10.1.2.3/"}, "url", "cannot be reached from the internet"),
        ({"types": []}, "types", "Choose at least one event"),
        ({"types": ["kettle.boiled"]}, "types", "Choose among the events"),
    ],
)
def test_refused_with_what_was_typed(amir, changes, field, words_of_it):
    sent = {"url": "https://hooks.example/x", "description": "Our billing", "types": ["patient.*"]}
    answer = amir.post(f"{ALL}new", data=sent | changes)
    assert answer.status_code == 422
    page = soup(answer)
    assert words_of_it in page.select_one(f"#{field}-error").text
    assert page.select_one(f".problem a[href='#{field}']")
    assert page.select_one(f"[id='{field}']")
    assert page.select_one("#description")["value"] == "Our billing"
    if field == "url":
        assert page.select_one("input[value='patient.*']").has_attr("checked")


def test_changed_paused_resumed_deleted(amir):
    _, path = opened(amir)
    sent = {"url": "https://hooks.example/y", "description": "Ours", "types": ["*"]}
    assert amir.post(path, data=sent).status_code == 303
    listed = text_of(amir.get(ALL))
    assert "https://hooks.example/y" in listed
    assert "Active" in listed
    assert amir.post(path, data={**sent, "url": "x"}).status_code == 422
    assert amir.post(f"{path}/pause").status_code == 303
    page = amir.get(path)
    assert "Paused by hand" in text_of(page)
    assert soup(page).find("form", action=f"{path}/test") is None
    refused = amir.post(f"{path}/test")  # of another tab
    assert refused.status_code == 409
    assert "Resume it first" in text_of(refused)
    assert amir.post(f"{path}/resume").status_code == 303
    assert amir.post(f"{path}/delete").status_code == 303
    assert amir.get(path).status_code == 404
    assert "No webhooks yet" in text_of(amir.get(ALL))


def test_the_log(app, amir):
    with Receiver(answers=[500], body=b"<b>not now</b>") as there:
        _, path = opened(amir, url=there.url)
        assert "Nothing yet" in text_of(amir.get(path))
        amir.post(f"{path}/test")
        assert "Waiting" in text_of(amir.get(path))
        with app.app_context():
            jobs.deliver_due()
        page = amir.get(path)
        assert "Answered 500" in text_of(page)
        assert "again from" in text_of(page)
        assert "&lt;b&gt;not now&lt;/b&gt;" in page.text
        assert "No call has worked since" in text_of(page)
        assert "Failing" in text_of(amir.get(ALL))
        there.answers = [200]
        again = soup(page).find("form", action=re.compile("redeliver$"))["action"]
        assert amir.post(again).status_code == 303
        with app.app_context():
            jobs.deliver_due()
        assert "Delivered" in text_of(amir.get(path))


def test_a_superadmin_says_where(signed_in, cast):
    gita = signed_in(cast.gita)
    page = soup(gita.get(f"{ALL}new"))
    places = {one["value"] for one in page.select("#organisation_id option")}
    assert places == {str(cast.harbour), str(cast.elsewhere)}
    opened(gita, organisation_id=str(cast.elsewhere))
    assert "Far Hospital" in text_of(gita.get(ALL))
    assert "No webhooks yet" in text_of(signed_in(cast.amir).get(ALL))


def test_one_that_stopped_is_a_light(app, amir):
    with Receiver(answers=[410]) as there:
        _, path = opened(amir, url=there.url)
        amir.post(f"{path}/test")
        with app.app_context():
            jobs.deliver_due()
    row = soup(amir.get("/admin/health")).find("span", string="Webhooks paused by themselves")
    assert row.parent.select_one(".num").text == "1"
    assert "gone for good" in text_of(amir.get(path))
    amir.post(f"{path}/resume")
    row = soup(amir.get("/admin/health")).find("span", string="Webhooks paused by themselves")
    assert row.parent.select_one(".num").text == "0"
