"""What pydantic writes is to the byte what jsonify() would make of it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask, jsonify
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from clinic.api import frame, wiring
from clinic.api.frame import Out

MODELS = {
    f"{resource.__name__.rpartition('.')[2]}.{name}": model
    for resource in wiring.RESOURCES
    for name, model in vars(resource).items()
    if isinstance(model, type) and issubclass(model, BaseModel) and name.endswith(("Out", "Page"))
    if model.model_config.get("json_schema_extra")
}


class Told(Out):
    words: str
    number: float
    whole: int
    flag: bool | None
    at: datetime
    many: dict[str, list[str]]


def by_flask(model: type[BaseModel], found: Any) -> bytes:
    told = model.model_validate(found).model_dump(mode="json", by_alias=True)
    return jsonify(told).get_data()


@pytest.mark.parametrize("name", MODELS)
def test_every_answer_is_written_as_before(in_app: Flask, name):
    model = MODELS[name]
    for value in model.model_config["json_schema_extra"]["examples"]:
        assert frame.text_of(model, value).encode() == by_flask(model, value)


def test_so_is_whatever_people_write(in_app: Flask):
    moments = st.integers(-2_000_000_000, 4_000_000_000).map(
        lambda second: datetime.fromtimestamp(second, UTC)
    )

    @given(
        words=st.text(),
        # Smaller fractions are the same number in another notation: 0.00001 and 1e-05.
        number=st.floats(-1e15, 1e15, allow_nan=False).map(lambda one: round(one, 4)),
        whole=st.integers(),
        flag=st.none() | st.booleans(),
        at=moments,
        many=st.dictionaries(st.text(), st.lists(st.text(), max_size=3), max_size=3),
    )
    def check(**found: Any) -> None:
        assert frame.text_of(Told, found).encode() == by_flask(Told, found)

    check()
