"""What people type, and whom it finds."""

import pytest

from clinic.doctors.search.everyday import FILLING, WORDS
from clinic.doctors.search.meaning import MOST_SAID, meant, understood
from clinic.doctors.vocabulary import SPECIALISATIONS

FINDS = {
    "knee": "orthopaedics",
    "my knee hurts": "orthopaedics",
    "Knees": "orthopaedics",
    "back pain": "physiotherapy",
    "broken arm": "orthopaedics",
    "skin": "dermatology",
    "itchy rash": "dermatology",
    "moles": "dermatology",
    "heart": "cardiology",
    "heart doctor": "cardiology",
    "high blood pressure": "cardiology",
    "child": "paediatrics",
    "doctor for my baby": "paediatrics",
    "kids dentist": "dentistry",
    "tooth": "dentistry",
    "toothache": "dentistry",
    "women's health": "gynaecology",
    "women\u2019s health": "gynaecology",
    "womens health": "gynaecology",
    "WOMAN": "gynaecology",
    "period pain": "gynaecology",
    "pregnant": "obstetrics",
    "men's health": "urology",
    "eye test": "ophthalmology",
    "ear": "ear-nose-throat",
    "ENT": "ear-nose-throat",
    "Ear, nose & throat": "ear-nose-throat",
    "tummy": "gastroenterology",
    "diarrhoea": "gastroenterology",
    "diarrhea": "gastroenterology",
    "haemorrhoids": "general-surgery",
    "hemorrhoids": "general-surgery",
    "anaemia": "haematology",
    "anemia": "haematology",
    "tumour": "oncology",
    "tumor": "oncology",
    "diabetes": "endocrinology",
    "migraine": "neurology",
    "headaches": "neurology",
    "depressed": "psychology",
    "mental health": "psychiatry",
    "asthma": "pulmonology",
    "x-ray": "radiology",
    "xray": "radiology",
    "foot": "podiatry",
    "GP": "general-practice",
    "family doctor": "general-practice",
    "orthopaedics": "orthopaedics",
    "Orthopedics": "orthopaedics",
    "orthop\u00e6dics": "orthopaedics",
    "orthopedic surgeon": "orthopaedics",
    "orthopaedist": "orthopaedics",
    "paediatrician": "paediatrics",
    "pediatrician": "paediatrics",
    "gynecologist": "gynaecology",
    "gynaecologist": "gynaecology",
    "cardiologists": "cardiology",
    "dermat": "dermatology",
    "psychiatrist": "psychiatry",
    "physiotherapist": "physiotherapy",
    "Dr Patel, dermatology": "dermatology",
    "check-up": "general-practice",
}  # fmt: skip


@pytest.mark.parametrize("text", FINDS)
def test_people_find_who_sees_them_about_it(text):
    assert FINDS[text] in meant(text)


@pytest.mark.parametrize("slug", SPECIALISATIONS)
def test_a_specialty_is_found_by_its_own_names(slug):
    assert slug in meant(slug)
    assert slug in meant(SPECIALISATIONS[slug])
    assert slug in meant(SPECIALISATIONS[slug].upper())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Rao", ["rao"]),
        ("Dr Asha Rao", ["asha", "rao"]),
        ("rao, asha", ["rao", "asha"]),
        ("Patel cardiology", ["patel", "cardiology"]),
        ("O'Brien", ["o'brien"]),
        ("doctor", []),
        ("dr.", []),
        ("", []),
        (" , ; ", []),
        ("a b c d e f g h i j", ["b", "c", "d", "e", "f"]),
        ("Chan", ["chan"]),
        ("Patel", ["patel"]),
    ],
)
def test_what_counts_of_what_was_typed(text, said):
    assert [one.text for one in understood(text)] == said
    assert len(said) <= MOST_SAID


@pytest.mark.parametrize(
    "name", ["Rao", "Patel", "Sato", "Chandra Iyer", "Hannah", "Nowak", "Moretti"]
)
def test_a_name_alone_means_no_specialty(name):
    assert meant(name) == frozenset()


def test_several_complaints_ask_for_anybody_who_sees_one_of_them():
    skin, child = understood("skin child")
    assert skin.specialisations == child.specialisations
    assert skin.specialisations >= {"dermatology", "paediatrics"}


def test_the_table_knows_every_specialty_and_no_other():
    assert WORDS.keys() == SPECIALISATIONS.keys()


@pytest.mark.parametrize("slug", WORDS)
def test_every_word_of_the_table_is_understood(slug):
    """Also those that only fill, where they stand alone."""
    for phrase in WORDS[slug].split(","):
        assert slug in meant(" ".join(phrase.split())), phrase


def test_what_only_fills_is_written_as_it_is_read():
    words = [" ".join(one.split()) for one in FILLING.split(",")]
    assert words == [word.casefold() for word in words]
