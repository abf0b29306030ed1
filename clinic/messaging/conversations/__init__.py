"""What a number and an organisation write to one another, kept as it comes in."""
