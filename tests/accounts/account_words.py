"""Short ways for tests of a person's own account."""

from datetime import timedelta

import pyotp
import sqlalchemy as sa

from clinic.accounts.models import OneTimeKey, User
from clinic.accounts.proof import keys, two_factor
from clinic.accounts.proof.keys import Purpose
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.data.encryption import decrypt
from tests.cast import PASSWORD, Person

NEW = "another three words"


def user_of(app, person: Person) -> User:
    with app.app_context():
        return db.session.get_one(User, person.user_id)


def newest_key(app, purpose: Purpose) -> str:
    """The id of the last link or code that was made."""
    query = sa.select(OneTimeKey.id).where(OneTimeKey.purpose == purpose)
    with app.app_context():
        return str(db.session.scalars(query.order_by(OneTimeKey.created_at.desc())).first())


def code_sent(app, purpose: Purpose) -> str:
    makes = {Purpose.EMAIL: keys.email_code, Purpose.PHONE: keys.phone_code}
    with app.app_context():
        return makes[purpose](newest_key(app, purpose))


def link_sent(app, purpose: Purpose) -> str:
    """Its path."""
    makes = {Purpose.RESET: keys.reset_link, Purpose.INVITATION: keys.invitation_link}
    with app.app_context():
        return "/" + makes[purpose](newest_key(app, purpose)).split("/", 3)[3]


@transactional
def issue(user_id, purpose: Purpose) -> str:
    return str(keys.issue(user_id, purpose))


def link_for(app, person: Person, purpose: Purpose = Purpose.RESET) -> str:
    with app.app_context():
        issue(person.user_id, purpose)
    return link_sent(app, purpose)


def otp(app, person: Person, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    with app.app_context():
        secret = decrypt(db.session.get_one(User, person.user_id).totp_secret)
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


def with_two_factor(app, person: Person) -> list[str]:
    """Switch it on; returns the recovery codes. The step in use is spent."""
    with app.app_context():
        two_factor.begin(person.user_id)
    code = otp(app, person, -1)
    with app.app_context():
        return two_factor.switch_on(person.user_id, None, code, person.actor)


def log_in(client, email, password=PASSWORD, address="192.0.2.1", **more):
    form = {"email": email, "password": password, **more}
    return client.post("/login", data=form, environ_base={"REMOTE_ADDR": address})
