"""What clients are generated from: plain names of models and operations in the document."""

import json
from typing import Any

SCHEMAS = "#/components/schemas/"
# An enumeration's class is named for its room, where the room is said; here it is not.
PLAINLY = {"Status": "AppointmentStatus"}
# endpoint: the call as a client's author would name it. Other views are called as they are.
OPERATIONS = {
    "api_appointment_stats.of_days": "get_doctor_statistics",
    "api_appointment_steps.accept": "accept_appointment",
    "api_appointment_steps.cancel": "cancel_appointment",
    "api_appointment_steps.check_in": "check_in_appointment",
    "api_appointment_steps.complete": "complete_appointment",
    "api_appointment_steps.confirm": "confirm_appointment",
    "api_appointment_steps.no_show": "mark_no_show",
    "api_appointment_steps.reschedule": "reschedule_appointment",
    "api_appointment_steps.start": "start_appointment",
    "api_appointment_steps.undo": "undo_appointment_step",
    "api_appointments.book": "book_appointment",
    "api_appointments.change": "change_appointment",
    "api_appointments.index": "list_appointments",
    "api_appointments.of_doctor": "list_appointments_of_doctor",
    "api_appointments.of_patient": "list_own_appointments",
    "api_appointments.show": "get_appointment",
    "api_auth.login": "sign_in",
    "api_auth.login_doctor": "sign_in_doctor",
    "api_auth.login_patient": "sign_in_patient",
    "api_auth.logout": "sign_out",
    "api_auth.me": "get_own_account",
    "api_auth.refresh": "refresh_tokens",
    "api_clinic_signup.sign_up": "sign_up_clinic",
    "api_conversations.attach": "attach_conversation",
    "api_conversations.claim": "claim_conversation",
    "api_conversations.close": "close_conversation",
    "api_conversations.index": "list_conversations",
    "api_conversations.read": "mark_conversation_read",
    "api_conversations.release": "release_conversation",
    "api_conversations.reopen": "reopen_conversation",
    "api_conversations.reply": "reply_to_conversation",
    "api_conversations.show": "get_conversation",
    "api_desk_hours.show": "get_desk_hours",
    "api_desk_hours.update": "put_desk_hours",
    "api_doctors.index": "list_doctors",
    "api_doctors.my_profile": "get_own_doctor_profile",
    "api_doctors.profile": "get_doctor_profile",
    "api_doctors.set_my_profile": "put_own_doctor_profile",
    "api_doctors.set_profile": "put_doctor_profile",
    "api_doctors.show": "get_doctor",
    "api_hooks.change": "update_webhook",
    "api_hooks.create": "create_webhook",
    "api_hooks.delete": "delete_webhook",
    "api_hooks.deliveries": "list_webhook_deliveries",
    "api_hooks.index": "list_webhooks",
    "api_hooks.redeliver": "redeliver_to_webhook",
    "api_hooks.rotate_secret": "rotate_webhook_secret",
    "api_hooks.send_test": "test_webhook",
    "api_hooks.show": "get_webhook",
    "api_locations.close": "close_location",
    "api_locations.create": "create_location",
    "api_locations.index": "list_locations",
    "api_locations.update": "update_location",
    "api_me.change_password": "change_password",
    "api_me.remove_photo": "remove_photo",
    "api_me.send_code": "send_contact_code",
    "api_me.show": "get_own_user",
    "api_me.update": "update_own_user",
    "api_me.upload_photo": "upload_photo",
    "api_me.verify": "verify_contact",
    "api_many_messages.cancel": "cancel_message",
    "api_many_messages.resend": "resend_messages",
    "api_messages.index": "list_messages",
    "api_messages.resend": "resend_message",
    "api_messages.seen": "mark_message_seen",
    "api_messages.show": "get_message",
    "api_message_stats.of_days": "get_message_statistics",
    "api_organisations.create": "create_organisation",
    "api_organisations.index": "list_organisations",
    "api_organisations.settings": "get_organisation_settings",
    "api_organisations.show": "get_organisation",
    "api_organisations.update": "update_organisation",
    "api_organisations.update_settings": "update_organisation_settings",
    "api_patient_imports.import_patients": "import_patients",
    "api_patient_imports.import_report": "get_patient_import",
    "api_patient_profile.own_profile": "get_own_patient_profile",
    "api_patient_profile.put_own_profile": "put_own_patient_profile",
    "api_patient_signup.sign_up": "sign_up_patient",
    "api_joining.join_records": "join_patients",
    "api_joining.show_alike": "list_alike_patients",
    "api_patients.change_patient": "update_patient",
    "api_patients.confirm_death": "confirm_death_note",
    "api_patients.deactivate_patient": "deactivate_patient",
    "api_patients.dismiss_death": "dismiss_death_note",
    "api_patients.find_patients": "list_patients",
    "api_patients.register_patient": "register_patient",
    "api_patients.show_patient": "get_patient",
    "api_readiness.check": "check_messaging",
    "api_readiness.point_here": "point_messaging_here",
    "api_readiness.send_test": "send_test_message",
    "api_readiness.show": "get_messaging_readiness",
    "api_recovery.answer_contact": "answer_contact_question",
    "api_recovery.forgot": "forget_password",
    "api_recovery.reset": "reset_password",
    "api_reminder_rules.create": "create_reminder_rule",
    "api_reminder_rules.delete": "delete_reminder_rule",
    "api_reminder_rules.index": "list_reminder_rules",
    "api_reminder_rules.quiet_hours": "get_quiet_hours",
    "api_reminder_rules.show": "get_reminder_rule",
    "api_reminder_rules.update": "update_reminder_rule",
    "api_reminders.cancel": "cancel_reminder",
    "api_reminders.change": "update_reminder",
    "api_reminders.create": "create_reminder",
    "api_reminders.deliveries": "list_deliveries_of_reminder",
    "api_reminders.index": "list_reminders",
    "api_reminders.of_user": "list_reminders_of_user",
    "api_reminders.pause": "pause_reminder",
    "api_reminders.preview": "preview_reminder",
    "api_reminders.resume": "resume_reminder",
    "api_reminders.send_now": "send_reminder_now",
    "api_reminders.show": "get_reminder",
    "api_saved_replies.create": "create_saved_reply",
    "api_saved_replies.delete": "delete_saved_reply",
    "api_saved_replies.index": "list_saved_replies",
    "api_saved_replies.show": "get_saved_reply",
    "api_saved_replies.update": "update_saved_reply",
    "api_schedules.change": "update_schedule",
    "api_schedules.index": "list_own_schedules",
    "api_schedules.of_doctor": "list_schedules_of_doctor",
    "api_schedules.publish": "publish_schedule",
    "api_schedules.show": "get_schedule",
    "api_schedules.withdraw": "withdraw_schedule",
    "api_schedules_of_doctors.change_of": "update_schedule_of_doctor",
    "api_schedules_of_doctors.index_of": "list_schedules_to_keep",
    "api_schedules_of_doctors.publish_for": "publish_schedule_of_doctor",
    "api_schedules_of_doctors.show_of": "get_schedule_of_doctor",
    "api_schedules_of_doctors.withdraw_of": "withdraw_schedule_of_doctor",
    "api_sessions.end": "end_session",
    "api_sessions.end_others": "end_other_sessions",
    "api_sessions.index": "list_sessions",
    "api_message_templates.index": "list_message_templates",
    "api_message_templates.preview": "preview_message_template",
    "api_message_templates.remove": "reset_message_template",
    "api_message_templates.show": "get_message_template",
    "api_message_templates.update": "update_message_template",
    "api_senders.create": "create_sender_identity",
    "api_senders.index": "list_sender_identities",
    "api_senders.make_default": "make_sender_identity_default",
    "api_senders.remove": "remove_sender_identity",
    "api_senders.update": "update_sender_identity",
    "api_senders.verify": "verify_sender_identity",
    "api_slots.index": "list_slots",
    "api_tasks.of_visit": "list_tasks_of_appointment",
    "api_tasks.show": "get_task",
    "api_time.now": "get_time",
    "api_time_off.index": "list_time_off",
    "api_time_off.show": "get_time_off",
    "api_time_off.take": "take_time_off",
    "api_time_off.withdraw": "withdraw_time_off",
    "api_two_factor.begin": "begin_two_factor",
    "api_two_factor.renew_codes": "renew_recovery_codes",
    "api_two_factor.show": "get_two_factor",
    "api_two_factor.switch_off": "switch_off_two_factor",
    "api_two_factor.switch_on": "switch_on_two_factor",
    "api_users.create": "create_user",
    "api_users.deactivate": "deactivate_user",
    "api_users.end_sessions": "end_sessions_of_user",
    "api_users.index": "list_users",
    "api_users.invite": "invite_user",
    "api_event_types.index": "list_event_types",
    "api_users.show": "get_user",
    "api_users.update": "update_user",
}
# The older of two addresses, or the second of two verbs, for one operation.
SECOND = {
    "/auth/token": "sign_in_by_form",
    "/auth/register/patient": "register_as_patient",
    "/patients/doctors": "list_doctors_for_patients",
}


