"""Every command that could change what is offered: how to run it, or why no version need rise.

A case makes the scene and returns the command; what it does concerns Dr Chandra. A name like
`accounts.proof.*` stands for all commands of a folder or file.
"""

from collections.abc import Callable
from datetime import time

from clinic.access.actor import THE_SYSTEM
from clinic.accounts.facts import UserFact
from clinic.accounts.own import photo, profile
from clinic.accounts.people import users
from clinic.appointments.booking import book as booking
from clinic.appointments.booking import move
from clinic.appointments.holding import release
from clinic.appointments.leaving import handover
from clinic.appointments.steps import sweep
from clinic.appointments.steps import take as steps
from clinic.appointments.vocabulary import Status
from clinic.core import clock
from clinic.core.data.db import transactional
from clinic.doctors import profiles
from clinic.organisations import service as organisations
from clinic.organisations.places import service as places
from clinic.patients.records import service as records
from clinic.schedules import service as schedules
from clinic.schedules.queries import windows_of
from clinic.schedules.weekly import hours
from tests.cast import TODAY, Cast, at
from tests.factories import book, day_window, hold_for, scheduled, set_rules, take

Command = Callable[[], object]
Case = Callable[[Cast], Command]
NO_SEAT = "the seat stays with its visit"
NOT_SHOWN = "nothing that pages show of a doctor"
NEW = "nobody has seen a page of the new doctor yet"


def _books(cast: Cast) -> Command:
    wish = booking.BookingRequest(
        cast.dr_chandra.doctor_id, cast.asha.patient_id, at("10:00"), "Cough"
    )
    return lambda: booking.book(wish, cast.asha.actor)


def _books_with_a_key(cast: Cast) -> Command:
    wish = booking.BookingRequest(
        cast.dr_chandra.doctor_id, cast.asha.patient_id, at("10:00"), "Cough"
    )
    return lambda: booking.book_once(wish, cast.asha.actor, None)


def _books_in_window(cast: Cast) -> Command:
    place = day_window(cast.dr_chandra, cast.quay_street, TODAY, "14:00-16:00")
    return lambda: booking.book_in_window(
        place.id, at("14:00"), cast.asha.patient_id, "Cough", cast.asha.actor
    )


def _moves_to_another_doctor(cast: Cast) -> Command:
    visit = scheduled(cast.asha, cast.dr_chandra)
    return lambda: move.reschedule(
        visit.id, at("10:00"), cast.esha.actor, cast.dr_dev.doctor_id
    )  # fmt: skip


def _cancels(cast: Cast) -> Command:
    visit = scheduled(cast.asha, cast.dr_chandra)
    return lambda: steps.take(visit.id, "cancel", cast.esha.actor)


def _undoes_a_no_show(cast: Cast) -> Command:
    visit = scheduled(cast.asha, cast.dr_chandra)
    with clock.travelled(at("09:30")):
        take(visit, "no_show", by=cast.esha)
    return _at("09:40", lambda: steps.take(visit.id, "undo_no_show", cast.esha.actor))


def _says_no_show(cast: Cast) -> Command:
    visit = scheduled(cast.asha, cast.dr_chandra)
    return _at("09:30", lambda: steps.take_to(visit.id, Status.NO_SHOW, cast.esha.actor))


def _sweeps_no_shows(cast: Cast) -> Command:
    scheduled(cast.asha, cast.dr_chandra)
    return _at("09:30", sweep.mark_no_shows)


def _releases_a_hold(cast: Cast) -> Command:
    hold_for(cast.asha, cast.dr_chandra)
    return _at("07:00", release.release_unproven)


def _ends_what_is_not_theirs(cast: Cast) -> Command:
    book(cast.asha, cast.dr_chandra)
    fact = UserFact(organisation_id=None, user_id=cast.asha.user_id)
    return lambda: transactional(release.on_disowned)([fact])


def _sweeps_requests(cast: Cast) -> Command:
    set_rules(cast.harbour, approval_required=True)
    book(cast.asha, cast.dr_chandra)
    return _at("09:30", sweep.cancel_not_accepted)


def _at(wall: str, command: Command) -> Command:
    def later() -> object:
        with clock.travelled(at(wall)):
            return command()

    return later


def _publishes(cast: Cast) -> Command:
    new = schedules.NewWindow(cast.quay_street, time(14), time(16), weekday=1)
    return lambda: schedules.publish_window(cast.dr_chandra.doctor_id, new, THE_SYSTEM)


