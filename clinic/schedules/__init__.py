"""Availability windows, time off, and the slots they make."""
