"""What is said once somebody is back in."""

from flask_babel import lazy_gettext as _l

PASSWORD_IS_SET = _l("Your password is set. Log in with it.")
ADDRESS_IS_RIGHT = _l("Thank you. Links and letters go to the new address from now on.")
ADDRESS_IS_BACK = _l("Your account has this email address again. Choose a new password to be safe.")