def _publishes_a_week(cast: Cast) -> Command:
    week = hours.WeeklyHours([5, 6], time(14), time(16), 30, cast.quay_street)
    return lambda: hours.publish_hours(cast.dr_chandra.doctor_id, week, THE_SYSTEM)


def _first_window(cast: Cast):
    return windows_of([cast.dr_chandra.doctor_id])[cast.dr_chandra.doctor_id][0].id


def _changes_hours(cast: Cast) -> Command:
    key = _first_window(cast)
    return lambda: schedules.update_window(key, {"end": time(11)}, THE_SYSTEM)


def _withdraws_hours(cast: Cast) -> Command:
    key = _first_window(cast)
    return lambda: schedules.withdraw_window(key, THE_SYSTEM)


def _takes_time_off(cast: Cast) -> Command:
    return lambda: schedules.take_time_off(
        cast.dr_chandra.doctor_id, at("09:00"), at("11:00"), "", THE_SYSTEM
    )


def _is_back(cast: Cast) -> Command:
    off = _takes_time_off(cast)()
    return lambda: schedules.withdraw_time_off(off.id, THE_SYSTEM)


def _writes_a_profile(cast: Cast) -> Command:
    changes = {"bio": "Hearts.", "languages": ["fr"]}
    return lambda: profiles.upsert_profile(cast.dr_chandra.user_id, changes, THE_SYSTEM)


def _changes_rules(cast: Cast) -> Command:
    rules = {"minimum_notice_minutes": 240}
    return lambda: organisations.update_settings(cast.harbour, rules, THE_SYSTEM)


def _renames_the_clinic(cast: Cast) -> Command:
    return lambda: organisations.update(cast.harbour, {"name": "Port Clinic"}, THE_SYSTEM)


def _opens_another_place(cast: Cast) -> Command:
    return lambda: organisations.add_location(cast.harbour, "North Hill", "1 North Hill")


def _moves_a_place(cast: Cast) -> Command:
    changes = {"name": "Pier", "address": "2 Pier"}
    return lambda: places.change(cast.harbour, cast.quay_street, changes, cast.amir.actor)


def _closes_a_place(cast: Cast) -> Command:
    return lambda: places.close(cast.harbour, cast.quay_street, cast.amir.actor, "keep")


def _closes(cast: Cast) -> Command:
    return lambda: organisations.deactivate(cast.harbour, cast.gita.actor)


def _opens_again(cast: Cast) -> Command:
    _closes(cast)()
    return lambda: organisations.reactivate(cast.harbour, cast.gita.actor)


def _is_renamed(cast: Cast) -> Command:
    changes = {"full_name": "Chandra Iyer-Rao"}
    return lambda: users.update(cast.dr_chandra.user_id, changes, cast.amir.actor)


def _renames_herself(cast: Cast) -> Command:
    changes = {"full_name": "Chandra Iyer-Rao"}
    return lambda: profile.update_own(
        cast.dr_chandra.user_id, changes, cast.dr_chandra.actor
    )  # fmt: skip


def _leaves(cast: Cast) -> Command:
    return lambda: users.deactivate(cast.dr_chandra.user_id, cast.amir.actor)


def _hands_over(cast: Cast) -> Command:
    visit = scheduled(cast.asha, cast.dr_chandra)
    users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, "keep")
    return lambda: handover.hand_over_one(visit.id, cast.esha.actor)


def _leaves_visits(cast: Cast) -> Command:
    scheduled(cast.asha, cast.dr_chandra)
    return lambda: users.deactivate(cast.dr_chandra.user_id, cast.amir.actor, "cancel")


def _closes_with_visits(cast: Cast) -> Command:
    scheduled(cast.asha, cast.dr_chandra)
    return lambda: organisations.deactivate(cast.harbour, cast.gita.actor, "cancel")


def _withdraws_with_visits(cast: Cast) -> Command:
    key = scheduled(cast.asha, cast.dr_chandra).schedule_id
    return lambda: schedules.withdraw_window(key, THE_SYSTEM, "cancel")


def _is_discharged(cast: Cast) -> Command:
    scheduled(cast.asha, cast.dr_chandra)
    return lambda: records.deactivate(
        cast.harbour, cast.asha.patient_id, cast.esha.actor, "cancel"
    )  # fmt: skip


def _comes_back(cast: Cast) -> Command:
    _leaves(cast)()
    return lambda: users.reactivate(cast.dr_chandra.user_id, cast.amir.actor)


