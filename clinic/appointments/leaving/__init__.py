"""Somebody or something that visits to come depend on is no more: what becomes of them."""
