"""Names of libraries that nobody promised us: each is listed in decision 0018, and still there."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from types import FunctionType

import apiflask.schema_adapters
import click
import email_validator
import flask_login
import flask_mail
import flask_migrate
import prometheus_client
import prometheus_client.values
import pytest
import rq
import rq_scheduler
from apiflask import APIBlueprint, APIFlask
from apiflask.schema_adapters.pydantic import PydanticAdapter
from flask import Flask, g
from flask_babel import Domain
from gunicorn import http
from gunicorn.http.unreader import Unreader
from gunicorn.workers import gthread
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import TConn, ThreadWorker
from prometheus_client.mmap_dict import MmapedDict
from twilio.http.http_client import TwilioHttpClient
from whitenoise.compress import Compressor

import clinic
from clinic.config import ROOT
from tests.architecture.tree import name_of, python_files, syntax_of

DECISION = ROOT / "docs/decisions/0018-private-parts-of-libraries.md"


def takes(function: Callable[..., object], *names: str) -> bool:
    return list(inspect.signature(function).parameters)[: len(names)] == list(names)


def flask_login_reads_g() -> bool:
    app = Flask("alone")
    flask_login.LoginManager(app)
    with app.test_request_context():
        g._login_user = somebody = flask_login.UserMixin()
        return flask_login.current_user._get_current_object() is somebody


def migrate_fills_the_extension() -> bool:
    app = Flask("alone")
    flask_migrate.Migrate(app, db=object(), directory="elsewhere")
    return app.extensions["migrate"].migrate.directory == "elsewhere"


PARTS: dict[str, Callable[[], bool]] = {
    "flask_login.LoginManager._user_callback": lambda: hasattr(
        flask_login.LoginManager(), "_user_callback"
    ),
    "flask_login.LoginManager._update_request_context_with_user": lambda: takes(
        flask_login.LoginManager._update_request_context_with_user, "self", "user"
    ),
    "flask.g._login_user": flask_login_reads_g,
    "apiflask.APIFlask._get_spec": lambda: takes(APIFlask._get_spec, "self", "spec_format"),
    "apiflask.APIBlueprint.enable_openapi": lambda: APIBlueprint("a", "a").enable_openapi,
    "apiflask.schema_adapters.registry": lambda: hasattr(
        apiflask.schema_adapters.registry, "register"
    ),
    "apiflask.schema_adapters.pydantic.PydanticAdapter.validate_input": lambda: takes(
        PydanticAdapter.validate_input, "self", "request", "location"
    ),
    "rq.Worker.perform_job": lambda: takes(rq.Worker.perform_job, "self", "job"),
    "click.Command.make_context": lambda: takes(
        click.Command.make_context, "self", "info_name", "args", "parent"
    ),
    "rq.Worker.request_stop": lambda: takes(rq.Worker.request_stop, "self", "signum", "frame"),
    "rq.Worker.heartbeat": lambda: takes(rq.Worker.heartbeat, "self", "timeout", "pipeline"),
    "rq.Worker.register_death": lambda: takes(rq.Worker.register_death, "self"),
    "rq.Worker.unsubscribe": lambda: takes(rq.Worker.unsubscribe, "self"),
    "rq.Worker.max_connection_wait_time": lambda: rq.Worker.max_connection_wait_time == 60,
    "rq.Queue.redis_queue_namespace_prefix": lambda: isinstance(
        rq.Queue.redis_queue_namespace_prefix, str
    ),
    "rq_scheduler.Scheduler.heartbeat": lambda: takes(rq_scheduler.Scheduler.heartbeat, "self"),
    "rq_scheduler.Scheduler.register_death": lambda: takes(
        rq_scheduler.Scheduler.register_death, "self"
    ),
    "rq_scheduler.Scheduler.remove_lock": lambda: takes(rq_scheduler.Scheduler.remove_lock, "self"),
    "rq_scheduler.Scheduler.enqueue_job": lambda: takes(
        rq_scheduler.Scheduler.enqueue_job, "self", "job"
    ),
    "rq_scheduler.Scheduler.scheduled_jobs_key": lambda: isinstance(
        rq_scheduler.Scheduler.scheduled_jobs_key, str
    ),
    "flask_mail.Connection.configure_host": lambda: takes(
        flask_mail.Connection.configure_host, "self"
    ),
    "flask_mail.Message.msgId": lambda: hasattr(
        flask_mail.Message(sender="a@cast.example"), "msgId"
    ),
    "twilio.http.http_client.TwilioHttpClient.request": lambda: takes(
        TwilioHttpClient.request, "self", "method", "url"
    ),
    "twilio.http.http_client.TwilioHttpClient.timeout": lambda: (
        TwilioHttpClient(timeout=3).timeout == 3
    ),
    "email_validator.SPECIAL_USE_DOMAIN_NAMES": lambda: isinstance(
        email_validator.SPECIAL_USE_DOMAIN_NAMES, list
    ),
    "whitenoise.compress.Compressor": lambda: (
        takes(Compressor.compress, "self", "path") and Compressor().should_compress("app.css")
    ),
    "gunicorn.workers.base.Worker.handle_exit": lambda: takes(
        Worker.handle_exit, "self", "sig", "frame"
    ),
    "gunicorn.workers.gthread.ThreadWorker.accept": lambda: takes(
        ThreadWorker.accept, "self", "listener"
    ),
    "gunicorn.workers.gthread.ThreadWorker.enqueue_req": lambda: (
        takes(ThreadWorker.enqueue_req, "self", "conn")
        # What is accepted, has waited or is kept alive: nothing gets a thread another way.
        and inspect.getsource(gthread).count("self.tpool.submit(") == 1
    ),
    "gunicorn.workers.gthread.ThreadWorker.handle_request": lambda: takes(
        ThreadWorker.handle_request, "self", "req", "conn"
    ),
    "gunicorn.http.message.Message.force_close": lambda: takes(http.Message.force_close, "self"),
    "gunicorn.http.parser.Parser.finish_body": lambda: takes(
        http.RequestParser.finish_body, "self", "deadline"
    ),
    "gunicorn.workers.gthread.ThreadWorker.murder_pending": lambda: (
        takes(ThreadWorker.murder_pending, "self")
        and inspect.getsource(ThreadWorker.run).count("self.murder_pending()") == 2
    ),
    "gunicorn.workers.gthread.ThreadWorker.nr_conns": lambda: (
        {"nr_conns", "poller", "max_keepalived"}
        <= {name for name in ThreadWorker.__init__.__code__.co_names}
    ),
    "gunicorn.workers.gthread.TConn.close": lambda: takes(TConn.close, "self", "graceful"),
    "gunicorn.workers.gthread.TConn.data_ready": lambda: (
        {"parser", "data_ready"} <= set(TConn.__init__.__code__.co_names)
    ),
    "gunicorn.http.get_parser": lambda: takes(http.get_parser, "cfg", "source", "source_addr"),
    "gunicorn.http.unreader.Unreader.take_buffered": lambda: takes(Unreader.take_buffered, "self"),
    "gunicorn.http.unreader.Unreader.unread": lambda: takes(Unreader.unread, "self", "data"),
    "prometheus_client.values.MmapedDict": lambda: (
        hasattr(prometheus_client.values, "MmapedDict")
        and takes(MmapedDict.read_value, "self", "key")
        and takes(MmapedDict.write_value, "self", "key", "value", "timestamp")
        and takes(MmapedDict.close, "self")
    ),
    "flask_babel.Domain.get_translations": lambda: takes(Domain.get_translations, "self"),
    "flask_migrate.Migrate": migrate_fills_the_extension,
}
DOCUMENTED = {  # an underscore, and yet a promise
    "_mapping": "SQLAlchemy's rows",
    "_replace": "named tuples, and urllib's parts of an address",
    "_get_current_object": "Werkzeug's proxies",
    "_exit": "os",
    "_env_file": "pydantic-settings",
    "_env_file_encoding": "pydantic-settings",
    "_secrets_dir": "pydantic-settings",
}
TO_BE_REPLACED = {  # methods that libraries ask their users to write
    "apiflask.APIBlueprint.add_url_rule",
    "apiflask.APIBlueprint.input",
    "apiflask.APIBlueprint.output",
    "apiflask.APIFlask.ensure_sync",
    "flask.DefaultJSONProvider.loads",
    "flask.SecureCookieSessionInterface.is_null_session",
    "flask.SecureCookieSessionInterface.open_session",
    "flask_wtf.FlaskForm.validate",
    "flask_sqlalchemy.Session.execute",
    "flask_sqlalchemy.Session.get_bind",
    "flask_sqlalchemy.Session.scalar",
    "flask_sqlalchemy.Session.scalars",
    "io.RawIOBase.readable",
    "io.RawIOBase.readinto",
    "logging.Handler.close",
    "logging.Handler.emit",
    "prometheus_client.Collector.collect",
    "socket.socket.recv",
    "socket.socket.sendall",
    "sqlalchemy.TypeDecorator.load_dialect_impl",
    "sqlalchemy.TypeDecorator.process_bind_param",
    "sqlalchemy.TypeDecorator.process_result_value",
}


@pytest.mark.parametrize("part", PARTS)
def test_the_part_is_still_there(part: str) -> None:
    try:
        is_there = PARTS[part]()
    except (AttributeError, TypeError) as error:
        pytest.fail(f"{part} is gone or changed ({error}): see {name_of(DECISION)}")
    assert is_there, f"{part} is gone or changed: see {name_of(DECISION)}"


def test_the_decision_lists_the_same_parts() -> None:
    told = dict(re.findall(r"^\| `([\w.]+)` \| `([\w./]+)`", DECISION.read_text(), re.M))
    assert list(told) == list(PARTS)
    for part, where in told.items():
        path = ROOT / where if where == "gunicorn.conf.py" else ROOT / "clinic" / where
        assert part.rpartition(".")[2] in path.read_text(), part


def underscored(tree: ast.Module) -> Iterator[str]:
    """Names with an underscore that the file asks others for, and does not make itself."""
    own = {one.value for one in ast.walk(tree) if isinstance(one, ast.Constant)}  # labels of SQL
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            own.add(node.name)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            own |= {node.attr} if ast.unparse(node.value) == "self" else set()
    asked = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    asked += [node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword) if node.arg]
    asked += [node.name for node in ast.walk(tree) if isinstance(node, ast.alias)]
    for name in asked:
        if re.match(r"_(?!_)\w", name) and name not in own:
            yield name


def test_no_other_private_name_is_used() -> None:
    used = {
        name
        for path in [*python_files("clinic"), ROOT / "gunicorn.conf.py", ROOT / "wsgi.py"]
        for name in underscored(syntax_of(path))
    }
    private = {name for part in PARTS if (name := part.rpartition(".")[2]).startswith("_")}
    assert used == private | DOCUMENTED.keys()


def replaced_methods() -> Iterator[tuple[str, str]]:
    """`library.Class.method` for each that a class of ours has instead, by library and name."""
    for found in pkgutil.walk_packages(clinic.__path__, "clinic."):
        if found.name == "clinic.__main__":
            continue
        module = importlib.import_module(found.name)
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                yield from replaced_by(kind)


def replaced_by(kind: type) -> Iterator[tuple[str, str]]:
    methods = {name for name, value in vars(kind).items() if isinstance(value, FunctionType)}
    for name in methods:
        for base in kind.__mro__[1:]:
            library = base.__module__.partition(".")[0]
            if name.startswith("__") or library in ("clinic", "builtins", "enum"):
                continue
            if hasattr(base, name):
                yield library, f"{base.__name__}.{name}"
                break


def test_no_other_method_of_a_library_is_replaced() -> None:
    promised = {(one.partition(".")[0], one.partition(".")[2]) for one in TO_BE_REPLACED}
    private = {(part.partition(".")[0], ".".join(part.split(".")[-2:])) for part in PARTS}
    replaced = set(replaced_methods())
    assert promised <= replaced <= promised | private
