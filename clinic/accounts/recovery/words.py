"""What is said once somebody is back in."""

from flask_babel import lazy_gettext as _l

PASSWORD_IS_SET = _l("Your password is set. Log in with it.")
