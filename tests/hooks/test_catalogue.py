"""Which words may be chosen, and what each stands for."""

import pytest

from clinic.core.errors import Invalid
from clinic.events.fact import DECLARED
from clinic.hooks import catalogue


def test_names_topics_wildcards():
    visits = {name for name in DECLARED if name.startswith("appointment.")}
    assert catalogue.meant_by(["appointment.*"]) == visits
    assert catalogue.meant_by(["appointment.created"]) == {"appointment.created"}
    # The topic of all later steps, and the name of one of them: either is known.
    assert catalogue.meant_by(["appointment.updated"]) == visits - {"appointment.created"}
    assert catalogue.meant_by(["appointment.cancelled"]) == {"appointment.cancelled"}
    assert catalogue.meant_by(["*"]) == set(catalogue.names())
    assert catalogue.meant_by(["patient.registered", "doctor.*"]) == {
        "patient.registered",
        "doctor.created",
        "doctor.updated",
    }
    assert catalogue.meant_by(["kettle.boiled"]) == set()  # of a release that is gone


def test_log_ins_and_tries_of_them_are_told_to_nobody():
    offered = {name for name in catalogue.names() if name.startswith("user.")}
    assert offered == {
        "user.created", "user.updated", "user.role_changed", "user.deactivated", "user.reactivated",
    }  # fmt: skip
    assert catalogue.meant_by(["user.*"]) == offered


def test_what_is_chosen_is_kept_in_order_and_once():
    chosen = ["patient.*", "appointment.created", "patient.*"]
    assert catalogue.checked(chosen) == ["appointment.created", "patient.*"]


@pytest.mark.parametrize(
    "types",
    [[], ["appointment"], ["*.created"], ["appointment.**"], [""], ["user.login_refused"],
     ["appointment.created", "kettle.boiled"], ["webhook.test"], ["Appointment.*"]],
)  # fmt: skip
def test_refused(types):
    with pytest.raises(Invalid) as caught:
        catalogue.checked(types)
    assert caught.value.errors[0].field == "types"


def test_every_group_begins_as_its_events_do():
    for group, names in catalogue.groups().items():
        assert names
        assert all(name.startswith(f"{group}.") for name in names)
