"""What happened: insert-only events, their deliveries to handlers, and background tasks."""
