"""What people text."""
