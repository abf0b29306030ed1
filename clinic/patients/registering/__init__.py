"""A new person at the desk, or in the middle of a booking."""
