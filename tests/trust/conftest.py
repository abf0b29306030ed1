from tests.crowd import FULL
from tests.trust.workshop import clinic

__all__ = ["clinic"]

# Time is measured when nothing else runs, or it says nothing.
collect_ignore = [] if FULL else ["test_equal_time.py"]
