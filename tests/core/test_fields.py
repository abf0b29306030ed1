"""What a field may be, each kind with the best and the worst that people write."""

from datetime import date

import pytest
from flask import Flask
from pydantic import TypeAdapter, ValidationError
from werkzeug.datastructures import MultiDict

from clinic.api.organisations.organisations import OrganisationPatch
from clinic.api.patients.patients import PatientPatch
from clinic.core.errors import WORDS, Invalid, Wrong
from clinic.core.fields import (
    COUNTRY,
    EMAIL,
    LANGUAGE,
    NAME,
    PHONE,
    ZONE,
    Choice,
    DayOfLife,
    Email,
    Flag,
    Kind,
    Line,
    Maybe,
    Name,
    Number,
    PhoneNumber,
    Said,
    Text,
    read,
)
from clinic.organisations import rules
from clinic.organisations.forms import DetailsForm
from clinic.patients import details

# Whether a number may be kept depends on the countries of the organisations: the cast's is in GB.
pytestmark = pytest.mark.usefixtures("in_app")
BRITISH = PhoneNumber(country="GB")
KEPT = [
    (NAME, "Asha Rao", "Asha Rao"),
    (NAME, "  Asha \t\n Rao ", "Asha Rao"),
    (NAME, "\u202eAsha\u202c Rao\u200f", "Asha Rao"),
    (NAME, "Ame\u0301lie", "Am\u00e9lie"),
    (NAME, "e\u0301" * 120, "\u00e9" * 120),  # counted as they are kept
    (NAME, " " + "x" * 120 + " ", "x" * 120),
    (NAME, "आशा राव", "आशा राव"),
    (NAME, "王芳", "王芳"),
    (NAME, "عائشة", "عائشة"),
    (NAME, "Asha\u200b Ra\u00ado\ufeff", "Asha Rao"),
    (NAME, "As\u2060ha\u3164 R\u200dao\u2800", "Asha Rao"),
    (NAME, "Ame\u200b\u0301lie", "Am\u00e9lie"),
    (NAME, "\u06cc\u200c\u0631", "\u06cc\u200c\u0631"),
    (NAME, "\u0d28\u0d4d\u200d", "\u0d28\u0d4d"),
    (NAME, "Dr. O\u2019Brien-\u0141ukasz (3)", "Dr. O\u2019Brien-\u0141ukasz (3)"),
    (NAME, "7", "7"),
    (NAME, "Asha 👩\u200d⚕️", "Asha 👩⚕"),
    (NAME, "Robert'); DROP TABLE %s;--", "Robert'); DROP TABLE %s;--"),
    (Line(3), "", ""),
    (Text(9), " one\r\ntwo ", "one\ntwo"),
    (Text(), "x" * 100_000, "x" * 100_000),
    (EMAIL, " Asha@Example.ORG ", "asha@example.org"),
    (EMAIL, "zed@b\u00fccher.example", "zed@xn--bcher-kva.example"),
    (PHONE, "+44 7400 123456", "+447400123456"),
    (BRITISH, "07400 123456", "+447400123456"),
    (BRITISH, "\u202a07400 123456\u202c", "+447400123456"),
    (BRITISH, "०७४०० १२३४५६", "+447400123456"),
    (PhoneNumber(country=lambda: "GB"), "07400 123456", "+447400123456"),
    (ZONE, "Europe/London", "Europe/London"),
    (ZONE, " Asia/Kathmandu ", "Asia/Kathmandu"),
    (LANGUAGE, " EN ", "en"),
    (LANGUAGE, "pt-br", "pt-BR"),
    (COUNTRY, "GB", "GB"),
    (Choice(("a", "b")), "a", "a"),
    (Number(1, 365), 1, 1),
    (Number(1, 365), 365, 365),
    (Flag(), False, False),
    (DayOfLife(), "1984-05-17", date(1984, 5, 17)),
    (DayOfLife(), date(1984, 5, 17), date(1984, 5, 17)),
    (Maybe(NAME), "", None),
    (Maybe(NAME), None, None),
    (Maybe(EMAIL), " \u202e ", None),
    (Maybe(EMAIL), "a@example.org", "a@example.org"),
]  # fmt: skip
REFUSED = [
    (NAME, None, "required"),
    (NAME, "", "required"),
    (NAME, " \u202e\u202c ", "required"),
    (NAME, "x" * 121, "too_long"),
    (NAME, "\u200b\u3164\ufeff", "required"),
    (NAME, "---", "name_letters"),
    (NAME, ".", "name_letters"),
    (NAME, "'", "name_letters"),
    (NAME, "\u02bc", "name_letters"),
    (NAME, "\u25cc\u0301", "name_letters"),
    (NAME, "👩\u200d⚕️", "name_letters"),
    (NAME, 12, "not_text"),
    (NAME, ["Asha"], "not_text"),
    (Line(9, least=3), "ab", "too_short"),
    (EMAIL, "", "not_an_email"),
    (EMAIL, "asha", "not_an_email"),
    (EMAIL, "Asha <asha@example.org>", "not_an_email"),
    (EMAIL, "x" * 255, "too_long"),
    (PHONE, "", "not_a_phone"),
    (PHONE, "07400 123456", "not_a_phone"),  # of no country
    (BRITISH, "12", "not_a_phone"),
    (BRITISH, "call me", "not_a_phone"),
    (BRITISH, "0" * 31, "too_long"),
    (PhoneNumber(country=lambda: None), "07400 123456", "not_a_phone"),
    (ZONE, "", "required"),
    (ZONE, "Mars/Base", "not_a_zone"),
    (ZONE, "../../etc/passwd", "not_a_zone"),
    (ZONE, "x" * 41, "too_long"),
    (LANGUAGE, None, "not_a_language"),
    (LANGUAGE, "english", "not_a_language"),
    (LANGUAGE, "हि", "not_a_language"),
    (COUNTRY, "ZZ", "not_a_country"),
    (COUNTRY, "gb", "not_a_country"),
    (COUNTRY, ["GB"], "not_text"),
    (Choice(("a", "b")), "c", "unknown_choice"),
    (Choice(("a", "b")), "", "unknown_choice"),
    (Choice(("a", "b")), None, "unknown_choice"),
    (Number(1, 365), 0, "not_in_range"),
    (Number(1, 365), 366, "not_in_range"),
    (Number(1, 365), 10**400, "not_in_range"),
    (Number(1, 365), True, "not_in_range"),
    (Number(1, 365), "7", "not_in_range"),
    (Number(1, 365), None, "not_in_range"),
    (Flag(), "true", "not_yes_or_no"),
    (Flag(), 1, "not_yes_or_no"),
    (Flag(), None, "not_yes_or_no"),
    (DayOfLife(), "17/05/1984", "not_a_date"),
    (DayOfLife(), 19840517.0, "not_a_date"),
    (DayOfLife(), None, "not_a_date"),
    (DayOfLife(), "2026-02-30", "not_a_date"),
    (DayOfLife(), "2026-11-18", "in_the_future"),
    (DayOfLife(), "1895-12-31", "too_long_ago"),
    (DayOfLife(), "0001-01-01", "too_long_ago"),
]  # fmt: skip
NO_COUNTRY = "Enter a number with its country code, such as %(international)s."
TEXTS: list[Kind[str | None]] = [NAME, EMAIL, BRITISH, Text(9), Maybe(NAME)]
CANNOT_BE_STORED = ["\x00", "a\x00b", "a\x1b[1m", "\ud800", "a\udfff", "\ue000", "\U0010fffd"]


