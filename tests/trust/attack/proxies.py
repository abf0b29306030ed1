"""The real Caddy and nginx, by the samples of docs/proxy, before a running web.

Of a sample only addresses change: where it listens, without TLS, and where the web is.
"""

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Sequence

from clinic.config import ROOT
from tests.ops.processes import free_port
from tests.servers import NoServer, Server

SAMPLES = ROOT / "docs/proxy"
SYSTEM = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin")


def program(name: str, package: str) -> str:
    """Where it is; root fetches it from the system's packages. Raises NoServer."""
    found = _found(name)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "-y", "--no-install-recommends", package]):
            subprocess.run(["apt-get", "-qq", *words], check=False, stdout=subprocess.DEVNULL)
        found = _found(name)
    if found is None:
        raise NoServer(f"No {name}: install the package `{package}`.")
    return found


def _found(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), *SYSTEM)))


class Proxy(Server):
    """Subclasses say how a sample becomes a file that runs here."""

    sample = ""
    changes: Sequence[tuple[str, str]] = ()

    def __init__(self, web_port: int) -> None:
        self.web_port, self.port = web_port, free_port()
        super().__init__()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        text = (SAMPLES / self.sample).read_text(encoding="utf-8")
        for said, here in self.changes:
            assert said in text, f"{self.sample} has no {said!r}"
            text = text.replace(said, here.format(**self._places()))
        (self.folder / self.sample).write_text(text, encoding="utf-8")

    def _places(self) -> dict[str, object]:
        return {"port": self.port, "web": self.web_port, "other": free_port()}

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        return False


class Caddy(Proxy):
    name = "Caddy"
    sample = "Caddyfile"
    changes = (
        ("{\n\tservers {", "{{\n\tadmin off\n\tauto_https off\n\tservers {{"),
        ("clinic.example.org {", "http://127.0.0.1:{port} {{"),
        ("127.0.0.1:8000", "127.0.0.1:{web}"),
    )

    def command(self) -> list[str]:
        words = ("--config", str(self.folder / self.sample), "--adapter", "caddyfile")
        return [program("caddy", "caddy"), "run", *words]

    def process_options(self) -> dict[str, object]:
        return {"env": {**os.environ, "XDG_DATA_HOME": str(self.folder), "HOME": str(self.folder)}}


class Nginx(Proxy):
    name = "nginx"
    sample = "nginx.conf"
    changes = (
        ("listen 443 ssl http2;", "listen 127.0.0.1:{port};"),
        ("listen 80;", "listen 127.0.0.1:{other};"),
        ("server_name clinic.example.org;", ""),
        ("127.0.0.1:8000", "127.0.0.1:{web}"),
    )

    def prepare(self) -> None:
        super().prepare()
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "\n".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        account = "user root; " if os.geteuid() == 0 else ""  # the folder is ours alone
        main = (
            f"daemon off; {account}pid {self.folder}/pid; error_log stderr;\n"
            "events { worker_connections 4096; }\n"
            f"http {{\n{temporary}\naccess_log off;\ninclude {self.folder}/{self.sample};\n}}\n"
        )
        (self.folder / "main.conf").write_text(main, encoding="utf-8")

    def command(self) -> list[str]:
        return [
            program("nginx", "nginx"),
            "-c",
            str(self.folder / "main.conf"),
            "-p",
            str(self.folder),
        ]
