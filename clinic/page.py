"""What every page needs around its content: the shell, the navigation, the theme."""

import contextlib
from typing import Any
from zlib import crc32

from flask import Flask, current_app, g, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from clinic.access.roles import (
    MANAGE_ACCOUNTS,
    OPEN_ORGANISATIONS,
    READ_DIARIES,
    READ_MESSAGES,
    REMIND_MANY,
    RUN_OWN_ORGANISATION,
    SEE_SYSTEM,
    WORK_SOMEWHERE,
)
from clinic.accounts import words as account_words
from clinic.appointments.board import words as board_words
from clinic.appointments.board.waiting import counts
from clinic.core import phones, running, saying
from clinic.messaging.consents import words as text_words
from clinic.organisations import queries as organisations
from clinic.organisations.site.queries import Site, for_person

Link = dict[str, str | bool]


def init_app(app: Flask) -> None:
    app.context_processor(_around)
    app.add_template_filter(account_words.role, "role_name")
    app.add_template_filter(saying.country, "country_name")
    app.add_template_filter(_phone, "phone")
    app.add_template_filter(_tint, "tint")
    app.add_template_filter(saying.duration, "duration")
    app.extensions["whose"] = _whose
    app.add_template_global(_phone_example, "phone_example")
    app.add_template_global(text_words.below_a_number, "text_words")


def _tint(name: str) -> int:
    """Which of the four colours an avatar has. Not `hash`: that is another one in each process."""
    return crc32(name.encode()) % 4


def _phone(number: str | None, home: str | None = None) -> str:
    """As its reader writes it, in one piece. `home` is a country; else that of the reader."""
    written = phones.as_dialled(number or "", home or g.get("home_country"))
    return written.replace(" ", "\N{NO-BREAK SPACE}") if written != number else written


def _phone_example(country: str | None = None) -> phones.Example | None:
    """What a form accepts that reads numbers by this country, "" for by none; else by the one that
    is in force for who types."""
    if country is None:
        person = current_user if current_user.is_authenticated else None
        country = organisations.country_for(person.organisation_id if person else None)
    return phones.example(country or None)


def _around() -> dict[str, Any]:
    person = current_user if current_user and current_user.is_authenticated else None
    shell = "public" if person is None else "patient" if person.is_patient else "staff"
    theme = request.cookies.get("theme", "")
    return {
        "shell": shell,
        "layout": f"layouts/{shell}.html",
        "lang": saying.language_tag(),
        "nav": _nav(person),
        "waits": _waits,
        "clinics_may_sign_up": current_app.config["SETTINGS"].clinics_may_sign_up,
        "site": _Whose(person),
        "theme": theme if theme in ("light", "dark") else "",
    }


class _Whose:
    """The site of a page whose view names none; who it is, is asked for only where it is said.

    What works for somewhere is said by its name alone: no page at work has a foot.
    """

    def __init__(self, person: Any) -> None:
        """And, in passing, the country whose form of numbers the reader writes."""
        self._person = person
        self._site: Site | None = None
        g.home_country = phones.home_of(person.phone) if person else None
        if person and person.may(WORK_SOMEWHERE):
            name, g.home_country = organisations.name_and_country(person.organisation_id)
            if name:
                where = {"country": g.home_country, "organisation_id": person.organisation_id}
                self._site = Site(name, **where)

    def __getattr__(self, name: str) -> object:
        if self._site is None:
            sites = running.registered("sites")
            is_theirs = self._person and self._person.is_patient
            self._site = for_person(self._person.id) if is_theirs else sites.known()
        return getattr(self._site, name)


def _whose(may_ask: bool) -> Site:
    """Whose error page it is. It must stand whatever has failed."""
    if may_ask:
        with contextlib.suppress(SQLAlchemyError):
            somebody = None if current_user.is_anonymous else current_user
            return for_person(somebody.id) if somebody else running.registered("sites").known()
    return running.registered("sites").remembered()


def _nav(person: Any) -> list[Link]:
    if person is None:
        return [_link("find", "doctors.index", "search", _("Find a doctor"))]
    if person.is_patient:
        return [
            _link("find", "doctors.index", "calendar-plus", _("Book")),
            _link("appointments", "appointments.index", "calendar-days", _("Appointments")),
            _link("reminders", "my_reminders.index", "bell", _("Reminders")),
        ]
    return _nav_at_work(person)


def _nav_at_work(person: Any) -> list[Link]:
    """On a phone the bar is full: the inbox leads to all messages, and these to the reminders; of
    an administrator the name of the clinic to the doctors, and the settings to the system."""
    links = []
    if person.may(READ_DIARIES):
        links.append(_link("board", "board.index", "activity", _("Today")))
        links.append(_link("schedules", "schedules.index", "calendar-days", _("Schedule")))
    is_full = person.may(RUN_OWN_ORGANISATION)
    if person.may(READ_MESSAGES):
        links.append(_link("inbox", "threads.index", "messages-square", _("Inbox")))
        links.append(_link("messages", "messaging.index", "send", _("Messages"), wide_only=True))
    if person.may(REMIND_MANY):
        links.append(_link("reminders", "reminders.index", "bell", _("Reminders"), wide_only=True))
    if person.may(OPEN_ORGANISATIONS):
        links.append(
            _link("organisations", "organisations.index", "building-2", _("Organisations"))
        )
    if person.may(MANAGE_ACCOUNTS):
        links.append(_link("users", "users.index", "users", _("Users")))
    links.append(_link("find", "doctors.index", "search", _("Doctors"), wide_only=is_full))
    if is_full:
        links.append(_link("settings", "organisations.settings", "settings", _("Settings")))
    if person.may(SEE_SYSTEM):
        links.append(_link("system", "admin.health", "server", _("System"), wide_only=is_full))
    return links


def _link(key: str, endpoint: str, icon: str, text: str, wide_only: bool = False) -> Link:
    href = url_for(endpoint)
    return {"key": key, "href": href, "icon": icon, "text": text, "wide_only": wide_only}


def _waits() -> dict[str, str]:
    """What waits, asked only where the navigation is drawn: parts of pages ask nothing."""
    return board_words.waits(counts(current_user.actor))
