"""The page of a doctor's profile, for the doctor and for who runs the clinic."""

from uuid import UUID

from flask import Blueprint, flash, make_response, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from clinic.access.roles import KEEP_OWN_DOCTORS
from clinic.core.web import htmx
from clinic.core.web.forms import blame
from clinic.core.web.security import access
from clinic.doctors import profiles
from clinic.doctors.errors import BadProfile, LicenceInUse
from clinic.doctors.keeping import queries, words
from clinic.doctors.keeping.forms import ProfileForm
from clinic.doctors.keeping.queries import Kept

bp = Blueprint("doctor_profile", __name__)


@bp.route("/doctors/<uuid:doctor_id>/profile", methods=["GET", "POST"])
@access(*KEEP_OWN_DOCTORS)
def edit(doctor_id: UUID) -> Response:
    """`doctor_id` may be that of the user, who is no doctor before the first profile."""
    kept = queries.kept(doctor_id, current_user.actor)
    form = ProfileForm(kept)
    if not form.is_submitted():
        return _page(kept, form)
    if not form.validate():
        return _page(kept, form, 422)
    try:
        doctor = profiles.upsert_profile(kept.user_id, form.values, current_user.actor)
    except (BadProfile, LicenceInUse) as error:
        return _page(kept, form, 422, blame(form, error))
    flash(str(words.SAVED if kept.profile else words.FIRST_SAVED), "ok")
    return htmx.go(url_for("schedules.index", doctor=doctor.id))


def _page(kept: Kept, form: ProfileForm, status: int = 200, problem: str | None = None) -> Response:
    page = render_template(
        "doctors/keeping/profile.html",
        kept=kept,
        form=form,
        problem=problem,
        is_own=kept.user_id == current_user.id,
    )
    return make_response(page, status)
