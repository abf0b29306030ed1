"""The clock of the server."""

from datetime import datetime

from pydantic import Field

from clinic.api.frame import Out, Resource, example
from clinic.core import clock
from clinic.core.web.security import public

bp = Resource("time", tag="Time")


class NowOut(Out):
    server_utc: datetime = Field(description="The server's clock, UTC")

    model_config = example({"server_utc": "2026-11-16T06:30:00Z"})


@bp.get("/time/now")
@public
@bp.output(NowOut)
def now() -> dict[str, datetime]:
    """What time it is here, for programs that show a countdown."""
    return {"server_utc": clock.now()}
