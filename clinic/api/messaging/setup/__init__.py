"""By program: what messages go from, and whether they can go and come."""
