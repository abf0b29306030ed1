"""The pages on which an organisation words its messages."""

import pytest

from clinic.messaging.words.own.wordings import wordings
from tests.pages import soup, text_of

PAGE = "/admin/templates/"
REMINDER = f"{PAGE}visit_reminder/sms"
BODY = "{organisation}: we look forward to you {day}, {time}. {reply} {link}"


@pytest.fixture(autouse=True)
def fresh(app):
    yield
    with app.app_context():
        wordings().forget()


@pytest.fixture
def amir(signed_in, cast):
    return signed_in(cast.amir)


def written(page):
    return soup(page).find("textarea", {"name": "body"}).get_text().strip()


def test_all_messages_about_visits_are_listed_and_the_settings_lead_there(amir):
    page = soup(amir.get(PAGE))
    assert len(page.select("main h3")) == 7
    assert page.find("a", href=REMINDER)
    assert soup(amir.get("/admin/settings")).find("a", href=PAGE)


def test_the_standard_words_stand_there_to_be_changed(amir):
    page = amir.get(REMINDER)
    assert written(page) == (
        "{organisation}: see you {day}, {time}, {doctor}, {place}. {reply} {link}"
    )
    assert "Standard words" in text_of(page)
    assert "{doctor}" in text_of(page)


def test_words_are_saved_shown_as_own_and_taken_back(amir):
    done = amir.post(REMINDER, data={"body": BODY, "version": "0"}, follow_redirects=True)
    assert "Messages that are written from now on read so." in text_of(done)
    assert written(done) == BODY
    assert "Your words" in text_of(done)
    assert "Yours: English" in text_of(amir.get(PAGE))
    back = amir.post(f"{REMINDER}/standard", follow_redirects=True)
    assert "The standard words are back." in text_of(back)
    assert "Yours" not in text_of(amir.get(PAGE))


def test_a_look_saves_nothing_and_tells_length_and_parts(amir):
    look = amir.post(REMINDER, data={"body": BODY, "version": "0", "step": "preview"})
    read = " ".join(soup(look).find(id="preview").get_text(" ").split())
    assert "Harbour Clinic: we look forward to you Mon 16 Nov, 09:00. Reply C to confirm" in read
    assert "Where no answer can come back" in read
    assert "GSM-7" in read
    assert "Standard words" in text_of(amir.get(REMINDER))


def test_while_it_is_typed_only_the_preview_comes(amir):
    answer = amir.post(
        f"{REMINDER}/preview",
        data={"body": "{organisation}: {day}"},
        headers={"HX-Request": "true"},
    )
    assert answer.get_data(as_text=True).lstrip().startswith('<div id="preview"')
    assert "Harbour Clinic: Mon 16 Nov" in text_of(answer)
    assert text_of(amir.post(f"{REMINDER}/preview", data={})).strip() == ""


def test_what_is_wrong_is_said_at_the_words_which_stay(amir):
    refused = amir.post(REMINDER, data={"body": "Hello {reason}", "version": "0"})
    assert refused.status_code == 422
    assert "There is no {reason}." in text_of(refused)
    assert written(refused) == "Hello {reason}"
    assert soup(refused).find(id="body")["aria-invalid"] == "true"


def test_two_at_once_do_not_overwrite_each_other(amir):
    amir.post(REMINDER, data={"body": BODY, "version": "0"})
    late = amir.post(REMINDER, data={"body": BODY, "version": "0"})
    assert late.status_code == 409
    assert "Somebody else changed these words meanwhile." in text_of(late)


def test_each_language_by_itself(amir):
    hindi = "{organisation}: नमस्ते {day}, {time} {link}"
    done = amir.post(f"{REMINDER}?language=hi", data={"body": hindi}, follow_redirects=True)
    assert written(done) == hindi
    assert soup(done).find("textarea")["lang"] == "hi"
    assert "UCS-2" in text_of(done)
    assert written(amir.get(REMINDER)).startswith("{organisation}: see you")


@pytest.mark.parametrize("path", ["reset/sms", "visit_reminder/fax", "own_reminder/sms"])
def test_what_cannot_be_worded_is_not_there(amir, path):
    assert amir.get(PAGE + path).status_code == 404
    assert amir.post(f"{PAGE}{path}/preview", data={"body": "x"}).status_code == 404
