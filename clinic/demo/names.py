"""Whom the demo clinic cares for: invented people, drawn from a seeded generator."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from clinic.demo.people import CHILDREN, SURNAMES, WOMEN, address_of, words

MEN = "men"
LARGEST_SCALE = 30  # beyond it names run out

WOMENS_NAMES = words(
    "Adaeze Aisha Alice Amara Anna Beatrice Carmen Charlotte Chloe Claire Daisy Edith Elena Emily "
    "Esther Eva Fatima Fiona Florence Freya Gemma Hannah Imogen Iris Isla Jasmine Joan Leila Lily "
    "Mabel Margaret Maryam Naomi Nora Olivia Phoebe Rosa Ruth Sunita Zoe"
)
MENS_NAMES = words(
    "Aaron Adam Ahmed Albert Alfie Andrew Arjun Arthur Ben Callum Carlos David Dylan Edward Elias "
    "Finn Frank George Hamza Harry Henry Isaac Jack Jonah Joseph Kofi Leo Liam Marcus Mateo Max "
    "Nikhil Noah Oscar Patrick Ravi Samir Theo Victor William"
)


@dataclass(frozen=True, slots=True)
class PatientPlan:
    name: str
    kind: str  # CHILDREN, WOMEN or MEN
    practice: str
    birth_date: date
    phone: str
    email: str | None
    channel: str
    has_login: bool = False


# How many of each kind an organisation knows, once per scale.
SHARES = (
    ("harbour", WOMEN, 37),
    ("harbour", MEN, 33),
    ("harbour", CHILDREN, 24),
    ("northgate", WOMEN, 12),
    ("northgate", MEN, 12),
)
_WITH_LOGIN = (
    ("Maya Ellison", WOMEN, date(1988, 5, 17), "sms"),
    ("Daniel Hart", MEN, date(1979, 11, 2), "email"),
)


def patients(scale: int, today: date, dice: random.Random) -> list[PatientPlan]:
    """120 a scale; the first two can sign in."""
    found = [
        PatientPlan(
            name=name,
            kind=kind,
            practice="harbour",
            birth_date=born,
            phone=f"+447700900{960 + number}",
            email=address_of(name, "example.com"),
            channel=channel,
            has_login=True,
        )
        for number, (name, kind, born, channel) in enumerate(_WITH_LOGIN)
    ]
    names = {WOMEN: _shuffled(WOMENS_NAMES, dice), MEN: _shuffled(MENS_NAMES, dice)}
    for practice, kind, many in SHARES:
        extra = 2 * (scale - 1) if (practice, kind) == ("harbour", WOMEN) else 0
        for number in range(many * scale + extra):
            sex = (WOMEN, MEN)[number % 2] if kind == CHILDREN else kind
            found.append(_patient(names[sex].pop(), kind, practice, len(found), today, dice))
    return found


def _shuffled(first_names: tuple[str, ...], dice: random.Random) -> list[str]:
    names = [f"{first} {last}" for first, last in product(first_names, SURNAMES)]
    dice.shuffle(names)
    return names


def _patient(
    name: str, kind: str, practice: str, number: int, today: date, dice: random.Random
) -> PatientPlan:
    years = dice.uniform(1, 15) if kind == CHILDREN else dice.triangular(18, 92, 46)
    channel = dice.choices(("sms", "whatsapp", "email"), (60, 25, 15))[0]
    has_email = channel == "email" or dice.random() < 0.6
    return PatientPlan(
        name=name,
        kind=kind,
        practice=practice,
        birth_date=today - timedelta(days=round(years * 365.25)),
        phone=f"+447700900{number % 960:03}",  # Ofcom's drama range: nobody real is ever texted
        email=address_of(name, "example.com") if has_email else None,
        channel=channel,
    )
