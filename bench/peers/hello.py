"""The base of the web figures: what Flask and gunicorn cost before a product does anything."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    return "<!DOCTYPE html><html lang=en><title>Hello</title><p>Hello"
