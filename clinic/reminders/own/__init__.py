"""Reminders that people make: when again, to whom, and how they become messages."""
