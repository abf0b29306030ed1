"""Whose a number may be, and of which kind, as a table."""

import phonenumbers
import pytest
from phonenumbers import SUPPORTED_REGIONS, PhoneNumberType, example_number_for_type

from clinic.core import phones
from clinic.core.errors import Wrong
from clinic.core.phones import Use, parse_phone

COUNTRIES = [
    ("+44 7400 100001", {"GB"}),
    ("+44 7700 900000", {"GB"}),  # of no list: invented for plays
    ("+44 20 7946 0142", {"GB"}),
    ("+44 7911 123456", {"GB"}),  # Guernsey's, but begins as Britain's do
    ("+44 7624 123456", {"GB", "IM"}),
    ("+1 202 555 0123", {"US"}),
    ("+1 416 555 0123", {"US", "CA"}),
    ("+1 809 123 4567", {"DO"}),
    ("+1 809 555 0100", {"DO"}),  # possible only: no list has it
    ("+1 829 000 0000", {"DO"}),
    ("+1 876 000 0000", {"JM"}),
    ("+1 242 555 0100", {"BS"}),
    ("+1 787 555 0100", {"US", "PR"}),
    ("+91 98765 43210", {"IN"}),
    ("+7 701 123 4567", {"KZ"}),
    ("+7 916 123 4567", {"RU"}),
    ("+358 18 12345", {"FI", "AX"}),
    ("+8821 61234567", {"001"}),
]
COUNTRIES_OF_THE_WORLD = sorted(SUPPORTED_REGIONS)
KINDS = [  # number, may be called, may be texted
    ("+44 7400 100001", True, True),
    ("+44 7700 900000", True, True),
    ("+44 20 7946 0142", True, True),
    ("+44 800 123 4567", True, True),
    ("+44 300 123 4567", True, False),  # of a company or a service
    ("+44 845 123 4567", False, False),
    ("+44 70 1234 5678", True, False),
    ("+44 7600 123456", False, False),  # a pager
    ("+44 909 123 4567", False, False),
    ("+1 900 234 5678", False, False),
    ("+1 202 555 0123", True, True),
    ("+1 555 123 4567", True, True),  # nobody knows yet
    ("+91 98765 43210", True, True),
    ("+882 161234567", False, False),
    ("+883 510012345678", False, False),
    ("+979 123456789", False, False),
    ("+881 6 1234 5678", False, False),
    ("+870 773123456", False, False),
]


@pytest.mark.parametrize(("written", "some"), COUNTRIES)
def test_first_digits_say_whose_a_number_is(written, some):
    found = phones.countries_of(parse_phone(written, None))
    assert some <= found
    assert "US" not in found or some & {"US", "CA", "PR"}


@pytest.mark.parametrize(("written", "called", "texted"), KINDS)
def test_some_kinds_are_nobodys_to_be_called_or_texted(written, called, texted):
    number = parse_phone(written, None)
    for use, may_be in ((Use.CALLED, called), (Use.TEXTED, texted)):
        if may_be:
            phones.refuse_kind(number, use)
            continue
        with pytest.raises(Wrong) as refused:
            phones.refuse_kind(number, use)
        assert refused.value.code == "phone_kind"


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("07400 12345O", 12),
        ("O7400 123456", 1),
        ("074oO 123456", 4),
        ("+44 7400 1234S6", 14),
        ("07400-12345-O", 13),
        ("07400 l23456", 7),
        ("07400 1 O 3456", 9),
        ("07400.12345.o", 13),
    ],
)
def test_a_letter_among_the_digits_is_named_by_its_place(written, place):
    with pytest.raises(Wrong) as refused:
        parse_phone(written, "GB")
    assert (refused.value.code, refused.value.values) == ("not_a_phone", {"place": place})


@pytest.mark.parametrize(
    "written",
    [
        "07400 123456 x12",
        "07400 123456 ext 5",
        "tel 07400123456",
        "(07400) 123-456",
        "M: 07400 123456",
        "07400 123456 (x12)",
    ],
)
def test_what_is_usual_around_a_number_is_no_letter_in_it(written):
    assert phones.e164(parse_phone(written, "GB")) == "+447400123456"


def test_countries_are_named_by_what_their_numbers_begin_with():
    assert phones.named({"IE", "GB"}) == "GB (+44), IE (+353)"
    many = ("AT", "BE", "CH", "DE", "DK", "ES", "FR", "GB", "IE")
    assert phones.named(many).endswith("GB (+44), ...")


@pytest.mark.parametrize(
    ("kept", "home", "written"),
    [
        ("+442079460142", "GB", "020 7946 0142"),
        ("+447700900123", "GB", "07700 900123"),
        ("+447700900123", "IE", "+44 7700 900123"),
        ("+447700900123", None, "+44 7700 900123"),
        ("+12025550123", "US", "(202) 555-0123"),
        ("+447624123456", "IM", "07624 123456"),
        ("+919876543210", "IN", "098765 43210"),
        ("+497555123456", "DE", "07555 123456"),
        ("maya@example.com", "GB", "maya@example.com"),
        ("+44", "GB", "+44"),
        ("", "GB", ""),
    ],
)
def test_a_number_is_written_as_people_at_home_write_it(kept, home, written):
    assert phones.as_dialled(kept, home) == written


def test_who_has_a_number_is_at_home_in_its_country():
    assert phones.home_of("+447700900123") == "GB"
    assert phones.home_of("+12025550123") == "US"
    assert phones.home_of(None) is None


SLIPS = [  # typed, where, digits as they stand, as they should
    ("07400 12345", "GB", 10, 11),
    ("07400 1234567", "GB", 12, 11),
    ("07700 90000", "GB", 10, 11),  # invented numbers, too
    ("+44 7400 12345", None, 11, 12),
    ("0044 7400 12345", "GB", 13, 14),
    ("020 7946 014", "GB", 10, 11),
    ("(202) 555-012", "US", 9, 10),
    ("555 0123", "US", 7, 10),
    ("202 555 01234", "US", 11, 10),
    ("98765 4321", "IN", 9, 10),
    ("987654 32101", "IN", 11, 10),
    ("600 700 80", "PL", 8, 9),
    ("07400 12345 x12", "GB", 10, 11),
]


@pytest.mark.parametrize(("written", "country", "given", "wanted"), SLIPS)
def test_a_digit_too_few_or_too_many_is_counted(written, country, given, wanted):
    with pytest.raises(Wrong) as refused:
        phones.refuse_slips(written, parse_phone(written, country))
    assert refused.value.code == "not_a_phone"
    assert refused.value.values == {"given": given, "wanted": wanted}
    assert ("too short" in refused.value.words) is (given < wanted)


def test_numbers_of_every_country_pass_as_they_are():
    for country in COUNTRIES_OF_THE_WORLD:
        example = example_number_for_type(country, PhoneNumberType.MOBILE)
        if example is not None:
            phones.refuse_slips("", example)
    for written, _ in COUNTRIES:
        phones.refuse_slips(written, parse_phone(written, None))


@pytest.mark.parametrize("country", [*COUNTRIES_OF_THE_WORLD, None])
def test_examples_are_of_the_country_in_force_and_accepted_there(country):
    examples = phones.not_a_phone(country).values
    assert ("national" in examples) is (country is not None)
    for example in examples.values():
        number = parse_phone(example, country)
        phones.refuse_slips(example, number)
        code = phonenumbers.country_code_for_region(country or "GB")
        assert number.country_code == code
