"""Word a message, and go back to the product's words."""

from uuid import uuid4

from clinic.access.actor import Actor
from clinic.access.roles import KEEP_WORDING
from clinic.core import clock
from clinic.core.data.db import db, transactional
from clinic.core.errors import FieldError, Forbidden, Invalid
from clinic.core.fields.addresses import holds_address
from clinic.events.service import record
from clinic.messaging.channels import CHANNELS
from clinic.messaging.errors import WordingChanged
from clinic.messaging.facts import MessageTemplateDeleted, MessageTemplateUpdated
from clinic.messaging.wording import errors, queries, sample
from clinic.messaging.words.own import substitution
from clinic.messaging.words.own.models import MessageTemplate
from clinic.messaging.words.own.wordings import Own, wordings

LONGEST_TEXT, LONGEST_LETTER, LONGEST_SUBJECT = 320, 4000, 200


@transactional
def save(
    template: str,
    channel: str,
    language: str,
    own: Own,
    actor: Actor,
    version: int | None = None,
) -> None:
    """`version`: of the words that were changed; None: whichever stands. Raises NotFound,
    Forbidden, Invalid, WordingChanged."""
    if not actor.may(KEEP_WORDING):
        raise Forbidden
    queries.must_be_known(template, channel, language)
    own = judged(template, channel, language, own, actor)
    row = queries.own_row(template, channel, language, actor, lock=True)
    if version is not None and version != (row.version if row else 0):
        raise WordingChanged
    if row is None:
        row = MessageTemplate(
            id=uuid4(),
            organisation_id=queries.place_of(actor),
            template=template,
            channel=channel,
            language=language,
            version=0,
        )
        db.session.add(row)
    row.body, row.subject, row.version = own.body, own.subject, row.version + 1
    row.updated_by, row.updated_at = actor.user_id, clock.now()
    db.session.flush()
    fact = MessageTemplateUpdated(organisation_id=row.organisation_id, message_template_id=row.id)
    record(fact, actor)
    wordings().forget()


@transactional
def remove(template: str, channel: str, language: str, actor: Actor) -> None:
    """The product's words again. Raises NotFound, Forbidden."""
    if not actor.may(KEEP_WORDING):
        raise Forbidden
    queries.must_be_known(template, channel, language)
    row = queries.own_row(template, channel, language, actor, lock=True)
    if row is None:
        return
    fact = MessageTemplateDeleted(organisation_id=row.organisation_id, message_template_id=row.id)
    db.session.delete(row)
    db.session.flush()
    record(fact, actor)
    wordings().forget()


def judged(template: str, channel: str, language: str, own: Own, actor: Actor) -> Own:
    """As it is kept. Raises Invalid, with all that is wrong."""
    is_letter = CHANNELS[channel].is_letter
    if not is_letter:
        own = Own(" ".join(own.body.split()))
    found = [
        *_of_body(template, own, is_letter),
        *(_of_subject(template, own) if is_letter else ()),
    ]
    if not found:
        fits = sample.fits(queries.place_of(actor), template, channel, language, own)
        found = [] if fits else [FieldError("body", "too_long", errors.TWO_TEXTS)]
    if found:
        raise Invalid(found[0].words, found, **found[0].values)
    return own


def _of_body(template: str, own: Own, is_letter: bool) -> list[FieldError]:
    names = substitution.variables(template, is_letter)
    wanted = ("organisation", *substitution.WORDED[template])
    first = None if is_letter else substitution.FIRST
    found = [*substitution.faults(own.body, names, wanted if is_letter else wanted[1:], first)]
    said = [errors.of("body", fault) for fault in found]
    if len(own.body) > (LONGEST_LETTER if is_letter else LONGEST_TEXT):
        said.append(FieldError("body", "too_long", errors.TOO_LONG))
    bare = substitution.NAMED.sub("", own.body)
    if holds_address(bare):
        said.append(FieldError("body", "address", errors.ADDRESS))
    return said


def _of_subject(template: str, own: Own) -> list[FieldError]:
    names = [name for name in substitution.variables(template, True) if name != "link"]
    subject = own.subject or ""
    said = [errors.of("subject", fault) for fault in substitution.faults(subject, names, ())]
    bare = substitution.NAMED.sub("", subject)
    if holds_address(bare):
        said.append(FieldError("subject", "address", errors.ADDRESS))
    if len(subject) > LONGEST_SUBJECT or "\n" in subject:
        said.append(FieldError("subject", "too_long", errors.TOO_LONG))
    return said
