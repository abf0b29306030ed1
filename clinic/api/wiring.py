"""Every resource of the API, and what stands before and beside all of them."""

from apiflask import APIFlask
from flask_cors import CORS

from clinic.api import limits, openapi, time
from clinic.api.accounts import (
    auth,
    clinic_signup,
    me,
    recovery,
    sessions,
    two_factor,
    users,
)
from clinic.api.appointments import appointments, slots, statistics, steps, tasks
from clinic.api.consents import consents
from clinic.api.doctors import doctors
from clinic.api.frame import PREFIX
from clinic.api.hooks import types as event_types
from clinic.api.hooks import webhooks as hooks
from clinic.api.messaging import conversations, desk_hours, saved_replies, twilio
from clinic.api.messaging.ledger import many, messages
from clinic.api.messaging.ledger import statistics as message_statistics
from clinic.api.messaging.setup import readiness, senders, templates
from clinic.api.organisations import locations, organisations, policies
from clinic.api.patients import imports, joining, patients, profile, signup
from clinic.api.reminders import reminders, rules, webhooks
from clinic.api.schedules import of_doctors, schedules, time_off

RESOURCES = (
    signup,
    auth,
    sessions,
    two_factor,
    recovery,
    me,
    users,
    organisations,
    locations,
    policies,
    clinic_signup,
    doctors,
    slots,
    schedules,
    of_doctors,
    time_off,
    profile,
    patients,
    joining,
    imports,
    appointments,
    steps,
    statistics,
    reminders,
    rules,
    messages,
    many,
    message_statistics,
    senders,
    templates,
    conversations,
    saved_replies,
    consents,
    readiness,
    desk_hours,
    webhooks,
    hooks,
    event_types,
    tasks,
    time,
)
for resource in RESOURCES:  # once for all apps: a blueprint that is registered takes no more hooks
    limits.guard(resource.bp)


def init_app(app: APIFlask) -> None:
    openapi.configure(app)
    limits.init_app(app)
    for resource in RESOURCES:
        app.register_blueprint(resource.bp)
        app.extensions["csrf"].exempt(resource.bp)  # browsers send no bearer tokens by themselves
    app.register_blueprint(twilio.bp)
    app.extensions["csrf"].exempt(twilio.bp)  # machines sign their posts instead
    _let_others_call(app)


def _let_others_call(app: APIFlask) -> None:
    """Pages of other sites: none, but those that CORS_ORIGINS names."""
    origins = app.config["SETTINGS"].origins
    if not origins:
        return
    CORS(
        app,
        resources={f"{PREFIX}/*": {"origins": origins}},
        allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID"],
        expose_headers=["X-Request-ID", "Retry-After"],
        max_age=600,
    )
