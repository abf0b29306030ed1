"""Every resource of the API, and what stands before and beside all of them."""

from apiflask import APIFlask
from flask_cors import CORS

from clinic.api import (
    appointment_stats,
    appointment_steps,
    appointments,
    auth,
    clinic_signup,
    doctors,
    limits,
    me,
    openapi,
    organisations,
    patient_imports,
    patient_profile,
    patients,
    reminders,
    schedules,
    slots,
    tasks,
    time,
    time_off,
    users,
    views,
)
from clinic.api.frame import PREFIX

RESOURCES = (
    auth,
    me,
    users,
    organisations,
    clinic_signup,
    doctors,
    slots,
    schedules,
    time_off,
    patient_profile,
    patients,
    patient_imports,
    appointments,
    appointment_steps,
    appointment_stats,
    reminders,
    tasks,
    time,
)


def init_app(app: APIFlask) -> None:
    openapi.configure(app)
    limits.init_app(app)
    for resource in RESOURCES:
        limits.guard(resource.bp)
        app.register_blueprint(resource.bp)
        app.extensions["csrf"].exempt(resource.bp)  # browsers send no bearer tokens by themselves
    app.register_blueprint(views.bp)
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
