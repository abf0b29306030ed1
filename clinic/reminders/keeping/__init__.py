"""Commands on reminders: make, change, pause, cancel, send now."""
