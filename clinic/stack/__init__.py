"""`make run`: the whole product in one terminal, for a first try and for development.

Redis, web, worker and scheduler are children of this process. They end together: on Ctrl-C, on
SIGTERM, when the terminal closes, and when one of them dies.
"""

import signal
import socket

from clinic.config import Settings
from clinic.stack import preparing
from clinic.stack.children import end_with_parent
from clinic.stack.parts import STOP_SIGNALS, CannotStart, Stack, redis_binary

__all__ = ["CannotStart", "end_with_parent", "redis_binary", "up"]


def up(settings: Settings) -> int:
    """Run until told to stop. Returns the exit code: 0 if asked to stop, 1 if a process died.

    Raises CannotStart before anything is running.
    """
    for stop in STOP_SIGNALS:
        # Also when started in the background, where a shell has Ctrl-C ignored.
        signal.signal(stop, signal.default_int_handler)
    try:
        refuse_a_taken_port(settings.server_host, settings.port)
        failed = preparing.prepare_database(settings)
        if failed:
            return failed
        with Stack(settings) as stack:
            return stack.watch()
    except KeyboardInterrupt:
        return 0


def refuse_a_taken_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Stop what uses it, or choose another: PORT={port + 1} make run"
            ) from None
