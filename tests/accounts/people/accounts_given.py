"""A colleague to whom an account is given, and what is left of it in the tables."""

import sqlalchemy as sa

from clinic.accounts.models import User
from clinic.accounts.people.newcomers import NewUser
from clinic.core.data.db import db
from clinic.events.models import EventRow
from clinic.messaging.models import Message
from clinic.messaging.words import rendering

NOOR = NewUser("staff", "Noor Aziz", "Noor@Cast.Example", phone="+447400123456")


def row(user_id):
    db.session.rollback()
    return db.session.get(User, user_id, populate_existing=True)


def facts(name, user_id):
    rows = db.session.scalars(sa.select(EventRow).filter_by(name=name).order_by(EventRow.at))
    return [one.payload for one in rows if one.payload["user_id"] == str(user_id)]


def letters():
    query = sa.select(Message).filter_by(template="invitation").order_by(Message.created_at)
    return db.session.scalars(query).all()


def token_in(letter):
    return rendering.with_secrets(letter.body).partition("/invitation/")[2].split()[0]
