"""What our messages go from, and what holds them."""
