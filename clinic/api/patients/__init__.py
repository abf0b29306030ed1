"""Patients by program."""
