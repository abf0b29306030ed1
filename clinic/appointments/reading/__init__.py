"""Visits as people and programs read them."""
