"""The web process: `gunicorn wsgi:app`, or `python wsgi.py` with SERVER_*."""

from clinic import create_app

app = create_app()

if __name__ == "__main__":
    from clinic.__main__ import serve

    serve()