@pytest.mark.parametrize(("kind", "written", "kept"), KEPT)
def test_what_is_kept(kind, written, kept):
    assert kind.read(written) == kept


@pytest.mark.parametrize(("kind", "written", "code"), REFUSED)
def test_what_is_refused(kind, written, code):
    with pytest.raises(Wrong) as refused:
        kind.read(written)
    assert (refused.value.code, refused.value.words) in ((code, WORDS[code]), (code, NO_COUNTRY))


@pytest.mark.parametrize("kind", TEXTS, ids=str)
@pytest.mark.parametrize("written", CANNOT_BE_STORED)
def test_what_cannot_be_stored_is_refused_by_every_text(kind, written):
    with pytest.raises(Wrong) as refused:
        kind.read(written)
    assert refused.value.code == "unstorable"


def test_nobody_is_asked_for_the_country_of_a_number_that_says_it():
    def fail() -> str:
        raise AssertionError("asked")

    assert PhoneNumber(country=fail).read("+447400123456") == "+447400123456"


def test_all_words_fill_their_gaps_with_the_values_of_the_kinds():
    for kind, written, _ in REFUSED:
        with pytest.raises(Wrong) as refused:
            kind.read(written)
        assert "%" not in str(refused.value)


def test_a_room_says_in_its_own_words_what_is_wrong():
    with pytest.raises(Wrong) as refused:
        Said(NAME, {"required": "Who?"}, {"required": "missing"}).read("")
    assert (refused.value.code, refused.value.words) == ("missing", "Who?")
    with pytest.raises(Wrong) as refused:
        Said(NAME, {"required": "Who?"}, {"required": "missing"}).read("x" * 121)
    assert (refused.value.code, str(refused.value)) == ("too_long", "Use at most 120 characters.")
    with pytest.raises(Wrong, match=r"^Not 3$"):
        Said(NAME, "Not %(what)s", "no", {"what": 3}).read(None)


