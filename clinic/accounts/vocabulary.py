"""How a browser is called in words, and how a photo is told from the one before."""

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


def device_name(agent: str | None) -> str | None:
    """`Firefox on Windows`; of a program what it calls itself; None when it says nothing."""
    if not agent:
        return None
    browser = _first(_BROWSERS, agent)
    system = _first(_SYSTEMS, agent)
    if browser is None:
        return agent.split(" ")[0][:LONGEST_NAME]
    return f"{browser} on {system}" if system else browser


def photo_version(key: str | None) -> str | None:
    """Changes with the photo, so that browsers may keep it; None without one."""
    return fingerprint(key)[:12] if key else None


def _first(table: tuple[tuple[str, str], ...], agent: str) -> str | None:
    return next((name for mark, name in table if mark in agent), None)
