"""Programs, for stories that go through pages and API alike."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.api.conftest import Caller
from tests.cast import Person


@pytest.fixture
def api(app: Flask) -> Callable[[Person | None], Caller]:
    """A program with somebody's token; of nobody without one."""
    return lambda person: Caller(app, person)
