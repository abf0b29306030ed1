"""Hours by program."""
