"""What is texted back without asking any room above."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _

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
