"""What is said of the messages about a visit: never more than what was queued."""

from flask_babel import gettext as _

from clinic.appointments.reached.queries import News, Reached
from clinic.core import phones


def on_its_way(news: News) -> str:
    """`A text is on its way to 07700 900123.`"""
    if news.channel == "email":
        return _("An email is on its way to %(address)s.", address=_written(news.address))
    if news.channel == "whatsapp":
        return _("A WhatsApp message is on its way to %(address)s.", address=_written(news.address))
    return _("A text is on its way to %(address)s.", address=_written(news.address))


def _written(address: str) -> str:
    """A number as its owner writes it, in one piece; a mailbox as it is."""
    return phones.as_dialled(address, phones.home_of(address)).replace(" ", "\N{NO-BREAK SPACE}")


def why(news: News, found: Reached, at_desk: bool) -> str:
    """Why it goes another way than was wanted, or no way at all; empty where it goes as wanted."""
    number = found.reach.phone or ""
    if news.because == "opted_out":
        return stopped(number, at_desk)
    if news.because == "unreachable":
        return not_reached(number)
    if news.because == "no_address":
        if news.instead_of == "email":
            return _("There is no email address to write to.")
        return _("There is no number to text.")
    if news.because == "not_configured":
        return _("The clinic cannot send messages the chosen way at the moment.")
    if news.because == "failed":
        return _("The message could not be delivered the chosen way.")
    return ""


def stopped(number: str, at_desk: bool) -> str:
    if at_desk:
        return _("This person asked us not to text %(number)s.", number=_written(number))
    return _("You asked us not to text %(number)s.", number=_written(number))


def not_reached(number: str) -> str:
    return _("Texts to %(number)s do not arrive.", number=_written(number))


def nothing_goes(at_desk: bool) -> str:
    if at_desk:
        return _("No message about it can be sent. Please tell the person yourself.")
    return _("No message about it can be sent. Please note the day, the time and the reference.")


def stop_of(found: Reached, at_desk: bool) -> str:
    """What stands between the person and their texts; empty if nothing does."""
    number = found.reach.phone or ""
    if found.stop == "opted_out":
        return stopped(number, at_desk)
    return not_reached(number) if found.stop else ""
