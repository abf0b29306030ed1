"""An organisation's own reminders, its quiet hours, and what follows when they change."""
