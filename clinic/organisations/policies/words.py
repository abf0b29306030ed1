"""What the privacy notice and the terms are called."""

from flask_babel import lazy_gettext as _l

TITLES = {"privacy": _l("Privacy notice"), "terms": _l("Terms")}
PUBLISHED = _l("Saved. Patients read it from now on.")
SAME = _l("Nothing is different: the version that counts stays.")
