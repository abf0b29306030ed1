"""Does the web process of this container answer? Exit 0 or 1; the image's HEALTHCHECK."""

import os
import sys
import urllib.request

# The app refuses host names it was not told of; and nothing but this machine is asked.
host = os.environ.get("TRUSTED_HOSTS", "").split(",")[0].strip().lstrip(".") or "127.0.0.1"
address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health"

try:
    urllib.request.urlopen(urllib.request.Request(address, headers={"Host": host}), timeout=4)
except OSError as error:
    sys.exit(f"{address}: {error}")
