"""What is said to who runs an organisation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from clinic.core import clock, saying
from clinic.organisations.errors import FirstVisit, PlaceInUse, VisitsDepend
from clinic.organisations.queries import SecondFactors

OPENED = _l("The organisation is open. Invite its administrator next.")
HIDDEN = _l("Patients no longer find it.")
FOUND_AGAIN = _l("Patients find it again.")
SAVED = _l("Saved.")

_WAYS = {
    "move": _l("Hand them over to colleagues who are free then"),
    "cancel": _l("Cancel them and tell both sides"),
    "keep": _l("Keep them: the front desk decides"),
}
OF_PATIENT = {"cancel": _l("Cancel them: only the doctors are told"), "keep": _l("Keep them")}
OF_PLACE = {**_WAYS, "keep": _l("Keep them: they take place")}


AT_PLACE = {**_WAYS, "keep": _l("Keep them: they still take place there")}


@dataclass(frozen=True, slots=True)
class Ask:
    """What becomes of visits, asked with their number before anything is changed."""

    sentence: str
    first: str
    ways: tuple[tuple[str, str], ...]  # value, label
    kept: tuple[tuple[str, str], ...] = ()  # what else the form said


def ask(
    error: VisitsDepend,
    whose: str,
    ways: Mapping[str, str] = _WAYS,
    kept: Mapping[str, str] | None = None,
) -> Ask:
    """`whose` is the name of the doctor, the patient or the place."""
    sentence = ngettext(
        "%(num)d visit to come is booked: %(whose)s.",
        "%(num)d visits to come are booked: %(whose)s.",
        error.count,
        whose=whose,
    )
    words = {**_WAYS, **ways}
    chosen = tuple((way, str(words[way])) for way in reversed(error.choices))
    return Ask(sentence, _first(error.first), chosen, tuple((kept or {}).items()))


def ask_of_place(error: PlaceInUse, name: str) -> Ask:
    """With the place the hours there end, too."""
    asked, hours = ask(error, name, AT_PLACE), hours_end(name, error.windows)
    return replace(asked, sentence=f"{asked.sentence} {hours}") if hours else asked


def hours_end(name: str, windows: int) -> str:
    """What closing a place ends, or ""."""
    if not windows:
        return ""
    return ngettext(
        "%(num)d window of weekly or single hours at %(place)s ends.",
        "%(num)d windows of weekly or single hours at %(place)s end.",
        windows,
        place=name,
    )


def closed(name: str, windows: int, left: int) -> str:
    """`windows` of hours ended with it; `left`: how many visits still take place there."""
    said = [_("%(place)s is closed.", place=name)]
    if windows:
        said.append(
            ngettext("%(num)d window of hours ended.", "%(num)d windows of hours ended.", windows)
        )
    if left:
        said.append(
            ngettext(
                "%(num)d visit still takes place there.",
                "%(num)d visits still take place there.",
                left,
            )
        )
    return " ".join(said)


def second_factor(found: SecondFactors) -> str:
    """What it means that everybody needs a code, before it is so."""
    sentence = ngettext(
        "%(num)s of %(all)s people has no app for codes yet: they are asked to set one up at their"
        " next click.",
        "%(num)s of %(all)s people have no app for codes yet: they are asked to set one up at their"
        " next click.",
        found.without,
        all=found.everybody,
    )
    yours = _("You are one of them.")
    return f"{sentence} {yours}" if found.is_without else sentence


def _first(visit: FirstVisit) -> str:
    moment = saying.moment(visit.starts_at, clock.zone(visit.timezone))
    return _("The first is on %(when)s.", when=moment)
