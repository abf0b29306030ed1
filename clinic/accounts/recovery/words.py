"""What is said once somebody is back in."""

from flask_babel import lazy_gettext as _l

PASSWORD_IS_SET = _l("Your password is set. Log in with it.")
YOU_ARE_IN = _l("Your password is set, and you are logged in.")
NOW_THE_CODE = _l("Your password is set. Enter the code of your app to log in.")
ADDRESS_IS_RIGHT = _l("Thank you. Links and emails go to the new address from now on.")
ADDRESS_IS_BACK = _l("Your account has this email address again. Choose a new password to be safe.")
