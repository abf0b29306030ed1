"""The web process: `gunicorn -c gunicorn.conf.py wsgi:app`, with the product's own settings."""

import logging
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from clinic.core.serving import shared

os.umask(0o077)  # before the first log file: what the web writes is its owner's alone
shared.share_figures()  # before prometheus_client is imported, which decides then whether to share

from clinic.config import WrongSetting, load_settings  # noqa: E402 - see above

try:
    settings = load_settings()  # before all that takes long to load: a wrong one is told at once
except WrongSetting as error:
    sys.exit(str(error))

from clinic.core import forking  # noqa: E402 - see above
from clinic.core.watch import figures, lines  # noqa: E402 - see above
from clinic.core.web import live  # noqa: E402 - see above
from clinic.core.work import heartbeat  # noqa: E402 - see above


def _open_files(wanted: int) -> int:
    """How many this process and its children may have open: so many, if the system allows it."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return wanted


# Before the app does it, so that the first lines of gunicorn look like all others.
lines.configure_by(settings)

bind = f"{settings.server_host}:{settings.port}"
worker_class = "clinic.core.serving.worker.Worker"  # gthread, with deadlines for slow clients
workers = settings.server_workers
threads = settings.server_threads  # an open page holds one for its stream; bcrypt runs beside them
worker_connections = _open_files(threads + 2200) - 200  # beside sockets: databases, logs, figures
sendfile = False  # what it sends is out of reach of deadlines
keepalive = 15
timeout = 60
graceful_timeout = 8  # streams end at once, see below; a container has 10 s to stop

# One copy of the code in memory; a reloading worker must import for itself.
reload = settings.server_reload
preload_app = not reload
# Heartbeats in memory: on a slow disk they block a worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - files made by mkstemp

forwarded_allow_ips = ""  # the app alone says whose X-Forwarded-* count: core/serving/proxies.py

accesslog = None  # the app logs requests, by route and without addresses
control_socket_disable = True  # it lies in the home folder: two instances would share it


class JsonLogger(Logger):
    """Hands gunicorn's own lines to the product's log instead of printing them its way."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.INFO)


logger_class = JsonLogger


def when_ready(server: Arbiter) -> None:
    if preload_app:
        forking.get_ready(server.app.wsgi())


def pre_fork(server: Arbiter, worker: Worker) -> None:
    forking.settle()


_stop_beating: list[Callable[[], None]] = []  # of this process, once it is a worker


def post_worker_init(worker: Worker) -> None:
    """Give signs of life; and end open streams as soon as the worker is told to stop."""
    _stop_beating.append(heartbeat.keep_beating(worker.wsgi, heartbeat.WEB))

    def stop(signum: int, frame: Any) -> None:
        live.shut_down(worker.wsgi)
        worker.handle_exit(signum, frame)

    signal.signal(signal.SIGTERM, stop)
    signal.siginterrupt(signal.SIGTERM, False)


def worker_int(worker: Worker) -> None:
    if worker.booted:
        live.shut_down(worker.wsgi)


def worker_exit(server: Arbiter, worker: Worker) -> None:
    for stop in _stop_beating:
        stop()


def child_exit(server: Arbiter, worker: Worker) -> None:
    figures.bury(worker.pid)
