"""Every text says where, and is one text whatever people, places and clinics are called."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.messaging.words import fitting, gsm, rendering
from clinic.messaging.words.rendering import When
from tests.cast import LONDON

VALUES = {
    "organisation": "Harbour Clinic",
    "phone": "+442079460142",
    "doctor": "Dr Chandra Iyer",
    "place": "Quay Street",
    "address": "2 Quay Street",
    "when": When(datetime(2026, 11, 16, 9, tzinfo=UTC), LONDON),
    "code": "K7P4Q",
    "link": rendering.placeholder("link:visit", 7),
}
OF_VISITS = ["visit_booked", "visit_requested", "visit_reminder", "visit_rescheduled",
             "visit_cancelled", "visit_not_accepted", "visit_missed",
             "doctor_cancelled", "doctor_missed", "doctor_rescheduled"]  # fmt: skip
NAMES = st.one_of(
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=80),
    st.text(alphabet="abcäöü{}[]€ .'", max_size=120),
    st.text(alphabet="डॉक्टरचंद्रा ", max_size=80),
    st.sampled_from(["Dr", "Prof. Dr. med. Ärztin Łucja Wiśniewska", "👩🏽‍⚕️ " * 20, "W" * 80]),
)


@pytest.fixture(autouse=True)
def public_address(in_app, monkeypatch):
    """As long as many are."""
    link = "https://termine.praxis.example/visit/" + "x" * 22
    monkeypatch.setitem(in_app.extensions["placeholders"], "link:visit", lambda _: link)


def said(template, channel="sms", **values):
    return rendering.render(template, channel, VALUES | values).text


@pytest.mark.parametrize("template", OF_VISITS)
@pytest.mark.parametrize("channel", ["sms", "whatsapp", "email"])
def test_every_text_and_letter_about_a_visit_says_where(template, channel):
    assert "Quay Street" in said(template, channel)


@pytest.mark.parametrize("template", OF_VISITS)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(organisation=NAMES, doctor=NAMES, place=NAMES, several=st.booleans())
def test_a_text_about_a_visit_is_one_text_whatever_the_names(
    template, organisation, doctor, place, several
):
    text = said(
        template,
        organisation=organisation,
        doctor=doctor,
        place=place,
        is_one_of_several=several,
    )
    assert gsm.fits(rendering.with_secrets(text))
    assert "Mon 16 Nov, 09:00" in text
    assert ("{link:visit:7}" in text) == ("{link:visit:7}" in said(template))


def test_a_place_has_its_length_and_titles_go_before_names():
    doctor, place = "Prof. Dr Chandra Iyer", "Old Harbour Street, first floor"
    text = said("visit_booked", doctor=doctor, place=place)
    assert text.startswith(
        "Harbour...: booked Mon 16 Nov, 09:00, Chandra Iyer, Old Harbou... Reply"
    )
    assert "Mon 16 Nov, 09:00, Old Harbour... To find" in said("visit_missed", place=place)
    assert len(fitting.without_titles("Sister")) == len("Sister")
    assert "Prof. Dr Chandra Iyer, Old Harbour Street, first floor" in said(
        "visit_booked", "email", doctor=doctor, place=place
    )


@pytest.mark.parametrize("template", OF_VISITS)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_place_named_like_its_organisation_is_said_once(template, channel):
    text = said(template, channel, organisation="House X", place="house x", address="")
    where = text.replace("\n\nHouse X, +442079460142", "")  # how a letter is signed
    assert where.casefold().count("house x") == (where is text)


@pytest.mark.parametrize("template", OF_VISITS)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_without_a_telephone_every_sentence_is_whole(template, channel):
    text = said(template, channel, phone="").rstrip()
    for torn in ("Questions:", "call", "us or"):
        assert torn not in text
    assert not text.endswith((":", ",", " at"))


@pytest.mark.parametrize("template", ["visit_booked", "visit_reminder", "visit_rescheduled"])
def test_one_of_several_says_how_it_is_meant(template):
    assert "Reply C to confirm, X to cancel." in said(template)
    several = said(template, is_one_of_several=True)
    assert "Reply C K7P4Q to confirm, X K7P4Q to cancel." in several


ASKED = {
    (True, True): ("Reply C K7P4Q to confirm, X K7P4Q to cancel.", "See, confirm or cancel it:"),
    (True, False): ("Reply C K7P4Q to confirm.", "See or confirm it:"),
    (False, True): ("Reply X K7P4Q to cancel.", "See or cancel it:"),
    (False, False): ("Quay Street.", "See it:"),
}


@pytest.mark.parametrize("template", ["visit_booked", "visit_reminder", "visit_rescheduled"])
@pytest.mark.parametrize(("confirms", "cancels"), ASKED)
def test_only_what_is_still_to_be_answered_is_asked(template, confirms, cancels):
    asked = {"confirms": confirms, "cancels": cancels, "is_one_of_several": True}
    text, letter = said(template, **asked), said(template, "email", **asked)
    (short, long) = ASKED[confirms, cancels]
    assert text.endswith(f"{short} {{link:visit:7}}")
    assert f"\n{long} {{link:visit:7}}\n" in letter
    assert ("confirm" in text + letter) == confirms
    assert ("cancel" in text + letter) == cancels


def test_a_letter_says_the_address_of_the_place():
    assert "\nDr Chandra Iyer, Quay Street\n2 Quay Street\nReference" in said(
        "visit_reminder", "email"
    )
    assert "\nDr Chandra Iyer, Quay Street\nReference" in said(
        "visit_reminder", "email", address=""
    )
