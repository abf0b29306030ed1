"""Where the time of a test run went, below its results: `make test` loads this plugin.

All workers together: with three of them about three times what the clock on the wall says.
"""

from collections import Counter, defaultdict

import pytest

PHASES = ("setup", "call", "teardown")
SLOWEST = 30
FOLDERS = 12


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    by_phase: Counter[str] = Counter()
    by_test: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                by_phase[report.when or ""] += report.duration
                by_test[report.nodeid] += report.duration
    terminalreporter.section(f"the slowest {SLOWEST}, with what they set up, and the share of it")
    for line in lines(by_phase, by_test):
        terminalreporter.write_line(line)


def lines(by_phase: Counter[str], by_test: Counter[str]) -> list[str]:
    slowest = [f"{seconds:7.1f} s  {name}" for name, seconds in by_test.most_common(SLOWEST)]
    total = by_phase.total()
    shares = [
        f"{phase} {by_phase[phase]:.0f} s ({by_phase[phase] / total:.0%})" for phase in PHASES
    ] if total else []  # fmt: skip
    by_folder: dict[str, float] = defaultdict(float)
    for name, seconds in by_test.items():
        by_folder["/".join(name.split("/")[1:-1])] += seconds
    folders = [
        f"{seconds:7.1f} s  {name}"
        for name, seconds in sorted(by_folder.items(), key=lambda one: -one[1])[:FOLDERS]
    ]
    return [
        *slowest,
        "Folders:",
        *folders,
        f"{len(by_test)} tests, {total:.0f} s: {', '.join(shares)}",
    ]
