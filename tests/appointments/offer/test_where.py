"""A place is said once, however often its name was typed."""

import pytest

from clinic.appointments.offer.words import where_at


@pytest.mark.parametrize(
    ("organisation", "place", "address", "said"),
    [
        ("Harbour Clinic", "Quay Street", "2 Quay Street",
         "Harbour Clinic, Quay Street, 2 Quay Street"),
        ("Harbour Clinic", "Quay Street", None, "Harbour Clinic, Quay Street"),
        ("House X", "House X", None, "House X"),
        ("House X", "house  x", "1 Lane", "House X, 1 Lane"),
        ("House X", "Lane 1", "Lane 1", "House X, Lane 1"),
        ("Straße", "STRASSE", None, "Straße"),
        ("House X", None, None, "House X"),
    ],
)  # fmt: skip
def test_each_name_is_said_once(organisation, place, address, said):
    assert where_at(organisation, place, address) == said
