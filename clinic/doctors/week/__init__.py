"""One doctor and a week of free times."""
