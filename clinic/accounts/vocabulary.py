"""Which browser asks, and how a photo is told from the one before."""

from dataclasses import dataclass

from clinic.core.fingerprints import fingerprint

# The first that fits: most browsers also claim to be Chrome and Safari.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
LONGEST_NAME = 40  # characters of a program's own name


@dataclass(frozen=True, slots=True)
class Device:
    """A browser and what it runs on; or a program, by what it calls itself."""

    name: str
    system: str | None = None


def device_of(agent: str | None) -> Device | None:
    """None when it says nothing."""
    if not agent:
        return None
    browser = _first(_BROWSERS, agent)
    if browser is None:
        return Device(agent.split(" ")[0][:LONGEST_NAME])
    return Device(browser, _first(_SYSTEMS, agent))


def photo_version(key: str | None) -> str | None:
    """Changes with the photo, so that browsers may keep it; None without one."""
    return fingerprint(key)[:12] if key else None


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str | None:
    return next((name for mark, name in table if mark in agent), None)
