"""What docs/webhooks.md tells programs to do works."""

import re
import shutil
import subprocess
from typing import Any

import pytest

from clinic.config import ROOT
from clinic.hooks.sending import signing

DOCS = (ROOT / "docs/webhooks.md").read_text()
BODY = b'{"id":"1"}'
AT = 1_700_000_000
CASES = [
    ("whsec_a", signing.signed(BODY, ["whsec_a"], AT), BODY, AT, True),
    ("whsec_a", signing.signed(BODY, ["whsec_b", "whsec_a"], AT), BODY, AT + 299, True),
    ("whsec_b", signing.signed(BODY, ["whsec_a"], AT), BODY, AT, False),
    ("whsec_a", signing.signed(BODY, ["whsec_a"], AT), b'{"id":"2"}', AT, False),
    ("whsec_a", signing.signed(BODY, ["whsec_a"], AT), BODY, AT + 301, False),
    ("whsec_a", signing.signed(BODY, ["whsec_a"], AT).replace("t=17", "t=16"), BODY, AT, False),
    ("whsec_a", "", BODY, AT, False),
    ("whsec_a", "t=,v1=", BODY, AT, False),
]


def sample(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize(("secret", "signature", "body", "now", "is_genuine"), CASES)
def test_python(secret: str, signature: str, body: bytes, now: int, is_genuine: bool) -> None:
    told: dict[str, Any] = {}
    exec(sample("python"), told)  # noqa: S102 - it is what people will run
    assert told["is_genuine"](secret, signature, body, now) is is_genuine


def test_node() -> None:
    """Where there is a Node; elsewhere its sample is at least there."""
    node, code = shutil.which("node"), sample("js")
    if node is None:
        assert "timingSafeEqual" in code
        return
    for secret, signature, body, now, is_genuine in CASES:
        asked = f"isGenuine({secret!r}, {signature!r}, Buffer.from({body.decode()!r}), {now})"
        script = f"{code}\nconsole.log({asked});"
        done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == str(is_genuine).lower()
