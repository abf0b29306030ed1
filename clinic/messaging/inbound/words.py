"""What is texted back without asking any room above."""

import unicodedata
from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _

from clinic.core import saying
from clinic.messaging.conversations.nights import Night
from clinic.messaging.words import fitting, gsm, rendering, signed


def how_to_answer(organisation_id: UUID | None) -> str:
    return signed.of_organisation(organisation_id, _how_to_answer)


def _how_to_answer(phone: str) -> str:
    if phone:
        return _(
            "reply C to confirm or X to cancel your next visit. Questions: %(phone)s."
            " STOP ends these texts.",
            phone=phone,
        )
    return _("reply C to confirm or X to cancel your next visit. STOP ends these texts.")


def texts_again(organisation_id: UUID | None) -> str:
    return signed.of_organisation(
        organisation_id, lambda _phone: _("you will get our texts again. Reply STOP to end them.")
    )


def no_more_texts(organisation_id: UUID | None) -> str:
    return signed.of_organisation(
        organisation_id,
        lambda _phone: _("you will get no more of our texts. Reply START to get them again."),
    )


def test_arrived(organisation_id: UUID | None) -> str:
    return signed.of_organisation(
        organisation_id, lambda _phone: _("thank you, your answer arrived. Texts work both ways.")
    )


def closed(organisation_id: UUID | None, night: Night, answered: str = "") -> str:
    """That nobody is there, until when, and whom to call meanwhile; with the link that stands in
    what would be answered else, where one text holds it. Words of their own that it does not hold
    with the number for emergencies give way to ours.
    """
    ours = _("we are closed now.")
    if night.opens_at:
        when = saying.moment(night.opens_at, night.zone)
        ours = _("we are closed now and read this from %(when)s.", when=when)
    own = _sentence(night.words.replace("{", "(").replace("}", ")")) if night.words else ours
    call = _("In an emergency call %(number)s.", number=night.emergency)
    link = rendering.PLACEHOLDER.search(answered)
    visit = _("Your visit: %(link)s", link=link[0]) if link else ""
    for parts in ((own, call, visit), (own, call), (ours, call)):
        sentence = " ".join(filter(None, parts))
        text = _signed(organisation_id, sentence)
        if text != sentence and gsm.fits(rendering.with_secrets(text)):  # with their name
            return text
    return text


def _signed(organisation_id: UUID | None, sentence: str) -> str:
    return signed.of_organisation(organisation_id, lambda _phone: sentence)


def _sentence(words: str) -> str:
    return words if unicodedata.category(words[-1]) == "Po" else f"{words}."


def which(names: Sequence[str]) -> str:
    """`Which clinic is it for? Reply 1: Harbour Clinic, 2: Far Hospital`; names give way."""
    for most in (max(map(gsm.units, names)), *fitting.SHORTER):
        short = [gsm.shorten(rendering.plain(name), most) for name in names]
        listed = ", ".join(f"{number}: {name}" for number, name in enumerate(short, 1))
        text = _("Which clinic is it for? Reply %(choices)s", choices=listed)
        if gsm.fits(text):
            return text
    return text


def passed_on(name: str) -> str:
    return _("Your message is with %(clinic)s.", clinic=gsm.shorten(rendering.plain(name), 60))
