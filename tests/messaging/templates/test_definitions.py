"""Our texts as WhatsApp takes them: its rules, one by one, for each of them."""

import json
import re

import pytest

from clinic.config import ROOT
from clinic.messaging.heard import posted
from clinic.messaging.heard.meaning import Word
from clinic.messaging.templates import definitions
from clinic.messaging.templates.definitions import DEFINITIONS, INSTEAD
from clinic.messaging.words.catalogue import ASKS, LINK, TEMPLATES
from tests.fakes.twilio_contents import Content

pytestmark = pytest.mark.usefixtures("in_app")

each = pytest.mark.parametrize("one", DEFINITIONS, ids=lambda one: f"{one.template}-{one.form}")


def test_every_text_is_defined_and_those_about_visits_are_among_them():
    defined = {one.template for one in DEFINITIONS}
    assert defined == {
        name for name, known in TEMPLATES.items() if known.is_text and not known.answers
    }
    about_visits = {name for name in defined if name.startswith(("visit_", "doctor_"))}
    assert len(about_visits) == 11
    assert len({(one.template, one.form) for one in DEFINITIONS}) == len(DEFINITIONS)


def test_what_asks_can_go_without_asking_too():
    for one in DEFINITIONS:
        if one.form == ASKS:
            forms = {other.form for other in DEFINITIONS if other.template == one.template}
            assert forms == {*INSTEAD[ASKS]} == {ASKS, LINK}


@each
def test_whatsapp_would_take_it(one):
    written = definitions.written(one, "en")
    content = Content("HX", written.name, "en", written.samples, written.types, one.category)
    assert content.fault() == ""
    assert re.fullmatch(r"[a-z0-9_]{1,100}", written.name)
    for act in next(iter(written.types.values())).get("actions", ()):
        assert len(act.get("title", "")) <= 20


@each
def test_its_words_name_who_writes_and_nothing_of_what_is_wrong(one):
    if one.template != "code":  # WhatsApp has the words, and the name above them
        assert "organisation" in one.variables
    said = (ROOT / f"templates/messages/{one.template}/whatsapp.txt").read_text()
    assert not {"reason", "specialty", "link", "token"} & set(re.findall(r"\w+", said))


@pytest.mark.parametrize(
    ("title", "word"),
    [("Confirm", Word.CONFIRM), ("Cancel", Word.CANCEL), ("Other time", Word.OTHER_TIME)],
)
@pytest.mark.parametrize("template", ["visit_booked", "visit_reminder", "visit_rescheduled"])
def test_its_buttons_say_what_we_hear_and_name_the_visit(template, title, word):
    (one,) = [one for one in DEFINITIONS if (one.template, one.form) == (template, ASKS)]
    (card,) = definitions.written(one, "en").types.values()
    (button,) = [act for act in card["actions"] if act["title"] == title]
    number = one.variables.index("code") + 1
    payload = button["id"].replace(f"{{{{{number}}}}}", "K7P4Q")
    heard = posted.read("whatever", payload=payload, button=title)
    assert (heard.word, heard.code) == (word, "K7P4Q")


def test_the_link_button_ends_with_the_token_of_the_visit(in_app):
    (one,) = [one for one in DEFINITIONS if (one.template, one.form) == ("visit_reminder", LINK)]
    (kind,) = definitions.written(one, "en").types.values()
    address = in_app.config["PUBLIC_BASE_URL"] + "/visit/{{3}}"
    assert [act["url"] for act in kind["actions"]] == [address]


def test_other_words_or_another_address_are_another_template(in_app, monkeypatch):
    (one,) = [one for one in DEFINITIONS if (one.template, one.form) == ("visit_reminder", LINK)]
    before = definitions.written(one, "en")
    monkeypatch.setitem(in_app.config, "PUBLIC_BASE_URL", "https://moved.example")
    after = definitions.written(one, "en")
    assert before.name != after.name
    assert before.name.rsplit("_", 1)[0] == after.name.rsplit("_", 1)[0] == "visit_reminder_link_en"
    assert json.dumps(after.types).count("https://moved.example/visit/") == 1
