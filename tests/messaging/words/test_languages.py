"""A message is written in its own language, whoever queues it."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, current_app
from flask_babel import gettext

from clinic.accounts.models import User
from clinic.appointments.models import Appointment
from clinic.core import saying
from clinic.core.data.db import db, transactional
from clinic.messaging import jobs
from clinic.messaging.channels import CHANNELS, LETTERS, TEXTS
from clinic.messaging.inbound.receive import Inbound, receive
from clinic.messaging.models import Message
from clinic.messaging.queueing import messages
from clinic.messaging.queueing.messages import NewMessage
from clinic.messaging.words import fitting, rendering
from clinic.messaging.words.catalogue import TEMPLATES
from clinic.messaging.words.rendering import When
from clinic.patients.models import PatientOrganisation
from tests.cast import LONDON
from tests.factories import book, fresh, take
from tests.messaging.ledger_helpers import ASHA, queued
from tests.reminders.plan_helpers import work

BOOKED = "Your appointment is booked."
HELP = "reply C to confirm or X to cancel your next visit. STOP ends these texts."
FRENCH = {
    BOOKED: "Votre rendez-vous est pris.",
    HELP: "répondez C pour confirmer, X pour annuler. STOP met fin à ces SMS.",
    "%(city)s time (%(abbreviation)s)": "heure de %(city)s (%(abbreviation)s)",
    "%(organisation)s at %(time)s": "%(organisation)s à %(time)s",
    "1%(letter)s or 2%(letter)s: %(when)s": "1%(letter)s/2%(letter)s: %(when)s",
}
VISIT = When(datetime(2026, 11, 16, 9, tzinfo=UTC), LONDON)
VALUES = {
    "organisation": "Harbour Clinic",
    "doctor": "Dr Chandra Iyer",
    "place": "Quay Street",
    "code": "K7P4Q",
    "when": VISIT,
}


@pytest.fixture
def french(in_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of a few words."""
    catalog = Catalog(locale="fr")
    for english, words in FRENCH.items():
        catalog.add(english, words)
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    babel = in_app.extensions["babel"]
    monkeypatch.setattr(babel, "translation_directories", [str(tmp_path)])
    monkeypatch.setattr(babel.instance.domain_instance, "cache", {})
    monkeypatch.setitem(in_app.extensions, "languages", frozenset({"fr"}))


def test_words_days_and_zones_are_in_the_messages_language(french):
    letter = rendering.render("visit_booked", "email", VALUES, "fr").text
    assert letter.startswith(FRENCH[BOOKED])
    assert "lun. 16 nov., 09:00, heure de Londres (GMT)" in letter


def test_what_no_translator_knows_stays_english(french):
    assert "Reference K7P4Q" in rendering.render("visit_booked", "email", VALUES, "fr").text


@pytest.mark.parametrize("language", ["fr", "fr-CA", "fr_FR"])
def test_a_language_of_a_region_is_said_in_the_plain_one(french, language):
    letter = rendering.render("visit_booked", "email", VALUES, language).text
    assert letter.startswith(FRENCH[BOOKED])


@pytest.mark.parametrize("language", ["en", "en-GB", "hi", "tlh", "", "x y", "en_GB_"])
def test_what_nobody_translated_is_english_to_the_last_day(french, language):
    letter = rendering.render("visit_booked", "email", VALUES, language).text
    assert "\n\nMon 16 Nov, 09:00, London time (GMT)\n" in letter


def test_the_readers_language_is_back_afterwards(french):
    with saying.in_language("fr"):
        rendering.render("visit_booked", "email", VALUES, "en")
        assert gettext(BOOKED) == FRENCH[BOOKED]
    assert gettext(BOOKED) == BOOKED


def test_a_queued_letter_is_in_its_language_to_the_last_line(french, cast, post_office):
    letter = NewMessage(
        cast.harbour, "email", "asha@cast.example", "visit_booked", VALUES, language="fr"
    )
    transactional(messages.queue_messages)([letter])
    assert db.session.scalar(sa.select(Message.body)).startswith(FRENCH[BOOKED])
    jobs.deliver_due()
    (sent,) = post_office.to("asha@cast.example")
    assert '<html lang="fr">' in sent.text("html")


def test_a_letter_declares_the_language_it_is_written_in(french):
    """Not the reader's, while nobody translated it: programs that read it aloud believe it."""
    for language, declared in (("fr", "fr"), ("fr-CA", "fr"), ("hi", "en"), ("", "en")):
        assert f'<html lang="{declared}">' in rendering.html_of("A line.\n", language)


