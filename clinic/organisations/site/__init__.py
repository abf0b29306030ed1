"""What a page says of the clinic it belongs to."""
