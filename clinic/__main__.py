"""`python -m clinic`: the web process, configured by SERVER_* and PORT."""

import os
import sys

from clinic.config import ROOT


def serve() -> None:
    """Become gunicorn with this product's own configuration."""
    os.chdir(ROOT)
    os.execv(  # noqa: S606 - our own interpreter and fixed words
        sys.executable,
        [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "wsgi:app"],
    )


if __name__ == "__main__":
    serve()
