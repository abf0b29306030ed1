"""What can go wrong with hours."""

from clinic.core.errors import ClinicError


class WindowsOverlap(ClinicError):
    status, code, title = 400, "windows_overlap", "The doctor already has a window at that time"


class BadWindow(ClinicError):
    status, code, title = 400, "bad_window", "That window is not possible"
