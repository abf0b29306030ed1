"""What the pages can do a program can: every act of a page has its operation, or stands among what
the document says is left out."""

import re
from typing import Any

import pytest
from flask import Flask

from clinic.access.roles import Role
from clinic.api import openapi
from clinic.core.web.security import EVERYONE, SIGNED_IN

SIGN_IN, STEP = "POST /auth/login", "POST /appointments/{appointment_id}"
ORGANISATION, PLACE = "PATCH /organisations/{organisation_id}", "/organisations/{organisation_id}"
WEBHOOK = "/webhooks/subscriptions/{webhook_id}"
SET_UP = "POST /auth/two-factor"
WORDING = "/message-templates/{template}/{channel}/{language}"
SENDER = "POST /sender-identities/{sender_id}"

# The act of a page, by its endpoint: the operations that do it.
OPERATIONS: dict[str, tuple[str, ...]] = {
    "account.allow_texts": ("DELETE /users/me/text-stop",),
    "account.prove": ("POST /users/me/verify",),
    "account.remove_photo": ("DELETE /users/me/photo",),
    "account.save": ("PATCH /users/me",),
    "account.save_photo": ("POST /users/me/photo",),
    "account.send_again": ("PATCH /users/me", "POST /users/me/verify/send"),
    "account.send_code": ("PATCH /users/me",),
    "account.verify": ("POST /users/me/verify/send",),
    "accounts.login": (SIGN_IN,),
    "accounts.login_code": (SIGN_IN,),  # `otp`
    "accounts.logout": ("POST /auth/logout",),
    "appointments.accept": (f"{STEP}/accept",),
    "appointments.book": ("POST /appointments",),
    "appointments.cancel": (f"{STEP}/cancel",),
    "appointments.check_in": (f"{STEP}/check-in",),
    "appointments.complete": (f"{STEP}/complete",),
    "appointments.confirm": (f"{STEP}/confirm",),
    "appointments.enter_code": ("POST /users/me/verify",),
    "appointments.no_show": (f"{STEP}/no-show",),
    "appointments.reschedule": (f"{STEP}/reschedule",),
    "appointments.send_code": ("POST /users/me/verify/send",),
    "appointments.start": (f"{STEP}/start",),
    "appointments.undo": (f"{STEP}/undo",),
    "deaths.confirm": ("POST /patients/{patient_id}/death-note/confirm",),
    "deaths.dismiss": ("POST /patients/{patient_id}/death-note/dismiss",),
    "doctor_profile.edit": ("PUT /doctors/{doctor_id}/profile", "PUT /doctors/me/profile"),
    "hooks.delete": (f"DELETE {WEBHOOK}",),
    "hooks.new": ("POST /webhooks/subscriptions",),
    "hooks.pause": (f"PATCH {WEBHOOK}",),  # `is_active`, as the next
    "hooks.redeliver": (f"POST {WEBHOOK}/deliveries/{{delivery_id}}/redeliver",),
    "hooks.resume": (f"PATCH {WEBHOOK}",),
    "hooks.rotate_secret": (f"POST {WEBHOOK}/rotate-secret",),
    "hooks.save": (f"PATCH {WEBHOOK}",),
    "hooks.send_test": (f"POST {WEBHOOK}/test",),
    "joining.claim": ("PUT /patients/me/profile",),  # `date_of_birth`
    "joining.join": ("POST /patients/{patient_id}/join",),
    "leaving.hand_over": (f"{STEP}/hand-over",),
    "many.resend": ("POST /messages/resend",),
    "messaging.cancel": ("POST /messages/{message_id}/cancel",),
    "messaging.resend": ("POST /messages/{message_id}/resend",),
    "messaging.seen": ("POST /messages/{message_id}/seen",),
    "organisations.add_location": (f"POST {PLACE}/locations",),
    "organisations.deactivate": (ORGANISATION,),  # `is_active`, as the next
    "organisations.new": ("POST /organisations",),
    "organisations.reactivate": (ORGANISATION,),
    "organisations.save_details": (ORGANISATION,),
    "organisations.save_rules": (f"{ORGANISATION}/settings",),
    "organisations.save_security": (f"{ORGANISATION}/settings",),
    "organisations.save_ways": (f"{ORGANISATION}/settings",),  # `channel_order`
    "patients.signup": ("POST /auth/patient/signup",),
    "readiness.check": ("POST /messaging/readiness",),
    "readiness.point_here": ("POST /messaging/readiness/webhooks",),
    "readiness.send_test": ("POST /messaging/readiness/test",),
    **{
        f"{room}.{act}": (operation,)
        for room in ("reminders", "my_reminders")
        for act, operation in {
            "save": "POST /reminders",
            "update": "PUT /reminders/{reminder_id}",
            "cancel": "POST /reminders/{reminder_id}/cancel",
            "pause": "POST /reminders/{reminder_id}/pause",
            "resume": "POST /reminders/{reminder_id}/resume",
            "send_now": "POST /reminders/{reminder_id}/send-now",
        }.items()
    },
    "policies.publish": (f"PUT {PLACE}/policies/privacy", f"PUT {PLACE}/policies/terms"),
    "reminder_rules.add": (f"POST {PLACE}/reminder-rules",),
    "reminder_rules.delete": (f"DELETE {PLACE}/reminder-rules/{{rule_id}}",),
    "reminder_rules.save": (f"PATCH {PLACE}/reminder-rules/{{rule_id}}",),
    "reminder_rules.save_quiet_hours": (f"PATCH {PLACE}/quiet-hours",),
    "registering.register": ("POST /patients",),
    "people.save": ("PATCH /patients/{patient_id}",),
    "people.text_again": ("DELETE /patients/{patient_id}/unreachable",),
    "places.close": (f"DELETE {PLACE}/locations/{{location_id}}",),
    "places.save": (f"PATCH {PLACE}/locations/{{location_id}}",),
    "recovery.accept": ("POST /auth/invitation",),
    "recovery.answer": ("POST /auth/contact",),
    "recovery.forgot": ("POST /auth/forgot",),
    "recovery.set_password": ("POST /auth/reset",),
    "desk_hours.save": ("PUT /desk-hours",),
    "saved_replies.add": ("POST /saved-replies",),
    "saved_replies.delete": ("DELETE /saved-replies/{reply_id}",),
    "saved_replies.save": ("PUT /saved-replies/{reply_id}",),
    "schedules.publish": ("POST /doctors/{doctor_id}/schedules", "POST /doctors/me/schedules"),
    "schedules.withdraw": (
        "DELETE /doctors/{doctor_id}/schedules/{schedule_id}",
        "DELETE /doctors/me/schedules/{schedule_id}",
    ),
    "senders.create": ("POST /sender-identities",),
    "senders.make_default": (f"{SENDER}/default",),
    "senders.remove": ("DELETE /sender-identities/{sender_id}",),
    "senders.verify": (f"{SENDER}/verify",),
    "wording.preview": (f"POST {WORDING}/preview",),
    "wording.save": (f"PUT {WORDING}",),
    "wording.standard": (f"DELETE {WORDING}",),
    "threads.attach": ("POST /conversations/{conversation_id}/attach",),
    "threads.claim": ("POST /conversations/{conversation_id}/claim",),
    "threads.close": ("POST /conversations/{conversation_id}/close",),
    "threads.read": ("POST /conversations/{conversation_id}/read",),
    "threads.release": ("POST /conversations/{conversation_id}/release",),
    "threads.reopen": ("POST /conversations/{conversation_id}/reopen",),
    "threads.reply": ("POST /conversations/{conversation_id}/reply",),
    "security.begin": (f"{SET_UP}/begin",),
    "security.change_password": ("POST /users/me/password",),
    "security.end": ("DELETE /auth/sessions/{session_id}",),
    "security.end_others": ("POST /auth/sessions/end-others",),
    "security.renew_codes": (f"{SET_UP}/codes",),
    "security.switch_off": (f"{SET_UP}/off",),
    "security.switch_on": (f"{SET_UP}/on",),
    "signup.clinic": ("POST /organisations/signup",),
    "users.deactivate": ("DELETE /users/{user_id}",),
    "users.end_sessions": ("POST /users/{user_id}/end-sessions",),
    "users.invite": ("POST /users/{user_id}/invite",),
    "users.new": ("POST /users",),
    "users.reactivate": ("PATCH /users/{user_id}",),  # `is_active`
    "users.show": ("PATCH /users/{user_id}",),
}
# What no operation does: the words of the document that say so.
LEFT_OUT: dict[str, str] = {
    "lock.unlock": "the lock of an idle screen",
    "unsubscribe.start": "the links of letters",
    "unsubscribe.stop": "the links of letters",
    "visit.cancel": "the links of a visit",
    "visit.confirm": "the links of a visit",
    "visit.reschedule": "the links of a visit",
}
# Not acts: the first brings typed words to another page, the second exists in development alone,
# the third counts letters.
NO_ACTS = {"appointments.choose", "dev.reply", "threads.length"}
MACHINES = ("api_", "twilio.")


