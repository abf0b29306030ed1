"""Where texts go: what the settings say, or else where there are organisations."""

import pytest

from clinic.access.actor import THE_SYSTEM
from clinic.core.errors import Wrong
from clinic.core.fields import PhoneNumber
from clinic.organisations import service
from clinic.organisations.telephones import Telephones
from tests.questions import asked

IRISH, BRITISH, INDIAN = "+353831234567", "+447400123456", "+919876543210"

pytestmark = pytest.mark.usefixtures("in_app")


@pytest.fixture(autouse=True)
def nothing_known_yet(in_app, monkeypatch):
    monkeypatch.setitem(in_app.extensions, "telephones", Telephones())


def refusal(number, **more):
    try:
        PhoneNumber(**more).read(number)
    except Wrong as wrong:
        return wrong
    return None


@pytest.fixture
def settings(in_app, monkeypatch):
    def change(**values):
        changed = in_app.config["SETTINGS"].model_copy(update=values)
        monkeypatch.setitem(in_app.config, "SETTINGS", changed)

    return change


def test_the_countries_of_the_organisations_count():
    assert refusal(BRITISH) is None
    assert refusal(INDIAN) is None
    irish = refusal(IRISH)
    assert irish.code == "phone_country"
    assert irish.values == {"countries": "GB (+44), IN (+91)"}


def test_a_new_country_counts_from_its_first_organisation_on():
    assert refusal(IRISH)
    service.open_organisation("Hill", "clinic", "Europe/Dublin", "IE", "112", actor=THE_SYSTEM)
    assert refusal(IRISH) is None


def test_where_a_clinic_is_just_being_opened_counts_as_well():
    assert refusal(IRISH, country="IE") is None
    assert refusal("083 123 4567", country="IE") is None


def test_a_setting_says_it_alone(settings):
    settings(sms_countries="ie, US")
    assert refusal(IRISH) is None
    assert refusal("+12025550123") is None
    assert refusal("+18095550100").code == "phone_country"
    assert refusal(BRITISH).values == {"countries": "IE (+353), US (+1)"}
    assert refusal(BRITISH, country="GB").code == "phone_country"


@pytest.mark.parametrize(
    "sender", ["twilio_from", "twilio_from_patient", "twilio_from_doctor", "twilio_whatsapp_from"]
)
def test_our_own_numbers_are_nobodys(settings, sender):
    settings(**{sender: BRITISH if sender != "twilio_whatsapp_from" else f"whatsapp:{BRITISH}"})
    assert refusal("+44 7400 123456").code == "phone_is_ours"
    assert refusal("+44 7400 123457") is None


def test_what_was_kept_before_may_stay():
    kept = {"kept": lambda: (IRISH, "+882161234567", None)}
    assert refusal(IRISH, **kept) is None
    assert refusal("+882161234567", **kept) is None
    assert refusal("+353831234568", **kept).code == "phone_country"


def test_most_numbers_cost_no_statement():
    assert refusal(BRITISH) is None  # the countries are known from here on
    with asked() as statements:
        assert refusal(BRITISH) is None
        assert refusal("07400 123456", country="GB") is None
    assert statements == []
