"""What operators see: logs, figures, health."""
