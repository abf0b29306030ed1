"""A visit is booked; `move.py` is the command of another time."""
