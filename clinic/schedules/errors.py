"""What can go wrong with hours."""

from clinic.core.errors import N_, ClinicError


class WindowsOverlap(ClinicError):
    status, code, title = 400, "windows_overlap", N_("The doctor already has a window at that time")


class BadWindow(ClinicError):
    status, code, title = 400, "bad_window", N_("That window is not possible")
