"""Two records of one person become one: reminders go on with the record that stays."""

import pytest

from tests.conftest import Stage
from tests.patients.joining.joining_words import BORN, heard, proves, registered, signs_up
from tests.reminders.own_helpers import IN_AN_HOUR, made, own, row, sent, tick


@pytest.fixture
def cast(both: Stage):
    with both.app.app_context():
        yield both.cast


def test_what_was_planned_for_the_record_goes_to_the_person(both: Stage, cast):
    record = registered(cast)
    alone = made(cast.esha, patient_id=record)
    named = made(cast.esha, choice={"patient_ids": [record]})
    maya = signs_up(born=BORN)
    heard()
    proves(both.app, maya)
    assert row(alone).patient_id == maya.patient_id
    assert own(named).choice == {"patient_ids": [str(maya.patient_id)]}
    tick(IN_AN_HOUR)
    for key in (alone, named):
        (message,) = sent(key)
        assert message.dedupe_key.endswith(str(maya.patient_id))