@pytest.fixture
def acts(app: Flask) -> set[str]:
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.endpoint.startswith(MACHINES)
    }


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return openapi.document()


def test_every_act_of_a_page_is_an_operation_or_left_out_in_words(acts: set[str]):
    assert acts == {*OPERATIONS, *LEFT_OUT, *NO_ACTS}
    assert len(OPERATIONS) + len(LEFT_OUT) + len(NO_ACTS) == len(acts)  # none stands twice


def test_the_operations_are_there(document: dict[str, Any]):
    there = {
        f"{verb.upper()} {path.removeprefix('/api/v1')}"
        for path, item in document["paths"].items()
        for verb in item
    }
    assert {one for many in OPERATIONS.values() for one in many} - there == set()


def test_whoever_may_act_on_the_page_may_by_program(app: Flask):
    """By their roles; rows of the tables of access show whose things they may act on."""
    operations = {
        f"{method} {_path(rule.rule)}": who_may(app, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api_")
        for method in rule.methods or ()
    }
    shut_out = {
        endpoint: sorted(who_may(app, endpoint) - set().union(*(operations[one] for one in many)))
        for endpoint, many in OPERATIONS.items()
    }
    shut_out["accounts.logout"].remove(EVERYONE)  # a program without a token has nothing to end
    assert {endpoint: roles for endpoint, roles in shut_out.items() if roles} == {}


def _path(rule: str) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule).removeprefix("/api/v1")


def who_may(app: Flask, endpoint: str) -> set[str]:
    roles: frozenset[str] = app.view_functions[endpoint].access  # type: ignore[attr-defined]
    if EVERYONE in roles:
        return {*Role, EVERYONE}
    return {*Role} if SIGNED_IN in roles else {*roles}


def test_the_document_says_what_is_left_out(document: dict[str, Any]):
    told = " ".join(document["info"]["description"].split())
    assert {words for words in LEFT_OUT.values() if words not in told} == set()
