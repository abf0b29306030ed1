"""How often a request goes to the database, as the database and the wire tell it.

Statements are counted in PostgreSQL's own log (log_statement=all), BEGIN and COMMIT included. Trips
are counted by a relay before the database: each time a client speaks again after the server has
answered is one trip, so statements sent at once, in a pipeline, are one.
"""

import re
import selectors
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from bench.load import Connection
from bench.process import Process, free_port
from bench.stage import DurablePostgres

WARM_UP = 12  # requests over one connection: psycopg prepares after five
STATEMENT = re.compile(rb"LOG:  (statement|execute [^:]*): ")


@dataclass(frozen=True, slots=True)
class Trips:
    """Of one request, on the average of several."""

    statements: float
    trips: float

    def figures(self) -> dict[str, float]:
        return {"statements, by its log": self.statements, "trips to the database": self.trips}


class Relay:
    """Passes bytes between clients and the database, and counts the turns."""

    def __init__(self, target: int) -> None:
        self.target, self.port, self.trips = target, free_port(), 0
        self.selector = selectors.DefaultSelector()
        self.door = socket.create_server(("127.0.0.1", self.port))
        self.stopping = threading.Event()
        self.spoke_last: dict[socket.socket, bool] = {}  # by the client's end
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Relay":
        self.selector.register(self.door, selectors.EVENT_READ, None)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
        self.selector.close()

    def _run(self) -> None:
        while not self.stopping.is_set():
            for key, _ in self.selector.select(0.1):
                if key.data is None:
                    self._meet()
                else:
                    self._pass(key.fileobj, *key.data)  # type: ignore[arg-type]

    def _meet(self) -> None:
        client, _ = self.door.accept()
        server = socket.create_connection(("127.0.0.1", self.target))
        for one in (client, server):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.spoke_last[client] = False
        self.selector.register(client, selectors.EVENT_READ, (server, client, True))
        self.selector.register(server, selectors.EVENT_READ, (client, client, False))

    def _pass(
        self, one: socket.socket, other: socket.socket, client: socket.socket, is_client: bool
    ) -> None:
        try:
            part = one.recv(262144)
            if part:
                other.sendall(part)
        except OSError:
            part = b""
        if not part:
            for end in (one, other):
                self.selector.unregister(end)
                end.close()
            return
        if is_client and not self.spoke_last[client]:
            self.trips += 1
        self.spoke_last[client] = is_client


@contextmanager
def relayed(database: str) -> Iterator[tuple[Relay, str]]:
    """A relay before this database, and the URL by which it is reached."""
    port = urlsplit(database).port
    assert port
    with Relay(port) as relay:
        yield relay, database.replace(f":{port}/", f":{relay.port}/")


@contextmanager
def logged(postgres: DurablePostgres, database: str) -> Iterator[None]:
    """Connections that are opened inside the block have their statements logged."""
    name = urlsplit(database).path.lstrip("/")
    with postgres.connect() as connection:
        connection.execute(f"ALTER DATABASE {name} SET log_statement = 'all'")
        try:
            yield
        finally:
            connection.execute(f"ALTER DATABASE {name} RESET log_statement")


def count(
    postgres: DurablePostgres, relay: Relay, web: Process, requests: Sequence[bytes], expected: int
) -> Trips:
    """Send the requests one after another over one connection; the first of them warm up."""
    warm_up, counted = requests[:WARM_UP], requests[WARM_UP:]
    connection = Connection(web.port)
    _send(connection, warm_up, expected)
    position, trips = postgres.log.stat().st_size, relay.trips
    _send(connection, counted, expected)
    connection.close()
    with postgres.log.open("rb") as log:
        log.seek(position)
        statements = len(STATEMENT.findall(log.read()))
    return Trips(statements / len(counted), (relay.trips - trips) / len(counted))


def _send(connection: Connection, requests: Sequence[bytes], expected: int) -> None:
    for raw in requests:
        status, body = connection.ask(raw)
        assert status == expected, (status, body[:300])
