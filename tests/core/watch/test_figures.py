"""K3: a full disk costs figures, never an answer."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from clinic.config import ROOT
from clinic.core.serving import shared
from clinic.core.watch import figures
from clinic.core.watch.figures import Pages


def kept_in(path: Path) -> dict[str, float]:
    """As the library reads what we wrote."""
    return {key: value for key, value, *_ in MmapedDict.read_all_values_from_file(str(path))}


def test_the_library_reads_what_is_written(tmp_path):
    pages = Pages(str(tmp_path / "counter_1.db"))
    expected = {f"figure {'x' * (number % 40)} {number}": number * 1.5 for number in range(2000)}
    for key, value in expected.items():
        pages.write_value(key, value, 0.0)
    for key in list(expected)[::7]:
        value, _at = pages.read_value(key)
        pages.write_value(key, value + 1, 0.0)
        expected[key] += 1
    assert pages.read_value("new") == (0.0, 0.0)
    assert kept_in(tmp_path / "counter_1.db") == expected | {"new": 0.0}
    pages.close()


def test_a_figure_that_is_new_is_read_where_the_memory_had_to_grow(tmp_path):
    """The library reads each figure before it writes it."""
    pages = Pages(str(tmp_path / "counter_1.db"))
    assert {pages.read_value(f"figure {number}") for number in range(2000)} == {(0.0, 0.0)}
    assert len(kept_in(tmp_path / "counter_1.db")) == 2000
    pages.close()


def test_every_page_is_there_before_it_is_mapped(tmp_path):
    """A hole would be filled when it is touched, and that may fail."""
    path = tmp_path / "counter_1.db"
    pages = Pages(str(path))
    for number in range(1000):
        found = path.stat()
        assert found.st_blocks * 512 >= found.st_size == len(pages.memory)
        pages.write_value(f"figure {number}", 1.0, 0.0)
    pages.close()


def test_another_process_of_the_same_number_begins_at_nothing(tmp_path):
    for _ in range(2):
        pages = Pages(str(tmp_path / "counter_1.db"))
        assert pages.read_value("a")[0] == 0
        pages.write_value("a", 5.0, 0.0)
        pages.close()
    assert kept_in(tmp_path / "counter_1.db") == {"a": 5.0}


@pytest.fixture(params=[1_000, 20_000], ids=["at once", "later"])
def full_disk(request: pytest.FixtureRequest) -> Iterator[None]:
    """The kernel lets no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (request.param, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_where_there_is_no_room_counting_goes_on(tmp_path, full_disk, capsys):
    pages = Pages(str(tmp_path / "counter_1.db"))
    for number in range(2000):
        pages.write_value(f"figure {number}", float(number), 0.0)
    assert [pages.read_value(f"figure {n}")[0] for n in (0, 1000, 1999)] == [0, 1000, 1999]
    pages.close()


def test_where_there_is_no_folder_counting_goes_on(tmp_path):
    pages = Pages(str(tmp_path / "gone" / "counter_1.db"))
    pages.write_value("a", 5.0, 0.0)
    assert pages.read_value("a")[0] == 5
    pages.close()


PROCESS = """
import os, shutil, sys
from clinic.factory import create_app
app = create_app()
client = app.test_client()
client.get("/health")
shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"])
print([client.get(path).status_code for path in ("/health", "/nowhere", "/metrics")])
print("http_requests_total" in client.get("/metrics").text)
"""


def test_a_folder_that_is_removed_costs_no_answer(tmp_path):
    (tmp_path / "counts").mkdir()
    environment = {
        **os.environ,
        "ENVIRONMENT": "testing",
        "CLINIC_DATA_DIR": str(tmp_path),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "counts"),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "LOG_LEVEL": "CRITICAL",
    }
    script = f"from flask_migrate import upgrade\n{PROCESS}".replace(
        "client =", f"app.app_context().push(); upgrade({str(ROOT / 'migrations')!r})\nclient =", 1
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-2:] == ["[200, 404, 200]", "True"]


def test_what_the_dead_have_counted_stays_and_their_files_go(tmp_path, monkeypatch):
    monkeypatch.setenv(figures.FOLDER, str(tmp_path))
    monkeypatch.setattr(figures, "_past", {})
    key = mmap_key("visits_total", "visits_total", [], [], "Visits")

    def total() -> str:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(tmp_path))
        return generate_latest(registry).decode().splitlines()[-1]

    for pid in (11, 12, 13):
        pages = Pages(str(tmp_path / f"counter_{pid}.db"))
        pages.write_value(key, float(pid), 0.0)
        Pages(str(tmp_path / f"gauge_livesum_{pid}.db")).close()
        pages.close()
    before = total()
    for pid in (11, 13):
        figures.bury(pid)
        assert total() == before == "visits_total 36.0"
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"counter_12.db", "counter_past.db", "gauge_livesum_12.db"}


def test_a_file_that_was_broken_off_stops_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv(figures.FOLDER, str(tmp_path))
    monkeypatch.setattr(figures, "_past", {})
    (tmp_path / "counter_11.db").write_bytes(b"\x7f\0\0\0\0\0\0\0\x7f\0\0\0")
    figures.bury(11)


def test_the_folder_lies_in_memory_and_those_of_the_killed_are_cleared_away(tmp_path, monkeypatch):
    monkeypatch.setattr(shared, "MEMORY", tmp_path)
    monkeypatch.setattr(shared, "_owned", [])
    monkeypatch.delenv(shared.FOLDER, raising=False)
    owner = [sys.executable, "-c", "from pathlib import Path; import sys, os, signal; "
             "from clinic.core.serving import shared; shared.own(Path(sys.argv[1])); "
             "os.kill(os.getpid(), signal.SIGKILL)"]  # fmt: skip
    killed, living = tmp_path / "clinic-figures-1", tmp_path / "clinic-figures-2"
    for folder in (killed, living):
        folder.mkdir()
    assert subprocess.run([*owner, str(killed)], cwd=ROOT, check=False).returncode == -9
    shared.own(living)
    with monkeypatch.context() as environment:
        environment.setattr(shared.atexit, "register", lambda function: None)
        shared.share_figures()
        assert Path(os.environ[shared.FOLDER]).parent == tmp_path
        made = os.environ.pop(shared.FOLDER)
    assert {path.name for path in tmp_path.iterdir()} == {living.name, Path(made).name}
    for file in shared._owned:
        os.close(file)


def test_without_shared_memory_it_lies_on_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(shared, "MEMORY", tmp_path / "absent")
    assert shared._in_memory() is None
    made = shared._on_disk()
    assert made
    made.rmdir()
