"""The front page: doctors with their next free times."""
