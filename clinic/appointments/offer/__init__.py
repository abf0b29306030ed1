"""Which times are offered; what a page shows is what can be booked."""
