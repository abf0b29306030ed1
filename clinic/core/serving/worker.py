"""Gunicorn's threaded worker, in which nobody holds a thread who is slow.

Gunicorn gives each connection a thread and reads there for as long as it takes: 300 half requests
of one client are all threads there are. Here the main loop, which waits for many at once, gathers
a request first (`arrivals.py`), within a deadline. A thread then finds it whole, but for long
bodies, which it reads with patience (`patience.py`). Connections that end wait for the client's
end in the main loop as well; gunicorn stands still there, up to 2 seconds for each.

What of gunicorn is replaced or called here stands in decision 0018.
"""

import contextlib
import errno
import socket
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

from clinic.core.serving.arrivals import Arrival, State
from clinic.core.serving.patience import PatientSocket, give_up

NOT_NOW = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)
A_HEAD = 8 * 1024  # bytes; as much as most requests have
AT_ONCE = 64 * 1024  # bytes read of one connection before the next one's turn
LINGER_S = 2.0
LOOK_EVERY_S = 0.5
STOPS_WITHIN_S = 2.0  # what a stopping worker leaves half a request
NOTHING_ELSE = b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
TOO_LATE = b"HTTP/1.1 408 Request Timeout" + NOTHING_ELSE
TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large" + NOTHING_ELSE


class Connection(TConn):
    """A client's socket and, while a request arrives, what has come of it."""

    def __init__(self, worker: "Worker", sock: PatientSocket, client: Any, server: Any) -> None:
        super().__init__(worker.cfg, sock, client, server)
        self.worker = worker
        self.parser: Any = None
        self.arrival = Arrival()

    def expect_request(self) -> State:
        if self.sock.gettimeout() != 0:  # it was in a thread, and has read on
            self.sock.setblocking(False)
        self.sock.expect_request()
        self.arrival = Arrival(self.parser.unreader.take_buffered() if self.parser else b"")
        return self.arrival.state

    def receive(self) -> State:
        try:
            data = self.sock.recv(AT_ONCE if self.arrival.has_head else A_HEAD)
        except BlockingIOError:
            return State.WAITS
        except OSError:
            return State.GONE
        return self.arrival.take(data) if data else State.GONE

    def hand_over(self) -> None:
        """To the parser, which finds there what it would read."""
        if self.parser is None:
            self.parser = http.get_parser(self.cfg, self.sock, self.client)
        self.parser.unreader.unread(bytes(self.arrival.data))
        self.arrival.data.clear()
        self.data_ready = True

    def close(self, graceful: bool = False) -> None:
        if graceful:
            self.worker.linger(self.sock)
        else:
            super().close()


class Worker(ThreadWorker):
    """Has room for more connections than threads: half of it is for those that are kept alive, a
    quarter each for those whose request arrives and those that end. Idle ones never fill it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        room = self.worker_connections - self.cfg.threads
        self.max_keepalived = room // 2
        self.most_arriving = self.most_lingering = max(room // 4, 1)
        self.arriving: dict[Connection, None] = {}  # the oldest first
        self.lingering: dict[PatientSocket, float] = {}  # until when, the oldest first
        self.look_at = 0.0

    def accept(self, listener: Any) -> None:
        try:
            accepted, client = listener.accept()
        except OSError as error:
            if error.errno not in NOT_NOW:
                raise
            return
        self.nr_conns += 1
        sock = PatientSocket.of(accepted)
        self.enqueue_req(Connection(self, sock, client, listener.getsockname()))

    def enqueue_req(self, conn: Connection) -> None:
        """Every way to a thread leads over this: it gets one once its request is here."""
        state = conn.expect_request()
        if state is State.WAITS:
            state = conn.receive()
        if state is not State.WAITS:
            self._settle(conn, state)
            return
        self.arriving[conn] = None
        self.poller.register(conn.sock, EVENT_READ, partial(self._on_bytes, conn))
        if len(self.arriving) > self.most_arriving:
            self._give_up(next(iter(self.arriving)))

    def _on_bytes(self, conn: Connection, sock: PatientSocket) -> None:
        if conn not in self.arriving:  # given up in another one's turn
            return
        state = conn.receive()
        if state is not State.WAITS:
            self._forget(conn)
            self._settle(conn, state)

    def _settle(self, conn: Connection, state: State) -> None:
        if state is State.WHOLE:
            conn.hand_over()
            super().enqueue_req(conn)
            return
        self.nr_conns -= 1
        if state is State.GONE:
            conn.close()
        else:
            self._end(conn, TOO_LARGE)

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """Gunicorn hangs up where much of a body was not read, and does not say so before: a proxy
        would send the next visitor's request there."""
        if conn.arrival.leaves_more:
            req.force_close()
        stays = super().handle_request(req, conn)
        if stays and conn.arrival.has_body:
            conn.parser.finish_body()  # it is all here
        return stays

    def _give_up(self, conn: Connection) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        if not conn.arrival.data:  # a browser's spare connection, say: nothing was asked
            conn.close()
            return
        give_up(conn.arrival.awaited)
        self._end(conn, TOO_LATE)

    def _forget(self, conn: Connection) -> None:
        del self.arriving[conn]
        self.poller.unregister(conn.sock)

    def _end(self, conn: Connection, answer: bytes) -> None:
        with contextlib.suppress(OSError):
            conn.sock.send(answer)
        conn.close(graceful=True)

    def linger(self, sock: PatientSocket) -> None:
        """Close it once the client has, or soon: at once, it might lose the end of its answer."""
        try:
            sock.setblocking(False)
            sock.shutdown(socket.SHUT_WR)
            self.poller.register(sock, EVENT_READ, self._on_leftovers)
        except (OSError, ValueError):  # it is gone
            sock.close()
            return
        self.nr_conns += 1
        self.lingering[sock] = time.monotonic() + LINGER_S
        if len(self.lingering) > self.most_lingering:
            self._let_go(next(iter(self.lingering)))

    def _on_leftovers(self, sock: PatientSocket) -> None:
        if sock not in self.lingering:  # let go in another one's turn
            return
        try:
            data = sock.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._let_go(sock)

    def _let_go(self, sock: PatientSocket) -> None:
        del self.lingering[sock]
        self.poller.unregister(sock)
        self.nr_conns -= 1
        sock.close()

    def murder_pending(self) -> None:
        """Gunicorn calls it in every turn of its loop."""
        super().murder_pending()
        now = time.monotonic()
        if now < self.look_at:
            return
        self.look_at = now + LOOK_EVERY_S
        for conn in list(self.arriving):
            if not self.alive:
                conn.arrival.deadline = min(conn.arrival.deadline, now + STOPS_WITHIN_S)
            if conn.arrival.deadline <= now:
                self._give_up(conn)
        for sock in [sock for sock, until in self.lingering.items() if until <= now]:
            self._let_go(sock)
