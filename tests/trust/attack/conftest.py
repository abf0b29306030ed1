from tests.crowd import FULL
from tests.trust.attack.site import site
from tests.trust.workshop import clinic

__all__ = ["clinic", "site"]

# Each finding has a test of its own in `make test`; here the whole story runs against the product
# as it is started, and takes minutes.
collect_ignore = [] if FULL else ["test_attacks.py", "test_proxies.py"]
