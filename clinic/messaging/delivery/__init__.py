"""From queued to a visible end, once."""
