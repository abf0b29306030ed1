"""One person's number in the forms of networks and of WhatsApp."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.core.fields.telephones import PhoneNumber
from clinic.core.phones import as_kept, canonical, forms

ONE_NUMBER = [  # as it is dialled, and as it comes as well
    ("+525512345678", "+5215512345678"),
    ("+523312345678", "+5213312345678"),
    ("+5511987654321", "+551187654321"),
    ("+5585996123456", "+558596123456"),
    ("+5491123456789", "+541123456789"),
    ("+5493511234567", "+543511234567"),
]
OF_ONE_FORM = [
    "+447700900000",
    "+12025550143",
    "+919876543210",
    "+4915112345678",
    "+33612345678",
    "+201001234567",
    "+551133334444",  # a landline of Brazil has eight digits
    "+5411",
    "HOSPITAL",
    "12345",
    "",
]


@pytest.mark.parametrize(("dialled", "otherwise"), ONE_NUMBER)
def test_both_forms_are_one_number(dialled, otherwise):
    assert forms(dialled) == forms(otherwise) == (dialled, otherwise)
    assert canonical(otherwise) == canonical(dialled) == dialled


@pytest.mark.parametrize("number", OF_ONE_FORM)
def test_other_numbers_have_one_form(number):
    assert forms(number) == (number,)
    assert canonical(number) == as_kept(number) == number


@pytest.mark.parametrize("number", [one for pair in ONE_NUMBER for one in pair])
def test_no_form_has_a_form(number):
    assert {forms(one) for one in forms(number)} == {forms(number)}


@given(st.from_regex(r"\+[1-9]\d{5,14}", fullmatch=True))
def test_whatever_the_number_it_is_one_of_its_forms(number):
    assert number in forms(number)
    assert canonical(canonical(number)) == canonical(number)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("+52 1 55 1234 5678", "+525512345678"),
        ("+52 55 1234 5678", "+525512345678"),
        ("+55 85 99612-3456", "+5585996123456"),
        ("+54 9 11 2345-6789", "+5491123456789"),
        ("+54 11 2345-6789", "+541123456789"),  # or a landline, which people call
    ],
)
def test_what_is_typed_is_kept_in_one_form(typed, kept):
    assert PhoneNumber(use=None).judge(typed) == kept