def test_an_answer_has_the_language_of_the_last_text(french, cast):
    queued(status="sent", language="fr")
    assert receive(Inbound("SM1", ASHA, "+44", "HELP")) == f"Clinic: {FRENCH[HELP]}"
    assert receive(Inbound("SM2", "+447700900001", "+44", "HELP")) == f"Clinic: {HELP}"


def test_a_list_is_understood_in_whatever_language_it_was_read(french, cast):
    visits = [book(cast.asha, cast.dr_chandra, wall) for wall in ("11:00", "11:30")]
    for visit in visits:
        queued(status="sent", language="fr", about_id=visit.id)
    listed = receive(Inbound("SM1", ASHA, "+44", "X"))
    assert "1A/2A: lun. 16 nov., 11:00; 1B/2B: lun. 16 nov., 11:30" in listed
    receive(Inbound("SM2", ASHA, "+44", "2B"))
    assert [fresh(visit).status for visit in visits] == ["pending", "cancelled"]


def test_a_visit_says_its_day_in_the_patients_language(french, cast, monday_morning):
    book(cast.asha, cast.dr_chandra, "11:30")
    transactional(db.session.execute)(sa.update(PatientOrganisation).values(language="fr"))
    work()
    assert "booked lun. 16 nov., 11:30" in db.session.scalar(sa.select(Message.body))


def test_the_calendar_file_is_in_the_letters_language(french, cast, monday_morning):
    book(cast.asha, cast.dr_chandra, "11:30")
    change = transactional(db.session.execute)
    change(sa.update(PatientOrganisation).values(language="fr"))
    change(sa.update(Appointment).values(channel="email"))
    work()
    letter = sa.select(Message.calendar).where(Message.channel == "email")
    assert "Harbour Clinic à 11:30" in db.session.scalar(letter)


@pytest.mark.parametrize(("theirs", "day"), [("fr", "lun. 16 nov."), ("en", "Mon 16 Nov")])
def test_a_doctor_reads_in_their_own_language_not_in_the_patients(
    french, cast, monday_morning, theirs, day
):
    visit = book(cast.asha, cast.dr_chandra, "11:30")
    change = transactional(db.session.execute)
    change(sa.update(PatientOrganisation).values(language="en" if theirs == "fr" else "fr"))
    change(sa.update(User).where(User.id == cast.dr_chandra.user_id).values(language=theirs))
    take(visit, "cancel", by=cast.asha)
    work()
    to_doctor = sa.select(Message.body).where(Message.template == "doctor_cancelled")
    assert f"{day}, 11:30, Quay Street was cancelled" in db.session.scalar(to_doctor)


DAYS = [
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),  # the next year, where clocks are ahead
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # in London still by summer time
    datetime(2026, 10, 25, 2, 30, tzinfo=UTC),
    datetime(2027, 1, 4, 9, tzinfo=UTC),
]
ZONES = [LONDON, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/New_York")]
TYPED = [
    "Dr Chandra Iyer",
    "50% {code:proof:1} <b>",
    "डॉक्टर चंद्रा अय्यर " * 4,
    "Dr " + "Chandra " * 9,
]
EVERY = [(name, channel) for name in TEMPLATES for channel in (*TEXTS, *LETTERS)]


@pytest.mark.parametrize("language", ["fr", "en", "hi"])
def test_many_are_written_as_each_by_itself_and_as_by_jinja(french, monday_morning, language):
    """One writer for all messages of a language: nothing of one is found in another."""
    everything = [
        (
            name,
            channel,
            VALUES | {"doctor": typed, "when": When(at, zone), "phone": phone, **OTHERS},
        )
        for name, channel in EVERY
        if CHANNELS[channel].is_letter or TEMPLATES[name].is_text
        for typed, phone in zip(TYPED, ["", "+442079460142"] * 2, strict=True)
        for at in DAYS
        for zone in ZONES
    ]
    with rendering.writing_in(language) as writer:
        together = [writer.write(*one) for one in everything]
    step = 7  # meets every template, name, day and zone
    for (name, channel, values), words in [*zip(everything, together, strict=True)][::step]:
        assert words == rendering.render(name, channel, values, language)
        if channel in LETTERS:
            assert words.text == by_jinja(f"messages/{name}/body.txt", values, language)


OTHERS = {"link": rendering.placeholder("link:visit", UUID(int=7)), "name": "Asha {x}", "days": 7}


def by_jinja(name: str, values, language: str) -> str:
    with saying.in_language(language):
        when = values["when"]
        words = {key: rendering._harmless(value) for key, value in values.items()} | {
            "day": saying.day_of(when.at, when.zone),
            "time": saying.time(when.at, when.zone),
            "zone": saying.zone(when.at, when.zone),
            "confirms": True,
            "cancels": True,
        }
        words |= fitting.beside(words)
        return current_app.jinja_env.get_template(name).render(**words).strip() + "\n"
