"""What happens to patients and to the lists of them."""

from dataclasses import dataclass
from uuid import UUID

from clinic.events.fact import Fact, fact


@dataclass(frozen=True, kw_only=True)
class PatientFact(Fact):
    patient_id: UUID


@fact("patient.registered")
class PatientRegistered(PatientFact):
    pass


@fact("patient.updated")
class PatientUpdated(PatientFact):
    pass


@fact("patient.deactivated")
class PatientDeactivated(PatientFact):
    pass


@fact("patient.gone")
class PatientGone(PatientFact):
    """The organisation notes that they died, or no longer cares for them."""

    why: str  # died or left
    visits: str | None = None  # what becomes of those to come: keep or cancel


@fact("patient.reachable_again")
class PatientReachableAgain(PatientFact):
    """The desk says that texts arrive at their number; that they did not is kept."""


@fact("patient.number_corrected")
class PatientNumberCorrected(PatientFact):
    """Texts of that organisation went to another number before."""


@fact("patient.death_note_dismissed")
class PatientDeathNoteDismissed(PatientFact):
    """What another organisation noted is not so, says this one."""


@fact("patient.joined")
class PatientJoined(PatientFact):
    """Another record was of the same person: its visits and what was noted there are theirs now."""

    joined_id: UUID


@fact("patient.imported")
class PatientsImported(Fact):
    """A list has been worked off."""

    import_id: UUID
