"""What somebody enters to come in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from clinic.accounts.forms import known_password
from clinic.core.fields import LONGEST_EMAIL
from clinic.core.web.forms import cleaned, storable


class LoginForm(FlaskForm):
    email = StringField(  # or the number, of an account whose address somebody else proved
        _l("Email address"),
        filters=[cleaned],
        validators=[
            InputRequired(_l("Enter your email address")),
            storable,
            Length(max=LONGEST_EMAIL),
        ],
    )
    password = known_password(_l("Password"))
    next = HiddenField()


class UnlockForm(FlaskForm):
    password = known_password(_l("Password"))
    next = HiddenField()
    session = HiddenField()
