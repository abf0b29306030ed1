"""What happened becomes deliveries, and deliveries become calls: apart from all other work."""
