"""A newcomer: clone, `make run`, book, Ctrl-C. And the second start, which must be quick."""

import re
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup, Tag

from clinic.config import ROOT
from tests.ops.processes import free_port, started

FIRST_START_S = 600  # pip's own time, on a slow line
NEWCOMER = {
    "full_name": "Nila Newcomer",
    "email": "nila@example.org",
    "phone": "+44 7400 123456",
    "password": "three plain words",
}


def git(folder: Path, *arguments: str) -> str:
    person = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    command = ("git", *person, "-c", "commit.gpgsign=false", *arguments)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of this tree as it stands: also what is not committed, never what is ignored."""
    origin, clone = tmp_path / "origin", tmp_path / "clinic"
    listed = git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (origin / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, origin / name)
    git(origin, "init", "--quiet")
    git(origin, "add", "--all")
    git(origin, "commit", "--quiet", "--message", "as it stands")
    git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    return clone


class Visitor:
    """A browser without JavaScript: follows links, fills in forms, keeps cookies."""

    def __init__(self, address: str) -> None:
        self.client = httpx.Client(base_url=address, follow_redirects=True, timeout=30)
        self.page = BeautifulSoup("", "html.parser")
        self.path = "/"

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def open(self, path: str) -> None:
        self._show(self.client.get(path))

    def follow(self, pattern: str) -> None:
        """Open the first link whose address matches."""
        link = self.page.find("a", href=re.compile(pattern))
        assert isinstance(link, Tag), f"no link {pattern} on {self.path}:\n{self.page}"
        self.open(str(link["href"]))

    def submit(self, action: str, **typed: str) -> None:
        """Send the form that goes to `action`, with what it already holds and what is typed."""
        forms = [form for form in self.page.find_all("form") if self._target(form) == action]
        assert forms, f"no form to {action} on {self.path}:\n{self.page}"
        values = {**self._held(forms[0]), **typed}
        self._show(self.client.post(str(forms[0].get("action") or self.path), data=values))

    def _target(self, form: Tag) -> str:
        return urlsplit(str(form.get("action") or self.path)).path

    def _held(self, form: Tag) -> dict[str, str]:
        """What a browser would send if nobody touched the form."""
        held = {}
        for field in form.find_all("input"):
            chosen = field.get("type") not in ("radio", "checkbox") or field.has_attr("checked")
            if field.get("name") and chosen:
                held[str(field["name"])] = str(field.get("value", ""))
        return held

    def _show(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, f"{answer.url}: {answer.status_code}\n{answer.text}"
        self.page = BeautifulSoup(answer.text, "html.parser")
        self.path = answer.url.path

    @property
    def words(self) -> str:
        return " ".join(self.page.get_text(" ").split())


def book_as_a_newcomer(visitor: Visitor) -> str:
    """From the first page to the last, without an account yet. Returns the reference code."""
    visitor.open("/?q=Pritchard")  # of the clinic that accepts by itself
    visitor.follow(r"^/doctors/[0-9a-f-]{36}")
    visitor.follow(r"^/appointments/new\?")
    visitor.follow(r"^/signup\?")
    visitor.submit("/signup", **NEWCOMER)
    visitor.submit("/appointments/", reason="A first visit")
    reference = re.search(r"Reference ([A-Z0-9]{5})\b", visitor.words)
    assert reference, visitor.words
    return reference[1]


def wait_until_accepted(visitor: Visitor, reference: str) -> None:
    """By the worker: the page turns from requested to booked."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        visitor.open("/appointments/")
        assert reference in visitor.words
        if visitor.page.select("[data-status=scheduled]"):
            return
        time.sleep(0.5)
    raise AssertionError(f"not accepted: {visitor.words}")


@pytest.mark.whole_product
def test_a_newcomer_clones_starts_books_and_stops(clone: Path, tmp_path: Path) -> None:
    port = str(free_port())

    with started(["make", "run"], clone, tmp_path / "first.txt", PORT=port) as product:
        product.wait_until_ready(FIRST_START_S)
        with Visitor(product.address) as visitor:
            reference = book_as_a_newcomer(visitor)
            wait_until_accepted(visitor, reference)
        product.press_ctrl_c()
        product.wait()
        assert product.nothing_is_left(), product.left()
        assert f"http://127.0.0.1:{port}/" in product.said
        assert git(clone, "status", "--porcelain") == ""

    pip_log = tmp_path / "pip.txt"
    again = tmp_path / "second.txt"
    with started(["make", "run"], clone, again, PORT=port, PIP_LOG=str(pip_log)) as product:
        product.wait_until_ready()
        with Visitor(product.address) as visitor:
            visitor.open("/login")
            visitor.submit("/login", email=NEWCOMER["email"], password=NEWCOMER["password"])
            visitor.open("/appointments/")
            assert reference in visitor.words
        product.press_ctrl_c()
        product.wait()
        assert product.nothing_is_left(), product.left()
        assert not pip_log.exists()
