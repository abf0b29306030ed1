"""Doctors by program."""
