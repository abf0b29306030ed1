"""`python -m clinic`: the web process, configured by SERVER_* and PORT.

With `worker` or `scheduler` that process, as the `flask` command would start it; but that command
loads alembic into whatever it starts.
"""

import os
import sys

from clinic.config import ROOT, WrongSetting

JOBS = ("worker", "scheduler")


def serve() -> None:
    """Become gunicorn with this product's own configuration."""
    os.chdir(ROOT)
    os.execv(  # noqa: S606 - our own interpreter and fixed words
        sys.executable,
        [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"],
    )


def run(job: str, *options: str) -> None:
    """`flask worker` or `flask scheduler`, with the same options."""
    from clinic import cli
    from clinic.factory import create_app

    try:
        app = create_app()
    except WrongSetting as error:
        sys.exit(str(error))
    with app.app_context():
        getattr(cli, job).main(options, prog_name=f"python -m clinic {job}")


def main(words: list[str]) -> None:
    if not words:
        serve()
    elif words[0] in JOBS:
        run(*words)
    else:
        sys.exit(f"say nothing for the web process, or one of {', '.join(JOBS)}")


if __name__ == "__main__":
    main(sys.argv[1:])
