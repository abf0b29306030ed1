"""A visit is booked or moved."""
