"""What people enter to keep their own account safe."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from clinic.accounts.forms import CodeForm, known_password, new_password


class PasswordForm(FlaskForm):
    old_password = known_password(_l("Your password now"))
    password = new_password(_l("New password"))


class TwoFactorForm(CodeForm):
    """A code and the password: what every change of two-factor asks for."""

    password = known_password(_l("Your password"))
