"""Reminders by program."""
