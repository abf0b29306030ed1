"""Reading the product's pages the way a browser and htmx would."""

import json

from bs4 import BeautifulSoup, Tag
from werkzeug.test import TestResponse

HTMX = {"HX-Request": "true"}


def soup(answer: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.text, "html.parser")


def text_of(answer: TestResponse) -> str:
    """What a person reads, with single spaces."""
    return " ".join(soup(answer).get_text(" ").split())


def is_whole_page(answer: TestResponse) -> bool:
    return answer.text.lstrip().lower().startswith("<!doctype html>")


def root_id(answer: TestResponse) -> str | None:
    """The id of a partial's one root element; None for anything else."""
    roots = [child for child in soup(answer).children if isinstance(child, Tag)]
    return roots[0].get("id") if len(roots) == 1 else None


def happened(answer: TestResponse) -> dict:
    """What HX-Trigger tells the page."""
    return json.loads(answer.headers.get("HX-Trigger", "{}"))


def fields(answer: TestResponse, action: str) -> dict[str, str]:
    """What a browser would send for the untouched form that posts to `action`."""
    form = soup(answer).find("form", action=action)
    sent = {}
    for one in form.find_all(["input", "textarea", "select"]):
        if one.name == "textarea":
            sent[one["name"]] = one.get_text().lstrip("\r\n")
        elif one.name == "select":
            chosen = one.find("option", selected=True) or one.find("option")
            sent[one["name"]] = chosen["value"]
        elif one.get("type") not in ("radio", "checkbox") or one.has_attr("checked"):
            sent[one["name"]] = one.get("value", "")
    return sent
