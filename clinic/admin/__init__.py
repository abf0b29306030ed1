"""What runs the clinic: health of the system and the invariants of its data."""
