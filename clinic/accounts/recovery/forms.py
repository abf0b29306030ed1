"""What somebody enters to come back in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField
from wtforms.validators import InputRequired, Length

from clinic.accounts.forms import new_password
from clinic.core.fields import LONGEST_EMAIL
from clinic.core.web.forms import cleaned, storable


class ForgotForm(FlaskForm):
    email = EmailField(
        _l("Email address"),
        filters=[cleaned],
        validators=[
            InputRequired(_l("Enter your email address")),
            storable,
            Length(max=LONGEST_EMAIL),
        ],
    )


class NewPasswordForm(FlaskForm):
    password = new_password(_l("New password"))
