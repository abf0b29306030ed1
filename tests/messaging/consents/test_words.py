"""The words below a field for a number, by country: a table."""

from uuid import uuid4

import pytest

from clinic.messaging.consents import words
from clinic.messaging.consents.vocabulary import is_key, key_for
from clinic.organisations.site.queries import Site


@pytest.mark.parametrize(
    ("country", "can_reply", "is_read_out", "key"),
    [
        ("US", True, False, "us-1"),
        ("CA", True, False, "us-1"),
        ("GB", True, False, "eu-1"),
        ("IE", False, False, "eu-1-link"),
        ("CH", True, False, "eu-1"),
        ("IN", True, False, "in-1"),
        ("AU", True, False, "any-1"),
        (None, True, False, "any-1"),
        ("", False, False, "any-1-link"),
        ("US", False, True, "us-1-desk"),
    ],
)
def test_each_country_has_its_words(country, can_reply, is_read_out, key):
    assert key_for(country, can_reply, is_read_out) == key
    assert is_key(key)


@pytest.mark.parametrize(
    "key", ["", "us", "us-", "us-0", "us-2", "us-01", "xx-1", "us-1-", "us-1-x", "us-1\n", "US-1"]
)
def test_what_never_stood_anywhere_is_no_key(key):
    assert not is_key(key)
    assert words.agreed(Site("Harbour"), key, "page") is None


@pytest.mark.parametrize(
    ("country", "said"),
    [
        ("US", ("usually 2 to 4", "Message and data rates may apply", "STOP", "HELP", "need not")),
        ("GB", ("about appointments", "no advertising", "Reply STOP")),
        ("IN", ("SMS and WhatsApp", "Do Not Disturb", "Reply STOP")),
        (None, ("usually 2 to 4", "may charge", "STOP", "HELP")),
    ],
)
def test_they_name_the_clinic_and_say_what_the_country_asks_for(app, country, said):
    with app.test_request_context():
        shown = words.below_a_number(Site("100 % Care", country=country, organisation_id=uuid4()))
        assert "100 % Care" in shown.text
        assert [one for one in said if one not in shown.text] == []
        agreed = words.agreed(Site("100 % Care", country=country), shown.key, "page")
    assert (agreed.shown, agreed.words, agreed.language) == (shown.text, shown.key, "en")


def test_where_no_reply_reaches_us_nobody_is_told_to_reply(app):
    with app.test_request_context():
        for family in ("us", "eu", "in", "any"):
            said = words.agreed(Site("Harbour"), f"{family}-1-link", "page").shown
            assert "STOP" not in said
            assert "tell us" in said
