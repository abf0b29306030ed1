"""Whoever calls an address that a person typed goes through `fetch`: nothing else opens a line."""

import ast

from tests.architecture.tree import name_of, python_files, syntax_of

CALLING = ("http.client", "urllib.request", "requests", "urllib3", "httpx", "socket")
ALLOWED = {
    "clinic/core/outside/fetch.py",
    "clinic/core/outside/line.py",
    # To the provider, and the mail server, that the operator has set up.
    "clinic/messaging/channels/account.py",
    "clinic/messaging/channels/contents.py",
    "clinic/messaging/channels/lookup.py",
    "clinic/messaging/channels/twilio.py",
    "clinic/messaging/channels/email/judged.py",
    "clinic/messaging/channels/email/letters.py",
}
LISTENING = ("clinic/core/serving/", "clinic/stack/", "clinic/core/work/", "clinic/core/watch/")


def imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_nobody_else_opens_a_line() -> None:
    callers = {
        name_of(path)
        for path in python_files("clinic")
        if any(
            name == one or name.startswith(f"{one}.")
            for name in imported(syntax_of(path))
            for one in CALLING
        )
    }
    assert {"clinic/core/outside/fetch.py", "clinic/core/outside/line.py"} <= callers
    others = {name for name in callers - ALLOWED if not name.startswith(LISTENING)}
    assert others == set()
