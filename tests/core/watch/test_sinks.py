"""K2, K7: a log that cannot be written is lost, said once, and stops nobody."""

import io
import json
import os
import resource
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinic.config import ROOT
from clinic.core.watch import sinks
from clinic.core.watch.sinks import Sinks, Sizes


class Full(io.StringIO):
    """As /dev/full."""

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """What was written to stdout since it was asked last."""
    return lambda: capsys.readouterr().out


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sinks, "TRY_AGAIN_S", 0.0)
    yield


def events(text: str) -> list[str]:
    return [json.loads(line)["event"] for line in text.splitlines()]


def line(event: object) -> str:
    return json.dumps({"event": str(event)})


def no_folder(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("")


def no_file(folder: Path) -> None:
    (folder / "app.log").mkdir()


@pytest.mark.parametrize("harm", [no_folder, no_file])
def test_a_file_that_cannot_be_opened_is_told_once_and_again_when_it_is_back(
    harm, said, tmp_path, monkeypatch
):
    folder = tmp_path / "logs"
    folder.mkdir()
    harm(folder)
    handler = Sinks(folder)
    for number in range(3):
        handler.write(line(number))
    assert events(said()) == ["log_file_lost", "0", "1", "2"]
    for harmed in (folder / "app.log", folder):
        if harmed.is_dir():
            harmed.rmdir()
        elif harmed.exists():
            harmed.unlink()
    later = time.monotonic() + sinks.TRY_AGAIN_S
    monkeypatch.setattr(time, "monotonic", lambda: later)
    handler.write(line("heard"))
    handler.write(line("again"))
    handler.close()
    told = said()
    assert events(told) == ["heard", "log_file_back", "again"]
    assert json.loads(told.splitlines()[1])["lines_lost"] == 3
    assert events((folder / "app.log").read_text()) == ["heard", "log_file_back", "again"]


def test_a_lost_file_is_not_tried_for_every_line(said, tmp_path, monkeypatch):
    folder = tmp_path / "logs"
    folder.write_text("")
    handler = Sinks(folder)
    tried: list[object] = []
    monkeypatch.setattr(sinks.File, "send", lambda self, text: tried.append(text))
    for number in range(100):
        handler.write(line(number))
    assert tried == []


def test_a_folder_that_was_removed_is_made_anew(said, tmp_path):
    folder = tmp_path / "logs"
    handler = Sinks(folder)
    handler.write(line("before"))
    (folder / "app.log").unlink()
    folder.rmdir()
    handler.write(line("after"))
    handler.close()
    assert events(said()) == ["before", "after"]
    assert events((folder / "app.log").read_text()) == ["after"]


def test_the_file_is_the_products_own(said, tmp_path):
    Sinks(tmp_path / "logs").close()
    assert (tmp_path / "logs" / "app.log").stat().st_mode & 0o777 == 0o600


def test_a_full_stdout_is_told_once_in_the_file(tmp_path, monkeypatch, impatient):
    monkeypatch.setattr(sys, "stdout", Full())
    handler = Sinks(tmp_path)
    for number in range(3):
        handler.write(line(number))
    handler.close()
    assert events((tmp_path / "app.log").read_text()) == ["stdout_lost", "0", "1", "2"]


def test_without_a_stdout_there_is_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    handler = Sinks(tmp_path)
    handler.write(line("heard"))
    handler.close()
    assert events((tmp_path / "app.log").read_text()) == ["heard"]


@pytest.fixture
def small_disk() -> Iterator[int]:
    """The kernel lets no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, before[1]))
    yield 300
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_line_that_a_full_disk_broke_off_spoils_no_other(
    said, tmp_path, small_disk, monkeypatch, impatient
):
    handler = Sinks(tmp_path)
    text = line("x" * 100)
    for _ in range(5):
        handler.write(text)
    assert events(said()).count("log_file_lost") == 1
    (tmp_path / "app.log").rename(tmp_path / "app.log.full")  # somebody makes room
    handler.write(text)
    handler.close()
    kept = [one for one in (tmp_path / "app.log").read_text().splitlines() if one]
    assert events("\n".join(kept))[0] == "x" * 100
    assert (tmp_path / "app.log.full").stat().st_size == small_disk


@pytest.mark.parametrize(("kept", "files"), [(0, 1), (1, 2), (3, 4)])
def test_the_file_turns_over_by_itself(said, tmp_path, kept, files):
    handler = Sinks(tmp_path, Sizes(1000, kept))
    for number in range(200):
        handler.write(line(number))
    handler.close()
    found = sorted(tmp_path.iterdir())
    assert len(found) == files
    assert all(path.stat().st_size < 1100 for path in found)
    newest_first = [*found[1:][::-1], found[0]]
    numbers = [int(event) for path in newest_first for event in events(path.read_text())]
    assert numbers == list(range(numbers[0], 200))


def test_where_it_cannot_turn_over_it_grows(said, tmp_path, monkeypatch):
    handler = Sinks(tmp_path, Sizes(100, 2))
    (tmp_path / "app.log.1").mkdir()
    (tmp_path / "app.log.1" / "not empty").write_text("")
    (tmp_path / "app.log.2").mkdir()
    (tmp_path / "app.log.2" / "not empty").write_text("")
    for number in range(50):
        handler.write(line(number))
    handler.close()
    assert len(events((tmp_path / "app.log").read_text())) == 50
    assert "log_file_lost" not in events(said())


PROCESS = """
import sys, json
from pathlib import Path
from clinic.core.watch.sinks import Sinks, Sizes
handler = Sinks(Path(sys.argv[1]), Sizes(20_000, 50))
for number in range(1000):
    handler.write(json.dumps({"event": f"{sys.argv[2]}-{number}", "padding": "x" * 80}))
"""


def test_processes_that_share_the_file_lose_no_line_when_it_turns_over(tmp_path):
    command = [sys.executable, "-c", PROCESS, str(tmp_path)]
    running = [
        subprocess.Popen([*command, str(one)], cwd=ROOT, stdout=subprocess.DEVNULL)
        for one in range(3)
    ]
    assert [one.wait(60) for one in running] == [0, 0, 0]
    files = list(tmp_path.iterdir())
    assert len(files) > 5
    found = [event for path in files for event in events(path.read_text())]
    assert sorted(found) == sorted(f"{one}-{number}" for one in range(3) for number in range(1000))


UNREAD = """
import sys, time, json
from pathlib import Path
from clinic.core.watch.sinks import Sinks
handler = Sinks(Path(sys.argv[1]))
began = time.monotonic()
for number in range(2000):
    handler.write(json.dumps({"event": str(number), "padding": "x" * 80}))
sys.stderr.write(str(time.monotonic() - began))
"""


def test_a_pipe_that_nobody_reads_holds_nobody_up(tmp_path):
    """Its 64 KB are soon full, and a writer would wait for ever."""
    reading, writing = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(UNREAD), str(tmp_path)],
            cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=30, check=True,
        )  # fmt: skip
        assert float(done.stderr) < 3
        assert os.get_blocking(writing)  # what was given is others' as well
    finally:
        os.close(reading)
        os.close(writing)
    kept = events((tmp_path / "app.log").read_text())
    assert kept.count("stdout_lost") == 1
    assert len(kept) == 2001
