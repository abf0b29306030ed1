"""What web, worker and scheduler agree on: one queue, jobs in JSON, how long one may take."""

from typing import Any

import redis
from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer

QUEUE = "clinic"
JOB_TIMEOUT_S = 120
TICK = "tick-"  # how the id of a tick's job begins
TURNING = "scheduler:turning"  # the scheduler's note at each of its turns
TURNING_KEPT_S = 3600


class JsonJob(Job):
    """RQ pickles unless told otherwise, and rq-scheduler never tells it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["serializer"] = JSONSerializer
        super().__init__(*args, **kwargs)


def queue_on(connection: redis.Redis) -> Queue:
    return Queue(QUEUE, connection=connection, job_class=JsonJob, serializer=JSONSerializer)
