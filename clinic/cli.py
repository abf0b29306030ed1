"""`flask ...`: what operators type."""

from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from clinic.config import ROOT


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """Create or migrate the database, and the superadmin if SUPERADMIN_* name one."""
    from flask_migrate import upgrade

    upgrade(directory=str(ROOT / "migrations"))
    _create_named_superadmin()


@click.command()
@click.option("--burst", is_flag=True, help="Stop when nothing waits.")
@with_appcontext
def worker(burst: bool) -> None:
    """Run background jobs."""
    from clinic.core.work import queue
    from clinic.messaging import channels

    channels.get_ready()
    queue.work(current_app._get_current_object(), burst=burst)  # type: ignore[attr-defined]


@click.command()
@with_appcontext
def scheduler() -> None:
    """Hand the worker its ticks, by the timetable."""
    from clinic.core.work import ticking

    ticking.tick(current_app.config["SETTINGS"], current_app.config["TICKS"])


@click.command()
@click.option("--scale", default=1, show_default=True, help="Multiply the demo clinic.")
@with_appcontext
def seed(scale: int) -> None:
    """Fill an empty database with a demo clinic and write seed/report.json."""
    from clinic import demo

    if current_app.config["SETTINGS"].production:
        raise click.ClickException("demo logins must not exist in production")
    click.echo(demo.seed(scale=scale).summary())


@click.command("create-superadmin")
@click.option("--email", required=True)
@click.option("--name", default="Superadmin", show_default=True)
@click.password_option()
@with_appcontext
def create_superadmin(email: str, name: str, password: str) -> None:
    """Create the account that sees every organisation."""
    _create_superadmin(email, password, name)


def _create_named_superadmin() -> None:
    """The one of SUPERADMIN_*, if they name one: said at each start, so silent when it is there."""
    from clinic.stack.preparing import names_a_superadmin

    settings = current_app.config["SETTINGS"]
    if names_a_superadmin(settings):
        _create_superadmin(
            settings.superadmin_email, settings.superadmin_password, settings.superadmin_full_name
        )


def _create_superadmin(email: str, password: str, name: str) -> None:
    from clinic.access.actor import THE_SYSTEM
    from clinic.accounts.errors import WeakPassword
    from clinic.accounts.people import create

    try:
        created = create.create_superadmin(email, password, name, THE_SYSTEM)
    except WeakPassword as error:
        problem = error.errors[0]
        raise click.ClickException(problem.words % problem.values) from error
    click.echo("created" if created else "there is already an account with this address")


@click.command()
@with_appcontext
def up() -> None:
    """Start everything in one terminal: Redis, web, worker and scheduler."""
    from clinic import stack

    raise SystemExit(stack.up(current_app.config["SETTINGS"]))


@click.command(hidden=True)
@with_appcontext
def prepare() -> None:
    """What `up` asks of a process of its own: the database, and the demo clinic."""
    from clinic.stack import preparing

    preparing.prepare()
    _create_named_superadmin()


@click.command(hidden=True)
@with_appcontext
def superadmin() -> None:
    """What a web process asks of a process of its own before it starts."""
    _create_named_superadmin()


@click.command()
@with_appcontext
def backup() -> None:
    """Save the configured database while the clinic works."""
    from clinic import upkeep

    click.echo(upkeep.backup(current_app.config["SETTINGS"]))


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@with_appcontext
def restore(source: Path) -> None:
    """Put a backup into the configured database, and migrate it."""
    from flask_migrate import upgrade

    from clinic import upkeep

    upkeep.restore(current_app.config["SETTINGS"], source)
    upgrade(directory=str(ROOT / "migrations"))
    click.echo(f"restored {source}")


@click.command("reset-db")
@with_appcontext
def reset_db() -> None:
    """Empty the configured database and create it anew; refused in production."""
    from flask_migrate import upgrade

    from clinic import upkeep

    upkeep.reset(current_app.config["SETTINGS"])
    upgrade(directory=str(ROOT / "migrations"))
    click.echo("the database is empty")


@click.command()
@with_appcontext
def verify() -> None:
    """Check every invariant of the database; exit 1 if one is broken."""
    from clinic.admin import invariants

    found = invariants.findings()
    for finding in found:
        examples = f"  ({', '.join(finding.examples)})" if finding.count else ""
        click.echo(f"{finding.count:>6}  {finding.name}{examples}")
    if any(finding.count for finding in found):
        raise SystemExit(1)


@click.command()
@click.option("--messaging", is_flag=True, help="Ask Twilio and the mail server, too.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@with_appcontext
def doctor(messaging: bool, as_json: bool) -> None:
    """Look whether what the product needs is there and works; exit 1 if something is not."""
    from clinic import doctor as doctors
    from clinic.stack import preparing

    found = doctors.examine(messaging, preparing.newest_revision())
    if as_json:
        click.echo(doctors.as_json(found))
    else:
        doctors.show(found)
    if doctors.is_bad(found):
        raise SystemExit(1)


@click.group("whatsapp-templates")
def whatsapp_templates() -> None:
    """The texts that WhatsApp approves before they may go."""


@whatsapp_templates.command()
@with_appcontext
def submit() -> None:
    """Hand in what is not there yet. It may be said again: nothing is handed in twice."""
    from clinic.core.errors import ClinicError
    from clinic.messaging.templates import service

    try:
        new = service.submit()
    except ClinicError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{new} handed in")


@whatsapp_templates.command()
@with_appcontext
def status() -> None:
    """Ask what WhatsApp says of each; exit 1 while one is not approved."""
    from clinic.core.errors import ClinicError
    from clinic.messaging.templates import queries, service

    try:
        service.check(all_of_them=True)
    except ClinicError as error:
        raise click.ClickException(str(error)) from error
    standing = queries.standing()
    for one in standing:
        reason = f"  {one.reason}" if one.reason else ""
        click.echo(f"{one.status:13}  {one.template}, {one.form}, {one.language}{reason}")
    if not all(one.is_approved for one in standing):
        raise SystemExit(1)


class _Migrations(click.Command):
    """Flask-Migrate's own commands, loaded once they are asked for: alembic is large."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        from flask_migrate.cli import db

        return db.make_context(info_name, args, parent, **extra)


COMMANDS = (
    init_db, worker, scheduler, seed, create_superadmin, up, backup, restore, reset_db,
    verify, doctor, whatsapp_templates,
    _Migrations("db", short_help="Perform database migrations."),
)  # fmt: skip
