"""What can go wrong with a doctor's profile."""

from clinic.core.errors import N_, Conflict, Invalid, NotFound


class BadProfile(Invalid):
    code, title = "bad_profile", N_("That profile is not possible")


class ProfileMissing(NotFound):
    code, title = "profile_missing", N_("Set up your profile first")


class LicenceInUse(Conflict):
    code, title = "licence_in_use", N_("Another doctor has this licence number")
