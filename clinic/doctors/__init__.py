"""Doctors' profiles, and how patients find them."""