def _gets_a_photo(cast: Cast) -> Command:
    return lambda: photo._name_photo(cast.dr_chandra.user_id, "a.webp", cast.dr_chandra.actor)


def _loses_the_photo(cast: Cast) -> Command:
    _gets_a_photo(cast)()
    return lambda: photo._forget_photo(
        cast.dr_chandra.user_id, "a.webp", cast.dr_chandra.actor
    )  # fmt: skip


COMMANDS: dict[str, Case | str] = {
    "appointments.booking.book.book": _books,
    "appointments.booking.book.book_once": _books_with_a_key,
    "appointments.booking.book.book_in_window": _books_in_window,
    "appointments.booking.move.reschedule": _moves_to_another_doctor,
    "appointments.steps.take.take": _cancels,
    "appointments.steps.take.take_to": _says_no_show,
    "appointments.steps.sweep.mark_no_shows": _sweeps_no_shows,
    "appointments.steps.sweep.cancel_not_accepted": _sweeps_requests,
    "appointments.holding.release.release_unproven": _releases_a_hold,
    "appointments.holding.release.on_proven": NO_SEAT,
    "appointments.holding.code._end_others": NOT_SHOWN,
    "appointments.steps.accept.accept_bookings": NO_SEAT,
    "appointments.steps.joined.on_joined": NO_SEAT,
    "appointments.outside.links.on_booked": NOT_SHOWN,
    "appointments.outside.links.on_rescheduled": NOT_SHOWN,
    "appointments.leaving.handover.hand_over_one": _hands_over,
    "appointments.leaving.heard.on_user_changed": _leaves_visits,
    "appointments.leaving.heard.on_organisation_closed": _closes_with_visits,
    "appointments.leaving.heard.on_location_closed": _closes_a_place,
    "appointments.leaving.heard.on_window_changed": _withdraws_with_visits,
    "appointments.leaving.heard.on_patient_gone": _is_discharged,
    "schedules.service.publish_window": _publishes,
    "schedules.weekly.hours.publish_hours": _publishes_a_week,
    "schedules.service.update_window": _changes_hours,
    "schedules.service.withdraw_window": _withdraws_hours,
    "schedules.service.take_time_off": _takes_time_off,
    "schedules.service.withdraw_time_off": _is_back,
    "doctors.service.create_profile": NEW,
    "doctors.service.on_user_changed": _is_renamed,
    "doctors.service.on_choices_changed": _publishes,
    "doctors.profiles.upsert_profile": _writes_a_profile,
    "organisations.service.open_organisation": NEW,
    "organisations.service.open_with_place": NEW,
    "organisations.service.add_location": _opens_another_place,
    "organisations.service.name_location": _opens_another_place,
    "organisations.places.service.change": _moves_a_place,
    "organisations.places.service.close": _closes_a_place,
    "organisations.service.update": _renames_the_clinic,
    "organisations.service.update_settings": _changes_rules,
    "organisations.policies.service.publish": NOT_SHOWN,
    "organisations.service.deactivate": _closes,
    "organisations.service.reactivate": _opens_again,
    "accounts.own.photo._name_photo": _gets_a_photo,
    "accounts.own.photo._forget_photo": _loses_the_photo,
    "accounts.own.profile.allow_texts": NOT_SHOWN,
    "accounts.own.profile.update_own": _renames_herself,
    "accounts.addresses.*": NOT_SHOWN,
    "accounts.noticed.*": NOT_SHOWN,
    "accounts.own.security.*": NOT_SHOWN,
    "accounts.opening.service._open": NEW,
    "accounts.people.create.*": NEW,
    "accounts.people.newcomers.store": NEW,
    "accounts.people.users.update": _is_renamed,
    "accounts.people.users.deactivate": _leaves,
    "accounts.people.users.reactivate": _comes_back,
    "accounts.people.users.end_sessions": NOT_SHOWN,
    "accounts.people.users.resend_invitation": NOT_SHOWN,
    "accounts.proof.*": NOT_SHOWN,
    "accounts.recovery.*": NOT_SHOWN,
    "accounts.sessions.*": NOT_SHOWN,
    "accounts.signin.*": NOT_SHOWN,
}
# One command may do several things; these are no commands of their own.
MORE: dict[str, Case] = {
    "undo of a no-show": _undoes_a_no_show,
    "visits of an account that somebody else proved": _ends_what_is_not_theirs,
}
