"""What every page needs around its content: the shell, the navigation, the theme."""

from typing import Any

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from clinic.access.roles import Role
from clinic.organisations import queries as organisations

AT_WORK = (Role.DOCTOR, Role.STAFF, Role.ADMIN)


def init_app(app: Flask) -> None:
    app.context_processor(_around)


def _around() -> dict[str, Any]:
    role = current_user.role if current_user and current_user.is_authenticated else None
    shell = "public" if role is None else "patient" if role == Role.PATIENT else "staff"
    theme = request.cookies.get("theme", "")
    return {
        "shell": shell,
        "layout": f"layouts/{shell}.html",
        "nav": _nav(role),
        "clinics_may_sign_up": current_app.config["SETTINGS"].clinics_may_sign_up,
        "site": {"name": _site_name(role)},
        "theme": theme if theme in ("light", "dark") else "",
    }


def _site_name(role: str | None) -> str:
    if role in AT_WORK:
        return (
            organisations.name_of(current_user.organisation_id) or current_app.config["SITE_NAME"]
        )
    return current_app.config["SITE_NAME"]


def _nav(role: str | None) -> list[dict[str, str | bool]]:
    if role == Role.PATIENT:
        return [
            _link("find", "doctors.index", "calendar-plus", "Book"),
            _link("appointments", "appointments.index", "calendar-days", "Appointments"),
        ]
    links = []
    if role in AT_WORK:
        links.append(_link("board", "board.index", "activity", "Today"))
        links.append(_link("schedules", "schedules.index", "calendar-days", "Schedule"))
    if role in (Role.STAFF, Role.ADMIN):
        links.append(_link("messages", "messaging.index", "messages-square", "Messages"))
    if role == Role.SUPERADMIN:
        links.append(_link("organisations", "organisations.index", "building-2", "Organisations"))
    if role in (Role.ADMIN, Role.SUPERADMIN):
        links.append(_link("users", "users.index", "users", "Users"))
    # On a phone an administrator's bar is full: the name of the clinic leads to the doctors,
    # the settings lead to the system.
    is_full = role == Role.ADMIN
    links.append(_link("find", "doctors.index", "search", "Find a doctor", wide_only=is_full))
    if role == Role.ADMIN:
        links.append(_link("settings", "organisations.settings", "settings", "Settings"))
    if role in (Role.ADMIN, Role.SUPERADMIN):
        links.append(_link("system", "admin.health", "server", "System", wide_only=is_full))
    return links


def _link(
    key: str, endpoint: str, icon: str, text: str, wide_only: bool = False
) -> dict[str, str | bool]:
    href = url_for(endpoint)
    return {"key": key, "href": href, "icon": icon, "text": text, "wide_only": wide_only}
