"""People at work find patients, read when they come, correct them and register new ones."""