def operation_id(endpoint: str, verb: str, path: str, verbs: int) -> str:
    """`path` without the prefix; `verbs`: how many of the view's address lead to it."""
    if path in SECOND:
        return SECOND[path]
    name = OPERATIONS.get(endpoint, endpoint.rpartition(".")[2])
    return f"{name}_by_patch" if verb == "patch" and verbs > 1 else name


def hoist(document: dict[str, Any]) -> dict[str, Any]:
    """Each model once, by its own name. Raises ValueError where two models share one."""
    models: dict[str, Any] = document["components"]["schemas"]
    plain = {name: _plain(name) for name in models}
    text = json.dumps(document)
    for name in sorted(plain, key=len, reverse=True):
        text = text.replace(f'"{SCHEMAS}{name}"', f'"{SCHEMAS}{plain[name]}"')
    hoisted: dict[str, Any] = json.loads(text)
    once: dict[str, Any] = {}
    for name, model in hoisted["components"]["schemas"].items():
        model["title"] = plain[name]  # generators call the class by its title
        if once.setdefault(plain[name], model) != model:
            raise ValueError(plain[name])
    hoisted["components"]["schemas"] = once
    return hoisted


def _plain(name: str) -> str:
    """Of a model that was found inside another: `AuthOut.UserOut`."""
    own = name.rpartition(".")[2]
    return PLAINLY.get(own, own)
