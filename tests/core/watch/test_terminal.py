"""What a person at the terminal reads of the log; files and pipes have the JSON."""

import io
import json

import pytest

from clinic.core.watch import terminal
from clinic.core.watch.sinks import Sinks, Stdout, Terminal

AT = {"timestamp": "2026-11-16T09:30:05.123456Z", "logger": "clinic"}
REQUEST = {
    **AT, "event": "request", "level": "info", "method": "GET", "status": 200,
    "route": "/doctors/<uuid:doctor_id>", "ms": 12.4, "user_id": None, "request_id": "f" * 32,
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (REQUEST, "GET   200  /doctors/<uuid:doctor_id>  12 ms"),
        (
            {**AT, "event": "setting_unknown", "level": "warning", "setting": "SMPT_HOST"},
            "WARNING setting unknown  setting=SMPT_HOST",
        ),
        (
            {**AT, "event": "messages_into_the_development_inbox", "level": "info", "count": 230},
            "messages into the development inbox  count=230",
        ),
        (
            {**AT, "event": "fault", "level": "error", "exception": "Traceback\n  it broke"},
            "ERROR fault\nTraceback\n  it broke",
        ),
    ],
    ids=lambda value: value["event"] if isinstance(value, dict) else "",
)
def test_a_line_is_short_and_in_words(line, told):
    read = terminal.readable(json.dumps(line) + "\n")
    moment, _, words = read.partition("  ")
    assert words == told + "\n"
    assert moment.count(":") == 2


@pytest.mark.parametrize("line", ["no json", "[1]", '"text"', "{}", '{"timestamp": "yesterday"}'])
def test_what_is_no_line_of_ours_stays_as_it_is(line):
    assert terminal.readable(line + "\n") == line + "\n"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "kind"), [(Screen(), Terminal), (io.StringIO(), Stdout)])
def test_only_a_terminal_gets_it(monkeypatch, tmp_path, stream, kind):
    monkeypatch.setattr("sys.stdout", stream)
    sinks = Sinks(tmp_path)
    assert type(sinks.places[0]) is kind
    sinks.write(json.dumps(REQUEST))
    assert json.loads((tmp_path / "app.log").read_text())["event"] == "request"
    assert stream.getvalue().startswith("{") == (kind is Stdout)
    sinks.close()
