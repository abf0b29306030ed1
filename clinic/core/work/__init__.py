"""What happens behind a request: the queue, its clock, Redis."""
