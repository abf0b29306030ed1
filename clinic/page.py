"""What every page needs around its content: the shell, the navigation, the theme."""

from typing import Any

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from clinic.accounts.roles import Role
from clinic.organisations import queries as organisations

AT_WORK = (Role.DOCTOR, Role.STAFF, Role.ADMIN)


def init_app(app: Flask) -> None:
    app.context_processor(_around)


def _around() -> dict[str, Any]:
    role = current_user.role if current_user and current_user.is_authenticated else None
    shell = "public" if role is None else "staff" if role in AT_WORK else "patient"
    theme = request.cookies.get("theme", "")
    return {
        "shell": shell,
        "layout": f"layouts/{shell}.html",
        "nav": _nav(role),
        "site": {"name": _site_name(role)},
        "theme": theme if theme in ("light", "dark") else "",
    }


def _site_name(role: str | None) -> str:
    if role in AT_WORK:
        return (
            organisations.name_of(current_user.organisation_id) or current_app.config["SITE_NAME"]
        )
    return current_app.config["SITE_NAME"]


def _nav(role: str | None) -> list[dict[str, str]]:
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
    links.append(_link("find", "doctors.index", "search", "Find a doctor"))
    if role in (Role.ADMIN, Role.SUPERADMIN):
        links.append(_link("system", "admin.health", "server", "System"))
    return links


def _link(key: str, endpoint: str, icon: str, text: str) -> dict[str, str]:
    return {"key": key, "href": url_for(endpoint), "icon": icon, "text": text}
