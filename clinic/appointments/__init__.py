"""Visits: booking, their life cycle, the boards."""