def test_whoever_knows_the_field_names_it():
    with pytest.raises(Invalid, match=r"^Use at most 120 characters\.$") as refused:
        read("full_name", NAME, "x" * 121)
    (error,) = refused.value.errors
    assert (error.field, error.code, error.values) == ("full_name", "too_long", {"most": 120})


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        (Name, "", "too_short"),
        (Name, "x" * 121, "too_long"),
        (Name, "\x00", "value_error"),
        (Name, 12, "string_type"),
        (Email, "asha", "value_error"),
    ],
)
def test_bodies_say_it_as_pydantic_does(kind, written, code):
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(written)
    assert [one["type"] for one in refused.value.errors()] == [code]


def test_bodies_tell_the_lengths_in_the_document():
    assert TypeAdapter(Name).json_schema() == {"type": "string", "minLength": 1, "maxLength": 120}
    assert TypeAdapter(Email).json_schema() == {
        "type": "string", "format": "email", "maxLength": 254,
    }  # fmt: skip


# The same verdict at every door: a page's form, the API, the command alone.

HARBOUR = {
    "name": "Harbour", "kind": "clinic", "country": "GB", "timezone": "Europe/London",
    "phone": "", "email": "", "emergency_number": "112",
}  # fmt: skip
ANYTHING = [
    "Asha Rao", " Asha \n Rao ", "x" * 120, "x" * 121, "\x00", "a\x1b[1m", "\ud800", "\u202eAsha",
    "आशा", "asha@example.org", " ASHA@Example.org ", "asha\u202c@example.org", "a@b", "x" * 260,
    "Europe/London", "Asia/Kathmandu", "Mars/Base", "GB", "ZZ", "gb", "GBR", "112", "+44 112",
    "1" * 20, "9" * 400, "hospital", "%(most)s", "<script>",
]  # fmt: skip
NUMBERS = [
    "07400 123456", "+44 7400 123456", "\u202a07400 123456\u202c", "00447400123456", "12", "call",
    "0" * 31, "\x00", "\ud800", "٠٧٤٠٠ ١٢٣٤٥٦", "+1 (415) 555-2671",
]  # fmt: skip
NO = "refused"


def by_command(field: str, written: object) -> object:
    try:
        return rules.read_details({field: written})[field]
    except Invalid:
        return NO


def by_form(field: str, written: str) -> object:
    form = DetailsForm(formdata=MultiDict(HARBOUR | {field: written}), meta={"csrf": False})
    return by_command(field, form.values[field]) if form.validate() else NO


def by_body(field: str, written: str) -> object:
    try:
        body = OrganisationPatch.model_validate({field: written})
    except ValidationError:
        return NO
    return by_command(field, getattr(body, field))


@pytest.mark.parametrize(
    "field", ["name", "kind", "country", "timezone", "email", "emergency_number"]
)
def test_forms_bodies_and_commands_agree(app: Flask, field):
    with app.test_request_context():
        for written in ANYTHING:
            verdicts = [door(field, written) for door in (by_form, by_body, by_command)]
            assert verdicts == verdicts[:1] * 3, written


def test_they_agree_on_numbers_of_a_country(app: Flask, monkeypatch):
    both = app.config["SETTINGS"].model_copy(update={"sms_countries": "GB,US"})
    monkeypatch.setitem(app.config, "SETTINGS", both)

    def by_record(written: str) -> object:
        try:
            return details.read({"phone": written}, "GB")["phone"]
        except Invalid:
            return NO

    def by_patients_body(written: str) -> object:
        try:
            return by_record(str(PatientPatch.model_validate({"phone": written}).phone))
        except ValidationError:
            return NO

    with app.test_request_context():
        for written in NUMBERS:
            verdicts = [by_form("phone", written), by_patients_body(written), by_record(written)]
            assert verdicts == verdicts[:1] * 3, written
