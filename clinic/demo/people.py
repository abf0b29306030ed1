"""Who works at the demo clinic: two organisations and ten doctors, as data."""

from dataclasses import dataclass, replace

CHILDREN, WOMEN, ADULTS = "children", "women", "adults"  # whom a doctor sees


@dataclass(frozen=True, slots=True)
class PracticePlan:
    """An organisation and those at its desk. Telephone numbers are of Ofcom's drama ranges."""

    key: str
    name: str
    kind: str
    domain: str
    phone: str
    approval_required: bool
    places: tuple[tuple[str, str], ...]  # name and address
    staff: str
    admin: str


@dataclass(frozen=True, slots=True)
class DoctorPlan:
    practice: str
    name: str
    specialisations: tuple[str, ...]
    languages: tuple[str, ...]
    years: int
    bio: str
    reasons: tuple[str, ...]
    sees: str = ADULTS
    more_visits: int = 0  # than the average doctor; they add up to nothing


TIMEZONE, COUNTRY, EMERGENCY_NUMBER = "Europe/London", "GB", "999"
SUPERADMIN = ("Grace Whitfield", "superadmin@clinic.example")

PRACTICES = (
    PracticePlan(
        key="harbour",
        name="Harbour Clinic",
        kind="clinic",
        domain="harbour.example",
        phone="+442079460142",
        approval_required=False,
        places=(
            ("Quay Street", "12 Quay Street, London E14 9ZZ"),
            ("North Hill", "3 North Hill, London N6 9ZZ"),
        ),
        staff="Nell Carrick",
        admin="Martin Aske",
    ),
    PracticePlan(
        key="northgate",
        name="Northgate Hospital",
        kind="hospital",
        domain="northgate.example",
        phone="+442079460177",
        approval_required=True,
        places=(("Outpatients", "Northgate Road, London NW3 9ZZ"),),
        staff="Bridget Lowe",
        admin="Samuel Okoro",
    ),
)

DOCTORS = (
    DoctorPlan(
        practice="harbour",
        name="Asha Rao",
        specialisations=("cardiology",),
        languages=("en", "hi", "ta"),
        years=18,
        bio="Sees people with high blood pressure, palpitations and chest pain that comes with "
        "effort. Heart tracing and ultrasound on the same visit.",
        reasons=("Blood pressure check", "Palpitations", "Heart tracing", "Medicines review"),
        more_visits=8,
    ),
    DoctorPlan(
        practice="harbour",
        name="Owen Pritchard",
        specialisations=("general-practice",),
        languages=("en", "fr"),
        years=11,
        bio="Family doctor for everything that has no other name yet. Short visits, and a call "
        "with the results.",
        reasons=("Sore throat", "Tired for weeks", "Blood test results", "Travel advice"),
        more_visits=14,
    ),
    DoctorPlan(
        practice="harbour",
        name="Lucia Moretti",
        specialisations=("dermatology",),
        languages=("en", "it", "es"),
        years=9,
        bio="Skin checks, eczema, psoriasis and acne. Small moles can be removed at North Hill.",
        reasons=("Skin check", "Eczema flare", "A mole that changed", "Acne follow-up"),
        more_visits=-4,
    ),
    DoctorPlan(
        practice="harbour",
        name="Kwame Boateng",
        specialisations=("paediatrics",),
        languages=("en", "fr"),
        years=15,
        bio="Looks after babies, children and teenagers, also at weekends. Bring the vaccination "
        "card.",
        reasons=("Fever since yesterday", "Growth check", "Asthma review", "Ear ache"),
        sees=CHILDREN,
        more_visits=2,
    ),
    DoctorPlan(
        practice="harbour",
        name="Hanna Nowak",
        specialisations=("gynaecology",),
        languages=("en", "pl", "uk"),
        years=13,
        bio="Pregnancy care, contraception and the menopause. On call for the clinic's own "
        "patients some nights.",
        reasons=("Pregnancy check", "Contraception", "Irregular periods", "Smear test"),
        sees=WOMEN,
        more_visits=4,
    ),
    DoctorPlan(
        practice="harbour",
        name="Yusuf Demir",
        specialisations=("orthopaedics",),
        languages=("en", "tr", "ar"),
        years=21,
        bio="Knees, hips, shoulders and fresh injuries. Plaster room and X-ray next door.",
        reasons=("Knee pain", "Twisted ankle", "Shoulder after a fall", "Plaster check"),
        more_visits=6,
    ),
    DoctorPlan(
        practice="harbour",
        name="Mei Zhang",
        specialisations=("ophthalmology",),
        languages=("en", "zh"),
        years=8,
        bio="Eye tests, cataracts and dry eyes. Drops may blur your sight: do not drive home.",
        reasons=("Blurred sight", "Red eye", "Eye pressure check", "Cataract follow-up"),
        more_visits=-6,
    ),
    DoctorPlan(
        practice="harbour",
        name="Sofia Almeida",
        specialisations=("physiotherapy",),
        languages=("en", "pt", "es"),
        years=6,
        bio="Back, neck and sports injuries. Twice a week a back class for up to six people.",
        reasons=("Lower back pain", "Back class", "Neck stiffness", "After knee surgery"),
        more_visits=-2,
    ),
    DoctorPlan(
        practice="northgate",
        name="Rajan Iyer",
        specialisations=("neurology",),
        languages=("en", "ta", "hi"),
        years=24,
        bio="Headache, dizziness and numbness. The hospital confirms each request, because some "
        "visits need a scan first.",
        reasons=("Migraine", "Dizzy spells", "Numb fingers", "Scan results"),
        more_visits=-10,
    ),
    DoctorPlan(
        practice="northgate",
        name="Ingrid Keller",
        specialisations=("endocrinology", "geriatrics"),
        languages=("en", "de"),
        years=17,
        bio="Diabetes, thyroid and bones, and the care of older people with several illnesses.",
        reasons=("Diabetes review", "Thyroid check", "Bone density", "Insulin training"),
        more_visits=-12,
    ),
)


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES = words(
    "Abbott Adeyemi Ahmed Bailey Banerjee Barker Begum Bennett Brennan Byrne Campbell Carter Chan "
    "Clarke Collins Cooper Costa Davies Dixon Doyle Edwards Ellis Fernandes Fletcher Foster Gill "
    "Graham Griffiths Hughes Hussain Jackson Jenkins Kaur Kelly Khan Kowalski Lawson Lewis Marsh "
    "Mensah Mitchell Morgan Murphy Mwangi Nguyen Novak Palmer Patel Perera Quinn Rahman Reid "
    "Rossi Sharma Shaw Silva Singh Turner Walsh Wood"
)


def colleague(plan: DoctorPlan, number: int, turn: int) -> DoctorPlan:
    """The doctor in turn 0; in each later turn somebody of the same trade with another surname."""
    if turn == 0:
        return plan
    # 7 and the sixty surnames have no divisor in common: no name comes twice.
    surname = SURNAMES[(7 * turn + 11 * number) % len(SURNAMES)]
    return replace(plan, name=f"{plan.name.split()[0]} {surname}")


def address_of(name: str, domain: str) -> str:
    """`asha.rao@harbour.example`; the domains can belong to nobody (RFC 2606)."""
    return f"{name.lower().replace(' ', '.')}@{domain}"
