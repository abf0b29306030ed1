"""Who may watch which day as it changes."""

from clinic.access.roles import Role
from clinic.access.visible import Visible, same_doctor, same_organisation
from clinic.core.web.live import COUNTS, Topic
from clinic.doctors.models import Doctor
from clinic.organisations.models import Organisation

DAYS_OF_DOCTORS = Visible(
    "day of a doctor",
    {
        Role.DOCTOR: same_doctor(Doctor.id),
        Role.STAFF: same_organisation(Doctor.organisation_id),
        Role.ADMIN: same_organisation(Doctor.organisation_id),
    },
)
DAYS_OF_ORGANISATIONS = Visible(
    "day of an organisation",
    {
        Role.STAFF: same_organisation(Organisation.id),
        Role.ADMIN: same_organisation(Organisation.id),
    },
)

OF_DOCTOR = Topic(Doctor.id, DAYS_OF_DOCTORS, "board", tells_counts=True)
OF_ORGANISATION = Topic(
    Organisation.id, DAYS_OF_ORGANISATIONS, "board", echo=COUNTS, tells_counts=True
)
WAITING = Topic(Organisation.id, DAYS_OF_ORGANISATIONS, COUNTS)
