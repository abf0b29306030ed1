"""Patients who make a login."""
