"""Many messages at once: sent again, and taken along as a table."""
