"""The part of a page that takes a code."""

from typing import Any

from flask import url_for
from flask_login import current_user

from clinic.accounts.forms import CodeForm
from clinic.appointments.holding import code
from clinic.core.web.security import local_path


def code_part(
    following: str, form: CodeForm | None = None, problem: str | None = None
) -> dict[str, Any]:
    """What `_proof.html` needs; `following` is where a right code leads."""
    holder = code.person(current_user.patient_id)
    waits = code.awaited(current_user.id)
    return {
        "waits": waits,
        "targets": [(kind, getattr(holder, kind)) for kind in holder.kinds("phone")],
        "code_form": form or CodeForm(formdata=None),
        "code_problem": problem,
        "following": following,
    }


def following_in(values: Any) -> str:
    """A page of this site."""
    return local_path(values.get("next"), url_for("appointments.index"))
