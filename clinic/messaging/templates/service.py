"""Hand our texts in to WhatsApp, and read what it says of them."""

from datetime import timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa

from clinic.core import clock, running
from clinic.core.data.db import db, insert_new, transactional
from clinic.core.errors import N_, Unavailable
from clinic.messaging.channels import contents, twilio
from clinic.messaging.channels.contents import NOT_HANDED_IN, REJECTED, Approval, NotTaken
from clinic.messaging.templates import definitions, queries
from clinic.messaging.templates.approved import templates
from clinic.messaging.templates.definitions import Written
from clinic.messaging.templates.models import WhatsAppTemplate

LOOKED_AT_AGAIN = timedelta(days=1)  # WhatsApp may pause what it has approved
MOST_CHECKED = 200  # in one run
SID = "HX"  # how ids at the provider begin; what it never took has none of them


def submit() -> int:
    """Hand in what is not there yet, in its present words. Harmless twice, and after a death in the
    middle: the account is asked for the names first. Returns how many are new. Raises Unavailable.
    """
    settings = running.settings()
    if not twilio.is_whole(settings):
        raise Unavailable(N_("No provider is set up that could be asked."))
    known = _handed_in()
    news = [definitions.written(one, language) for one, language in queries.wanted()]
    news = [one for one in news if one.name not in known]
    db.session.remove()  # nothing is held while we wait for answers
    there = contents.names(settings) if news else {}
    for one in news:
        _submit(one, there.get(one.name))
    templates().forget()
    return len(news)


def _handed_in() -> set[str]:
    done = (WhatsAppTemplate.status != NOT_HANDED_IN, WhatsAppTemplate.content_sid.startswith(SID))
    return set(db.session.scalars(sa.select(WhatsAppTemplate.name).where(*done)))


def _submit(one: Written, sid: str | None) -> None:
    settings = running.settings()
    if sid is None:
        try:
            sid = contents.create(settings, one.name, one.language, one.samples, one.types)
        except NotTaken as error:
            _keep(one, f"-{uuid4().hex}", Approval(REJECTED, error.reason))
            return
        said = Approval(NOT_HANDED_IN)
    else:
        said = contents.approval(settings, sid)
    _keep(one, sid, said)
    if said.status == NOT_HANDED_IN:
        category = one.definition.category
        _keep(one, sid, contents.hand_in(settings, sid, one.name, category))


@transactional
def _keep(one: Written, sid: str, said: Approval) -> None:
    moment = clock.now()
    row = {
        "id": uuid4(), "name": one.name, "template": one.definition.template,
        "form": one.definition.form, "language": one.language, "content_sid": sid,
        "variables": [*one.definition.variables], "created_at": moment,
        "status": said.status, "reason": said.reason, "checked_at": moment,
    }  # fmt: skip
    db.session.execute(insert_new(WhatsAppTemplate).values(row))
    named = WhatsAppTemplate.name == one.name
    now = {name: row[name] for name in ("content_sid", "status", "reason", "checked_at")}
    db.session.execute(sa.update(WhatsAppTemplate).where(named).values(now))


def check(all_of_them: bool = False) -> int:
    """Ask about those that wait, and once a day about the others. Returns how many have changed.
    Raises Unavailable.
    """
    settings = running.settings()
    if not twilio.is_whole(settings):
        return 0
    changed = 0
    for template_id, sid, status in _to_check(all_of_them):
        said = contents.approval(settings, sid)
        _note(template_id, said)
        changed += said.status != status
    templates().forget()
    return changed


def _to_check(all_of_them: bool) -> list[tuple[UUID, str, str]]:
    waits = WhatsAppTemplate.status.not_in(queries.SETTLED)
    old = WhatsAppTemplate.checked_at <= clock.now() - LOOKED_AT_AGAIN
    query = sa.select(WhatsAppTemplate.id, WhatsAppTemplate.content_sid, WhatsAppTemplate.status)
    if not all_of_them:
        query = query.where(sa.or_(waits, old))
    at_provider = WhatsAppTemplate.content_sid.startswith(SID)
    query = query.where(at_provider).order_by(WhatsAppTemplate.checked_at).limit(MOST_CHECKED)
    found = [(row.id, row.content_sid, row.status) for row in db.session.execute(query)]
    db.session.remove()
    return found


@transactional
def _note(template_id: UUID, said: Approval) -> None:
    db.session.execute(
        sa.update(WhatsAppTemplate)
        .where(WhatsAppTemplate.id == template_id)
        .values(status=said.status, reason=said.reason, checked_at=clock.now())
    )
