"""The steps of a visit after booking."""
