"""A mail server that goes by a script: at any command it refuses, falls silent or hangs up.

In a test: `with SternSmtp(RCPT="550 5.1.1 No such mailbox") as server:`. A command of which the
script says nothing is answered as usual; `HELLO` stands for EHLO and HELO, `GREETING` for what is
said first and `LETTER` for the end of the letter.
"""

import socket
import threading
from typing import Self

HANG = "hang"
CLOSE = "close"
USUAL = {
    "GREETING": "220 mail.example ready",
    "DATA": "354 go on",
    "STARTTLS": "220 go on",
    "QUIT": "221 bye",
    "AUTH": "235 welcome",
}


class SternSmtp:
    """`offers` are the lines after the first of its answer to EHLO."""

    def __init__(self, offers: tuple[str, ...] = (), **script: str) -> None:
        self.offers = offers
        self.script = script
        self.letters: list[bytes] = []  # whatever was answered to them
        self.heard: list[str] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._open: list[socket.socket] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        for one in self._open:
            one.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            self._open.append(caller)
            with caller:
                self._talk(caller)

    def _talk(self, caller: socket.socket) -> None:
        try:
            lines = caller.makefile("rb")
            if not self._say(caller, "GREETING"):
                return
            while line := lines.readline():
                command = line.split()[0].decode("latin-1").upper() if line.split() else ""
                self.heard.append(line.decode("latin-1").strip())
                if command == "DATA" and self._says("DATA").startswith("354"):
                    if not self._take(caller, lines):
                        return
                elif not self._say(caller, command) or command == "QUIT":
                    return
        except OSError:
            return

    def _take(self, caller: socket.socket, lines: object) -> bool:
        self._say(caller, "DATA")
        if self.script.get("MIDDLE") == CLOSE:
            return False
        letter = b""
        for line in lines:  # type: ignore[attr-defined]
            if line == b".\r\n":
                break
            letter += line
        self.letters.append(letter)
        return self._say(caller, "LETTER")

    def _says(self, command: str) -> str:
        if command in ("EHLO", "HELO") and "HELLO" in self.script:
            return self.script["HELLO"]
        if command == "EHLO":
            said = ("mail.example", *self.offers)
            ends = ["-"] * (len(said) - 1) + [" "]
            return "\r\n".join(f"250{end}{line}" for end, line in zip(ends, said, strict=True))
        return self.script.get(command) or USUAL.get(command) or "250 OK"

    def _say(self, caller: socket.socket, command: str) -> bool:
        """Whether the conversation goes on."""
        said = self._says(command)
        if said == HANG:
            self._over.wait(5)
            return False
        if said == CLOSE:
            return False
        caller.sendall(f"{said}\r\n".encode())
        return not said.startswith("421")  # it closes, as the standard says
