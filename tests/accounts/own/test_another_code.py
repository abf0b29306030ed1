"""Nothing came: another code, after a wait that is said, to where the first one went."""

import pytest

from clinic.accounts.proof.keys import Purpose
from tests.accounts.account_words import code_sent
from tests.cast import PASSWORD
from tests.pages import soup, text_of

TARGETS = {"email": "asha.new@cast.example", "phone": "+447400123456"}
OTHER = {"email": "Use another email address", "phone": "Use another number"}


@pytest.fixture
def asha(signed_in, cast):
    return signed_in(cast.asha)


def ask(client, kind):
    given = {"target": TARGETS[kind], "password": PASSWORD}
    return client.post(f"/account/{kind}", data=given)


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_a_new_code_is_sent_after_a_minute(app, asha, kind, monday_morning):
    page = asha.get(ask(asha, kind).location)
    assert "You can ask for another in 60 s." in text_of(page)
    assert OTHER[kind] in text_of(page)
    first = code_sent(app, Purpose(kind))
    path = soup(page).find("form", action=f"/account/{kind}/code/again")["action"]
    monday_morning.shift(20)
    early = asha.post(path)
    assert early.status_code == 429
    assert early.headers["Retry-After"] == "40"
    assert "You can ask for another code in 40 s." in text_of(early)
    assert code_sent(app, Purpose(kind)) == first
    monday_morning.shift(40)
    assert "You can ask" not in text_of(asha.get(f"/account/{kind}/code"))
    assert asha.post(path).location == f"/account/{kind}/code"
    second = code_sent(app, Purpose(kind))
    assert "A new code is on its way." in text_of(asha.get(f"/account/{kind}/code"))
    for code, status in ((first, 422), (second, 303)):
        assert asha.post(f"/account/{kind}/code", data={"code": code}).status_code == status


def test_without_one_on_its_way_the_address_comes_first(asha, monday_morning):
    assert asha.post("/account/phone/code/again").location == "/account/phone"
    ask(asha, "phone")
    monday_morning.shift(16 * 60)  # it is too old: then the password is asked again
    assert asha.post("/account/phone/code/again").location == "/account/phone"


def test_six_an_hour_are_all(asha, monday_morning):
    ask(asha, "phone")
    for _ in range(5):
        monday_morning.shift(61)
        assert asha.post("/account/phone/code/again").status_code == 303
    monday_morning.shift(61)
    last = asha.post("/account/phone/code/again")
    assert last.status_code == 429
    assert "Wait a little" in text_of(last)
