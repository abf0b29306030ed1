"""The web process: `gunicorn wsgi:app`, or `python wsgi.py` with SERVER_*."""

import os
import sys

from clinic.config import WrongSetting
from clinic.factory import create_app

os.umask(0o077)  # also of `flask`: what is written here is its owner's alone

try:
    app = create_app()
except WrongSetting as error:
    sys.exit(str(error))

if __name__ == "__main__":
    from clinic.__main__ import serve

    serve()
