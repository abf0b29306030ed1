"""The base of the API's figures: a JSON view that sends the same SQL and answers the same rows."""

import os
import pickle
import threading
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, Response, jsonify

PAGES: list[tuple[list[tuple[str, Any]], Any]] = pickle.loads(  # noqa: S301 - this run wrote it
    Path(os.environ["BENCH_PAGES"]).read_bytes()
)
DATABASE = os.environ["BENCH_DATABASE"]
app = Flask(__name__)
_own = threading.local()


@app.get("/<int:number>")
def page(number: int) -> Response:
    statements, answer = PAGES[number]
    with _connection().cursor() as cursor:
        for text, parameters in statements:
            cursor.execute(text, parameters).fetchall()
    return jsonify(answer)


@app.get("/")
def ready() -> str:
    return ""


def _connection() -> psycopg.Connection:
    """One a thread, without transactions, as the product reads."""
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(DATABASE, autocommit=True)
    return _own.connection
