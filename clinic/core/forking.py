"""What a process makes ready before it forks, so that its children share one copy of it."""

import gc
from collections.abc import Iterable
from importlib import import_module

from babel import Locale
from flask import Flask
from sqlalchemy.orm import configure_mappers

from clinic.core import reader


def get_ready(app: Flask, templates: str = "", jobs: Iterable[str] = ()) -> None:
    """Load what each child would otherwise load for itself.

    `templates` is how the names of those it renders begin, `jobs` are dotted names of functions.
    """
    for job in jobs:
        import_module(job.rpartition(".")[0])
    configure_mappers()
    for name in app.jinja_env.list_templates():
        if name.startswith(templates):
            app.jinja_env.get_template(name)
    _ = Locale.parse(reader.LOCALE).days  # the data of the locale
    gc.collect()
    settle()


def settle() -> None:
    """Keep the collector off what children inherit: by marking it, it would copy it for each."""
    gc.freeze()
